"""What operators do to an unnormalised ket, as differential operators in its variables.

A ket is ||α>> = exp(αa†)|0> for every mode and a product state of emitters, identical ones in one spinor ψ, so that

    a†^m aⁿ -> αⁿ ∂_α^m,      Σ_μ σ_ij -> ψ_j ∂_{ψ_i},      Σ_{μ≠ν} σ_ij^μ σ_kl^ν -> ψ_j ψ_l ∂_{ψ_i} ∂_{ψ_k},

of emitters with variables of their own each on its spinor. As H is in normal order, derivatives stand on the right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.monomials import Monomial, Transition
from sdeframe.derivation.operators.text import monomial_text
from sdeframe.derivation.phase_space.generator import Slopes
from sdeframe.derivation.phase_space.polynomials import Poly, add_up
from sdeframe.symbolic.symbols import complex_variables

__all__ = ["KetKey", "ket_keys", "left_action", "spinor"]


class KetKey(NamedTuple):
    """α of a mode, or ψ_p of emitters, by number where they have variables of their own."""

    part: str
    level: str | None = None
    number: int | None = None

    @property
    def emitter(self) -> None:
        """None: no pair of variables is free, as kets are not linear in a spinor that several emitters share."""
        return None

    @property
    def is_population(self) -> bool:
        """False: an amplitude is none."""
        return False

    def variable(self, parts: Mapping[str, Any]) -> Any:
        """Return the symbol of the variable, for the modes and emitters of a system by name."""
        part = parts[self.part]
        if self.level is None:
            return part.variables[0]
        number = "" if self.number is None else f"_{self.number}"
        return complex_variables(f"{self.part}_{self.level}{number}")


def spinor(e: Emitters, number: int | None = None) -> list[KetKey]:
    """Return the keys of the amplitudes of some emitters, in the order of their levels."""
    return [KetKey(e.name, level, number) for level in e.levels]


def ket_keys(master: Master) -> tuple[KetKey, ...]:
    """Return the keys of all variables."""
    spinors = [key for e in master.emitters for mu in (e.numbers if e.individual else [None]) for key in spinor(e, mu)]
    return (*(KetKey(mode.name) for mode in master.modes), *spinors)


def left_action(master: Master, number: Mapping[KetKey, int]) -> dict[Slopes, Poly]:
    """Return H as a differential operator: the variables derived by -> coefficient.

    Raises
    ------
    ValueError
        If a term of H is one of third or higher order.
    """
    terms: dict[Slopes, list[Poly]] = {}
    for m, c in master.H.terms.items():
        slopes, powers = _of_monomial(m, number)
        if len(slopes) > 2:
            raise ValueError(
                f"H holds {monomial_text(m)}, which takes {len(slopes)} derivatives of a ket; at most two may be: no "
                f"stochastic equation has terms of third or higher order"
            )
        terms.setdefault(slopes, []).append({powers: c})
    return {slopes: p for slopes, of in sorted(terms.items()) if (p := add_up(*of))}


def _of_monomial(m: Monomial, number: Mapping[KetKey, int]) -> tuple[Slopes, tuple[int, ...]]:
    """Return the variables derived by, and those that multiply."""
    slopes: list[int] = []
    powers: list[int] = []
    for mode, created, annihilated in m.bosons:
        slopes += [number[KetKey(mode)]] * created
        powers += [number[KetKey(mode)]] * annihilated
    moved: list[tuple[str, int | None, Transition]] = [(name, mu, ij) for (name, mu), ij in m.sites]
    moved += [(name, None, ij) for name, cloud in m.clouds for ij in cloud.others]
    for name, mu, (i, j) in moved:
        slopes.append(number[KetKey(name, i, mu)])
        powers.append(number[KetKey(name, j, mu)])
    return tuple(sorted(slopes)), tuple(sorted(powers))
