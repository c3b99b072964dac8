"""Models that are a master equation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.caches import cached
from sdeframe.derivation.derive import Derivation, derive
from sdeframe.derivation.exact.cutoffs import increasing_times
from sdeframe.derivation.exact.solver import exact_means, exact_solution
from sdeframe.derivation.kets.derivation import KetDerivation, ket_derivation
from sdeframe.derivation.kets.number_states import between_kets, number_basis
from sdeframe.derivation.kets.quanta import check_keeps, quanta
from sdeframe.derivation.kets.representation import Ket
from sdeframe.derivation.kets.sectors import sector_means, sector_start, shares
from sdeframe.derivation.kets.start import ket_start
from sdeframe.derivation.operators.around import left_and_right
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.operators import Operator, as_operator
from sdeframe.derivation.phase_space.representations import PositiveP, Representation
from sdeframe.derivation.starts.initial_values import initial_values
from sdeframe.derivation.to_qutip import to_qutip
from sdeframe.growth.kinds import kind
from sdeframe.interfaces.kets import KetOperator, NumberBasis
from sdeframe.interfaces.model import Expressions, SolvableModel
from sdeframe.interfaces.poles import Poles
from sdeframe.symbolic.symbols import Carried
from sdeframe.symbolic.system import SDE

__all__ = ["DerivedModel", "valued"]


class DerivedModel(SolvableModel):
    """A model that is a master equation; derive your own from it, with physical parameters as its attrs fields.

    A model gives four things: `master`, `operators`, `start_state()`, and in `parameters()` the value of every
    parameter. The rest follows: equations in positive-P, without the population of the first level of emitters;
    random initial values; observables, poles and exact averages. Models with equal master equations share one
    derivation, whatever the values of their parameters.
    """

    noise: ClassVar[str] = "split"
    """How D becomes noise in positive-P: "structure", "field" or "split", see `Derivation.sde`."""

    @property
    @abstractmethod
    def master(self) -> Master:
        """The master equation, parameters as symbols; it may be built anew each time."""

    @property
    @abstractmethod
    def operators(self) -> Mapping[str, Operator]:
        """What is averaged, by name."""

    @abstractmethod
    def start_state(self) -> Mapping[Any, Any]:
        """Return the state of every mode and of all emitters at the start.

        For a mode it is `Coherent`, `Thermal`, `Squeezed`, `Gaussian`, `Cat`, `Fock` or `DensityMatrix`; for several
        modes together, as a tuple, `TwoModeSqueezed` or `Gaussian`; for emitters with L levels one level or density
        matrix of shape (L, L), or a list of one for each if they are individual.
        """

    @property
    def representation(self) -> Representation | Ket:
        """The representation in phase space, or kets."""
        return PositiveP()

    @property
    def derivation(self) -> Derivation | KetDerivation:
        """The derivation of the equations, step by step."""
        representation = self.representation
        if isinstance(representation, Ket):
            return ket_derivation(self.master, representation)
        return _derivation(self.master, representation)

    @property
    def observables(self) -> Expressions | Mapping[str, KetOperator]:
        """The variables whose averages are those of the operators; in kets the operators between two of them."""
        derivation = self.derivation
        if isinstance(derivation, KetDerivation):
            return {name: self.between(operator) for name, operator in self.operators.items()}
        return {name: derivation.average(operator) for name, operator in self.operators.items()}

    def average(self, operator: Any) -> sp.Expr:
        """Return the expression in the variables whose average is that of an operator."""
        self._check_parts(operator)
        return self.derivation.average(operator)

    def between(self, operator: Any) -> KetOperator:
        """Return an operator between two kets, in number states up to what the start holds."""
        self._check_parts(operator)
        representation = self.representation
        if not isinstance(representation, Ket):
            return super().between(operator)
        if representation.sector is not None and (counts := quanta(self.master)):
            check_keeps(as_operator(operator), counts, representation.sector)
        return between_kets(self.master, self._number_basis(representation), as_operator(operator), self.parameters())

    def _number_basis(self, representation: Ket) -> NumberBasis:
        return number_basis(self.master, representation, ket_start(self.master, self.start_state()), self.parameters())

    @property
    def sector_weights(self) -> Mapping[int, float]:
        """The probability of every number of quanta at the start, where H conserves one, but for tails below 1e-10.

        Raises
        ------
        TypeError, ValueError
            If this is no model of kets, or H conserves no number.
        """
        representation = self.representation
        if not isinstance(representation, Ket):
            raise TypeError(f"sector_weights in {representation.name}: only kets have sectors: take Ket()")
        if quanta(self.master) is None:
            raise ValueError(f"sector_weights of {self.master.H}: it conserves no number of quanta")
        basis = self._number_basis(Ket())
        least, most = basis.totals or (0, 0)
        found = shares(basis, ket_start(self.master, self.start_state()), self.parameters())
        return {E: float(found[E]) for E in range(least, most + 1) if found[E] > 0}

    @property
    def log_norm(self) -> sp.Expr:
        """ln<z|z> of a ket, which gauges of kets take."""
        derivation = self.derivation
        if not isinstance(derivation, KetDerivation):
            raise TypeError(f"log_norm in {derivation.representation.name}: only kets have a norm: take Ket()")
        return derivation.log_norm

    def correlation(self, A: Any, B: Any) -> tuple[sp.Expr, sp.Expr]:
        """Return expressions with the product <A(t₀) B(t)>, see `Derivation.correlation`."""
        for part in (*left_and_right(A), B):
            self._check_parts(part)
        early, late = self.derivation.correlation(A, B)
        return early, late

    def _check_parts(self, operator: Any) -> None:
        known = self.master.parts
        for name, part in as_operator(operator).parts.items():
            if known.get(name) != part:
                raise ValueError(f"{operator} holds {part}: the model has {', '.join(map(str, known.values()))}")

    @property
    def runaway_variables(self) -> tuple[sp.Symbol, ...]:
        """The variables of emitters, whose poles are the strongest, where there are emitters."""
        everything = tuple(self.system().variables.values())
        fields = {x for mode in self.master.modes for x in mode.variables}
        return tuple(x for x in everything if x not in fields) or everything

    @property
    def poles(self) -> Poles | None:
        """Poles: of the populations of emitters, else of photon numbers, the product of two variables.

        The unit of photon numbers is <|α|²> at the start, at least 1, or what a run without noise reaches. Their poles
        are simple, unless the degrees of the drift tell that all of them are of an even order. Where a† has no variable
        of its own there are none.
        """
        if not self.representation.doubled:
            return None
        if self.master.emitters:
            kept, derivation = set(self.system().variables.values()), self.derivation
            populations = [derivation.average(x) for e in derivation.master.emitters for x in _populations(e)]
            return Poles(strongest=tuple(x for x in populations if x in kept), order=2, grows=True)
        spreads = [state.spread(self.parameters()) for state in self.start_state().values()]
        numbers = tuple(sp.Mul(*mode.variables) for mode in self.master.modes)
        degrees = kind(self.system(), self.parameters())
        order = degrees.order if degrees is not None and set(degrees.strongest) == set(numbers) else 1
        return Poles(scale=max(1.0, *spreads), strongest=numbers, power=2, order=order, grows=True)

    def system(self) -> SDE:
        """Return the derived equations."""
        representation = self.representation
        if isinstance(representation, Ket):
            return _ket_system(self.master)
        return _system(self.master, representation, self.noise if representation.doubled else "structure")

    def initial_state(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Return the start as random numbers in phase space."""
        representation = self.representation
        if isinstance(representation, Ket):
            start = ket_start(self.master, self.start_state())
            if representation.sector is None:
                return start
            return sector_start(self._number_basis(representation), start, self.parameters())
        values = initial_values(self.master, representation, self.start_state())
        return {x: values[x] for x in self.system().variables.values() if not isinstance(x, Carried)}

    def exact(self, times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        """Return the exact averages, from the density matrix; a second time for equal times without solving anew.

        Parameters
        ----------
        times
            Increasing times from 0 on, shape (T,).

        Returns
        -------
        mapping
            Of every operator the averages, complex of shape (T,).

        Raises
        ------
        ValueError
            If the density matrix is too large.
        """
        representation = self.representation
        if isinstance(representation, Ket) and representation.sector is not None:
            start, basis = ket_start(self.master, self.start_state()), self._number_basis(representation)
            at = increasing_times(times)
            return sector_means(self.master, basis, self.operators, start, at, self.parameters())
        return exact_means(self.master, self.operators, self.start_state(), times, self.parameters())

    def cutoffs(self, times: ArrayLike) -> Mapping[str, int]:
        """Return how many number states of every mode `exact` keeps for some times; it shares its search."""
        found = exact_solution(self.master, self.operators, self.start_state(), times, self.parameters())
        return dict(found.cutoffs)

    def to_qutip(self, cutoffs: Mapping[Any, int]) -> dict[str, Any]:
        """Return the same problem for QuTiP: ``qutip.mesolve(tlist=times, **model.to_qutip({a: 20}))``.

        Parameters
        ----------
        cutoffs
            Number of number states kept of every mode.

        Returns
        -------
        dict
            H, rho0, c_ops and e_ops; where coefficients depend on time, as `qutip.QobjEvo`. Modes come first, emitters
            one by one.

        Raises
        ------
        ImportError
            If QuTiP is not installed.
        ValueError
            If a mode has no cutoff, matrices are too large, or several modes start from a joint state.
        """
        return to_qutip(self.master, self.operators, self.start_state(), self.parameters(), cutoffs)


def _populations(e: Emitters) -> list[Operator]:
    """Return the populations of each emitter, or of identical ones their mean."""
    if e.individual:
        return [e.on(mu, i, i) for mu in e.numbers for i in e.levels]
    return [e.sum(i, i) / e.size for i in e.levels]


@cached(64)
def _derivation(master: Master, representation: Representation) -> Derivation:
    derivation = derive(master, representation)
    for level in sorted({e.levels[0] for e in master.emitters}):
        derivation = derivation.reduce_trace(level)
    return derivation


@cached(64)
def _system(master: Master, representation: Representation, noise: str) -> SDE:
    return _derivation(master, representation).sde(noise=noise)


@cached(64)
def _ket_system(master: Master) -> SDE:
    return ket_derivation(master, Ket()).sde()


def valued(symbols: Iterable[Any], values: Iterable[Any]) -> dict[sp.Symbol, float]:
    """Return symbols with their values, without rates that are 0, which stand in no equation."""
    return {s: float(v) for s, v in zip(symbols, values, strict=True) if v or not s.is_positive}
