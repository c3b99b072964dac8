"""Noise with the correlators D, by one of the rules for it."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.derivation.noise.certificate import certificate
from sdeframe.derivation.noise.conjugate import conjugate_noise
from sdeframe.derivation.noise.emitters import field_among, field_between, split_between, structure_among
from sdeframe.derivation.noise.modes import doubled_noise
from sdeframe.derivation.noise.source import Source, Unmatched
from sdeframe.derivation.phase_space.generator import Generator

__all__ = ["RULES", "factorized"]

RULES: Final = {
    "structure": (field_between, structure_among),
    "field": (field_between, field_among),
    "split": (split_between, structure_among),
}
"""Noise between modes and emitters, noise of emitters among each other."""


def factorized(g: Generator, rule: str, constant: Any | None, doubled: bool, negative: str = "refuse") -> list[Source]:
    """Return noises whose correlators are D.

    Parameters
    ----------
    g
        The generator.
    rule
        "structure": one complex noise for each product of two first-order operators; "field": one for each variable
        of a mode, and of an emitter where emitters correlate; "split": as "structure", but the part −Tρ of each
        emitter has a noise S of its own, and so has every term that is left between a mode and an emitter.
    constant
        Factor of the noise between modes and emitters on the mode (A45); equal sizes on both sides if None.
    doubled
        Whether α† is independent of α; if not, the rule makes no difference.
    negative
        As of `Representation`.

    Raises
    ------
    ValueError
        If the rule is unknown, diffusion is negative, or the certificate fails.
    """
    if rule not in RULES:
        raise ValueError(f"noise={rule!r}: give one of {', '.join(map(repr, RULES))}")
    if not doubled:
        return conjugate_noise(g, negative)
    D = Unmatched(g)
    between, among = RULES[rule]
    doubled_noise(D)
    between(D, constant)
    among(D)
    wrong = certificate(g, D.sources)
    if wrong:
        (x, y), error = next(iter(wrong.items()))
        raise ValueError(f"no noise was found: <d{x} d{y}> − D dt = ({error}) dt; take another rule than {rule!r}")
    return D.sources
