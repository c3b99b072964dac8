"""The chain from a master equation to stochastic equations, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, overload

import attrs
import sympy as sp

from sdeframe.derivation.kets.derivation import KetDerivation, ket_derivation
from sdeframe.derivation.kets.representation import Ket
from sdeframe.derivation.noise.factorize import factorized
from sdeframe.derivation.noise.rows import noise_rows
from sdeframe.derivation.operators.around import left_and_right
from sdeframe.derivation.operators.coefficients import coefficient
from sdeframe.derivation.operators.master import Master, as_master
from sdeframe.derivation.operators.modes import Boson
from sdeframe.derivation.operators.operators import Operator, as_operator
from sdeframe.derivation.phase_space import moments
from sdeframe.derivation.phase_space.frames import rotate, scale
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.generator_latex import generator_latex
from sdeframe.derivation.phase_space.identical import identical_generator
from sdeframe.derivation.phase_space.keys import ElementKey, FieldKey
from sdeframe.derivation.phase_space.reductions import reduce_trace, remove_eta
from sdeframe.derivation.phase_space.representations import Representation, as_representation
from sdeframe.derivation.phase_space.two_times import Sides, early_symbol
from sdeframe.markup import folded, line, math, page, text
from sdeframe.symbolic.system import SDE
from sdeframe.validators import boolean, shown

__all__ = ["Derivation", "Step", "derive"]


@attrs.frozen(eq=False)
class Step:
    """One step of a derivation: what was done, and the generator or equations that it led to."""

    title: str
    result: Master | Generator | SDE

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle \text{{{self.title}:}}$ {_latex(self.result)}"


def _latex(result: Master | Generator | SDE) -> str:
    return generator_latex(result) if isinstance(result, Generator) else str(result._repr_latex_())


@attrs.frozen(eq=False, repr=False)
class Derivation:
    """A master equation in a representation: its Itô generator, and the steps that led to it.

    Made by `derive`; every method returns a new one with a further step.

    Parameters
    ----------
    master
        The master equation.
    representation
        The representation.
    generator
        Drift and diffusion as polynomials in the variables.
    steps
        The steps so far; a notebook shows each in LaTeX.
    """

    master: Master
    representation: Representation
    generator: Generator
    steps: tuple[Step, ...]

    def _then(self, title: str, g: Generator) -> Derivation:
        return attrs.evolve(self, generator=g, steps=(*self.steps, Step(title, g)))

    def __repr__(self) -> str:
        return f"Derivation({self.representation.name}: {', '.join(map(str, self.generator.variables))})"

    def _repr_latex_(self) -> str:
        return generator_latex(self.generator)

    def _repr_html_(self) -> str:
        steps = [line(text(f"{number}. {step.title}")) for number, step in enumerate(self.steps, 1)]
        shown = [f"{head}{math(_latex(step.result))}" for head, step in zip(steps, self.steps, strict=True)]
        return page(
            f"Derivation in {self.representation.name}", math(generator_latex(self.generator)),
            folded(f"{len(steps)} steps", "".join(shown)) if shown else "",
        )  # fmt: skip

    def remove_eta(self) -> Derivation:
        """Trade the random factors η of (A34) for the noise (A37), which gives (A19).

        Raises
        ------
        ValueError
            If there are none.
        """
        if not self.representation.eta:
            raise ValueError(
                f"there are no η-numbers to remove: derive with PositiveP(eta=True), not {self.representation}"
            )
        plain = attrs.evolve(self, representation=attrs.evolve(self.representation, eta=False))
        return plain._then("η-numbers traded for noise (A37)", remove_eta(self.generator))

    def reduce_trace(self, level: str) -> Derivation:
        """Eliminate a population by Σ_p ρ_pp = 1, which holds on every trajectory.

        Parameters
        ----------
        level
            The population, "gg" or the name of the level, of all emitters that have such a level.

        Raises
        ------
        ValueError
            If no emitter has it, or Σ_p ρ_pp is not conserved because of η-numbers.
        """
        if self.representation.eta:
            raise ValueError("with η-numbers (A34) Σρ_pp is not 1 on a trajectory: remove_eta() first")
        g = self.generator
        populations = _populations(g)
        for e in self.master.emitters:
            name = next((i for i in e.levels if level in (i, i + i)), None)
            if name is not None and (e.name, name) in populations:
                g = reduce_trace(g, e.name, name)
        if g is self.generator:
            left = ", ".join(f'"{i}{i}"' for i in sorted({i for _, i in populations}))
            raise ValueError(f"no emitter has a population {level!r} left: give one such as {left or 'none'}")
        return self._then(f"population {level} eliminated (A38)", g)

    def scale(self, factors: Mapping[Boson, Any] | None = None, time: Any = 1) -> Derivation:
        """Divide the variables of modes by factors (A44), and count time in units of 1/`time`.

        Parameters
        ----------
        factors
            Factor of a mode: its new variables are a/factor and a†/factor.
        time
            A rate: the new time is rate·t.

        Raises
        ------
        TypeError, ValueError
            If a factor is not that of a mode or may be 0, or the rate is not positive.
        """
        by_number = {}
        if factors is not None and not (isinstance(factors, Mapping) and all(isinstance(a, Boson) for a in factors)):
            raise TypeError(f"factors={shown(factors)}: give the factor of each mode, such as {{a: 10}}")
        for a, factor in (factors or {}).items():
            if a.mode not in self.master.modes:
                raise ValueError(f"factors hold {a}: the master equation has no such mode")
            for dagger in (False, True):
                by_number[self.generator.number[FieldKey(a.mode.name, dagger)]] = coefficient(factor)
        return self._then("scaled (A44)", scale(self.generator, by_number, coefficient(time)))

    def rotate(self, H0: Operator) -> Derivation:
        """Go to the frame that rotates with H0, a sum of a†a and populations with frequencies (A43).

        Raises
        ------
        ValueError
            If H0 holds anything else.
        """
        return self._then("rotating frame (A43)", rotate(self.generator, as_operator(H0)))

    def sde(self, noise: str = "structure", constant: Any = None) -> SDE:
        """Return the Itô equations.

        Parameters
        ----------
        noise
            "structure", "field" or "split": how D becomes noise, see `sdeframe.derivation.noise.factorize`.
        constant
            Factor on the mode of the noise that modes and emitters share (A45); if not given, both get equal ones.

        Raises
        ------
        ValueError
            If the rule is unknown, or there is no noise with these correlators.
        """
        g = self.generator
        constant = None if constant is None else coefficient(constant)
        sources = factorized(g, noise, constant, self.representation.doubled, self.representation.negative)
        drift = {x: g.expression(g.drift[k]) for k, x in enumerate(g.variables)}
        names = {str(s) for row in drift.values() for s in row.free_symbols} | set(map(str, g.variables))
        rows = noise_rows(g, sources, names | {str(s) for s in _symbols(g)})
        twins = self._twins
        return SDE(*({x: row.xreplace(twins) for x, row in of.items() if x not in twins} for of in (drift, rows)))

    def average(self, operator: Operator) -> Any:
        """Return the expression in the variables of the equations whose average is <O>."""
        g = self.generator
        return g.expression(moments.symbol(g, self.representation, operator)).xreplace(self._twins)

    def correlation(self, A: Any, B: Operator, *, symmetric: bool = False) -> tuple[Any, Any]:
        """Return the expressions whose product, the first one at t₀, has the average <A(t₀) B(t)>, for t >= t₀.

        In positive-P these are normally and time-ordered products, <L(t₀) B(t) R(t₀)> with a† in L and a in R; in Q
        antinormally ordered ones, with a in L and a† in R; in Wigner `<AB + BA>/2` with A of degree one.

        Parameters
        ----------
        A
            What acts at t₀: an operator before B, or a pair (L, R) of operators before and behind it.
        B
            What acts at t, any operator.
        symmetric
            Whether `<AB + BA>/2` is meant, with A one operator.

        Raises
        ------
        ValueError
            If there are no such expressions: what A does to the kernel is not multiplication by a number.
        """
        L, R = left_and_right(A)
        sides: Sides = [(sp.S.One, L, R)]
        if boolean("symmetric", symmetric):
            if as_operator(1) != R:
                raise ValueError(f"A={shown(A)}: give one operator with symmetric=True, that of <AB + BA>/2")
            sides = [(sp.S.Half, L, R), (sp.S.Half, R, L)]
        g = self.generator
        early = g.expression(early_symbol(g, self.representation, sides)).xreplace(self._twins)
        return early, self.average(B)

    def moment_equation(self, operator: Operator) -> Any:
        """Return d<O>/dt in the time of the equations, as an expression to be averaged: L applied to `average(O)`."""
        g = self.generator
        f = moments.symbol(g, self.representation, operator)
        return g.expression(moments.applied(g, f, eta=self.representation.eta)).xreplace(self._twins)

    @property
    def _twins(self) -> dict[Any, Any]:
        """What the equations have in place of the α† that are no variables of theirs: α*."""
        g = self.generator
        return {} if self.representation.doubled else {g.variables[b]: sp.conjugate(g.variables[a]) for a, b in g.modes}

    @property
    def dropped(self) -> Mapping[tuple[Any, ...], Any]:
        """The terms of third and higher order that were dropped: the variables derived by, α† too -> coefficient."""
        g = self.generator
        return {tuple(g.variables[k] for k in slopes): g.expression(p) for slopes, p in g.dropped.items()}


def _symbols(g: Generator) -> set[Any]:
    coefficients = [c for d in g.diffusion.values() for c in d.values()]
    return set().union(*(c.free_symbols for c in coefficients))


def _populations(g: Generator) -> set[tuple[str, str]]:
    """Return the emitters and the level of every population."""
    return {(key.emitters, key.p) for key in g.keys if isinstance(key, ElementKey) and key.is_population}


@overload
def derive(master: Master, representation: Representation) -> Derivation: ...


@overload
def derive(master: Master, representation: Ket) -> KetDerivation: ...


def derive(master: Master, representation: Representation | Ket) -> Derivation | KetDerivation:
    """Derive the Itô generator of a master equation in a representation.

    Parameters
    ----------
    master
        The master equation.
    representation
        `PositiveP()`, `Wigner()` or `Q()`; or `Ket()`, where H acts from the left alone.

    Raises
    ------
    TypeError, ValueError
        If something else is given, the representation has no table for what the master equation holds, or it refuses a
        term, named.
    """
    if isinstance(representation, Ket):
        return ket_derivation(as_master(master), representation)
    master, representation = as_master(master), as_representation(representation)
    g = identical_generator(master, representation)
    what = f"{representation.name}, by the table of operator correspondences"
    what += ", emitters by Method II (A34)" if master.emitters else ""
    what += f", {len(g.dropped)} terms of third or higher order dropped" if g.dropped else ""
    steps: tuple[Step, ...] = (Step("Master equation", master), Step(what, g))
    if master.emitters and not representation.eta:
        g = remove_eta(g)
        steps += (Step("η-numbers traded for noise (A37)", g),)
    return Derivation(master, representation, g, steps)
