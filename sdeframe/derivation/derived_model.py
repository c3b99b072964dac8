"""Models whose equations are derived from a master equation, with the exact solution of that equation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import attrs
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.caches import cached
from sdeframe.derivation.derive import Derivation, derive
from sdeframe.derivation.exact.solver import exact_means
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.phase_space.representations import PositiveP
from sdeframe.derivation.starts.initial_values import initial_values
from sdeframe.derivation.starts.states import Coherent, ModeState
from sdeframe.interfaces.model import Expressions, SolvableModel
from sdeframe.interfaces.poles import Poles
from sdeframe.symbolic.system import SDE


class DerivedModel(SolvableModel):
    """A model that is a master equation: its equations in positive-P, its poles and its exact averages follow.

    Derive from it an attrs class whose fields are the physical parameters. It says four things: the `master` equation
    with parameters as symbols, the `operators` to average by name, the `start_state` of every mode and of all emitters,
    and the values of the `parameters`. The population of the first level of emitters is eliminated. Models that only
    numbers tell apart share one derivation.
    """

    noise: ClassVar[str] = "split"
    """How D becomes noise, see `Derivation.sde`."""

    @property
    @abstractmethod
    def master(self) -> Master:
        """The master equation, parameters as symbols."""

    @property
    @abstractmethod
    def operators(self) -> Mapping[str, Operator]:
        """What is averaged, by name."""

    @abstractmethod
    def start_state(self) -> Mapping[Any, Any]:
        """Return the state of every mode and of all emitters at the start."""

    @property
    def derivation(self) -> Derivation:
        """The derivation of the equations, step by step."""
        return _derivation(_equation(self))

    @property
    def observables(self) -> Expressions:
        """The variables whose averages are those of the operators."""
        return {name: self.derivation.average(operator) for name, operator in self.operators.items()}

    @property
    def runaway_variables(self) -> tuple[sp.Symbol, ...]:
        """The variables of emitters, whose poles are the strongest, where there are emitters."""
        everything = tuple(self.system().variables.values())
        fields = {x for mode in self.master.modes for x in mode.variables}
        return tuple(x for x in everything if x not in fields) or everything

    @property
    def poles(self) -> Poles:
        """Poles: of the populations of emitters, else of photon numbers, the product of two variables.

        The unit of photon numbers is <|α|²> at the start, at least 1.
        """
        if self.master.emitters:
            kept = set(self.system().variables.values())
            populations = [self.derivation.average(x) for e in self.master.emitters for x in _populations(e)]
            return Poles(strongest=tuple(x for x in populations if x in kept))
        spreads = [state.spread(self.parameters()) for state in self.start_state().values()]
        numbers = tuple(sp.Mul(*mode.variables) for mode in self.master.modes)
        return Poles(scale=max(1.0, *spreads), strongest=numbers, power=2)

    def system(self) -> SDE:
        """Return the derived equations."""
        return _system(_equation(self), self.noise)

    def initial_state(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Return the start as random numbers in phase space."""
        values = initial_values(self.master, PositiveP(), self.start_state())
        return {x: values[x] for x in self.system().variables.values()}

    def exact(self, times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        """Return the exact averages, from the density matrix.

        Raises
        ------
        ValueError
            If the density matrix is too large.
        """
        return exact_means(self.master, self.operators, self.start_state(), times, self.parameters())


def _populations(e: Emitters) -> list[Operator]:
    """Return the populations of each emitter, or of identical ones their mean."""
    if e.individual:
        return [e.on(mu, i, i) for mu in e.numbers for i in e.levels]
    return [e.sum(i, i) / e.size for i in e.levels]


@attrs.frozen
class _Equation:
    """A master equation by what it holds, so that models which only numbers tell apart are derived once."""

    held: tuple[Any, ...]
    master: Master = attrs.field(eq=False)


def _equation(model: DerivedModel) -> _Equation:
    master = model.master
    return _Equation(master.held, master)


@cached(64)
def _derivation(equation: _Equation) -> Derivation:
    derivation = derive(equation.master, PositiveP())
    for level in sorted({e.levels[0] for e in equation.master.emitters}):
        derivation = derivation.reduce_trace(level)
    return derivation


@cached(64)
def _system(equation: _Equation, noise: str) -> SDE:
    return _derivation(equation).sde(noise=noise)


def valued(symbols: Iterable[Any], values: Iterable[Any]) -> dict[sp.Symbol, float]:
    """Return symbols with their values, without rates that are 0, which stand in no equation."""
    return {s: float(v) for s, v in zip(symbols, values, strict=True) if v or not s.is_positive}


def mode_state(value: Any) -> ModeState:
    """Return a state of a mode; a number is the amplitude of a coherent one."""
    return value if isinstance(value, ModeState) else Coherent(value)


def exchange(atoms: Emitters, a: Operator) -> Operator:
    """Return Σ_μ (σ_eg a + σ_ge a†)."""
    return atoms.sum("eg") * a + atoms.sum("ge") * a.dag()


def pair(atoms: Emitters) -> Operator:
    """Return σ_eg of one identical atom times σ_ge of another one."""
    N = atoms.size
    return (atoms.sum("eg") * atoms.sum("ge") - atoms.sum("ee")) / (N * (N - 1))
