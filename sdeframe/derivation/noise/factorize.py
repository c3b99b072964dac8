"""The rules for noise, put together, and their certificate."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.derivation.noise.emitters import emitter_noise, hub_noise, split_noise, vertex_noise
from sdeframe.derivation.noise.modes import conjugate_noise, doubled_noise
from sdeframe.derivation.noise.source import Rest, Source, certificate
from sdeframe.derivation.phase_space.generator import Generator

__all__ = ["RULES", "factorized"]

RULES: Final = ("structure", "field", "split")


def factorized(g: Generator, rule: str, constant: Any | None, doubled: bool) -> list[Source]:
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
        Whether α† is independent of α.

    Raises
    ------
    ValueError
        If the rule is unknown, diffusion is negative, or the certificate fails.
    """
    if rule not in RULES:
        raise ValueError(f"noise={rule!r}: give one of {', '.join(map(repr, RULES))}")
    rest = Rest(g)
    if not doubled:
        conjugate_noise(rest)
    else:
        doubled_noise(rest)
        (split_noise if rule == "split" else hub_noise)(rest, constant)
        (vertex_noise if rule == "field" else emitter_noise)(rest)
    wrong = certificate(g, rest.sources)
    if wrong:
        (x, y), error = next(iter(wrong.items()))
        raise ValueError(f"no noise was found: <d{x} d{y}> − D dt = ({error}) dt; take another rule than {rule!r}")
    return rest.sources
