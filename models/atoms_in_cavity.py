"""Two-level atoms in one cavity, each with a coupling, a detuning and a decay of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation import Boson, DerivedModel, Emitters, Master, Operator
from sdeframe.derivation.derived_model import valued
from sdeframe.derivation.starts.states import Coherent, ModeState, mode_state
from sdeframe.symbolic.symbols import parameters
from sdeframe.validators import finite, non_negative, one_of

a = Boson("a")
kappa = parameters("kappa", positive=True)


def _each(check: Any) -> Any:
    return attrs.validators.deep_iterable(member_validator=check)


def _numbers(values: Any) -> tuple[float, ...]:
    return tuple(values) if isinstance(values, Iterable) else (values,)


@attrs.frozen(slots=False)
class AtomsInCavity(DerivedModel):
    """H = Σ_μ ω_μ σ_ee^μ + f_μ (σ_eg^μ a + σ_ge^μ a†) with losses κ D[a] and γ_μ D[σ_ge^μ].

    Parameters
    ----------
    couplings
        f_μ, one of each atom.
    detunings
        ω_μ.
    decays
        γ_μ.
    cavity_decay
        κ.
    start
        "e" or "g": what all atoms are at the start.
    field
        The state of the field at the start; a number is the amplitude of a coherent one.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or there is not one of each for each atom.
    """

    couplings: tuple[float, ...] = attrs.field(default=(0.5, 0.8), converter=_numbers, validator=_each(finite))
    detunings: tuple[float, ...] = attrs.field(default=(0.3, -0.4), converter=_numbers, validator=_each(finite))
    decays: tuple[float, ...] = attrs.field(default=(0.2, 0.5), converter=_numbers, validator=_each(non_negative))
    cavity_decay: float = attrs.field(default=0.6, validator=non_negative)
    start: str = attrs.field(default="e", validator=one_of("e", "g"))
    field: ModeState = attrs.field(default=Coherent(0.5), converter=mode_state)

    def __attrs_post_init__(self) -> None:
        counts = {len(self.couplings), len(self.detunings), len(self.decays)}
        if len(counts) != 1 or 0 in counts:
            raise ValueError(
                f"{len(self.couplings)} couplings, {len(self.detunings)} detunings and {len(self.decays)} decays of "
                f"AtomsInCavity: give one of each for each atom"
            )

    @cached_property
    def atoms(self) -> Emitters:
        """The atoms."""
        return Emitters("rho", levels="ge", size=len(self.couplings), individual=True)

    @cached_property
    def _symbols(self) -> dict[str, tuple[Any, ...]]:
        count = len(self.couplings)
        return {
            "f": parameters(f"f:{count}"),
            "omega": parameters(f"omega:{count}"),
            "gamma": parameters(f"gamma:{count}", positive=True),
        }

    @property
    def master(self) -> Master:
        """The master equation."""
        at, s = self.atoms, self._symbols
        H = 0 * a
        for mu in at.numbers:
            H += s["omega"][mu] * at.on(mu, "ee")
            H += s["f"][mu] * (at.on(mu, "eg") * a + at.on(mu, "ge") * a.dag())
        decays = [(s["gamma"][mu], at.on(mu, "ge")) for mu in at.numbers if self.decays[mu]]
        return Master(H, [(kappa, a), *decays] if self.cavity_decay else decays)

    @property
    def operators(self) -> Mapping[str, Operator]:
        """<σ_ee> of every atom, <a†a> and <σ_eg σ_ge> of the first two."""
        at = self.atoms
        asked = {f"excited_{mu}": at.on(mu, "ee") for mu in at.numbers} | {"photon_number": a.dag() * a}
        return asked | ({"pair": at.on(0, "eg") * at.on(1, "ge")} if len(at.numbers) > 1 else {})

    def start_state(self) -> Mapping[Any, Any]:
        """Return the states of field and atoms."""
        return {a: self.field, self.atoms: self.start}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return κ and f_μ, ω_μ, γ_μ of every atom."""
        s = self._symbols
        symbols = (kappa, *s["f"], *s["omega"], *s["gamma"])
        return valued(symbols, (self.cavity_decay, *self.couplings, *self.detunings, *self.decays))
