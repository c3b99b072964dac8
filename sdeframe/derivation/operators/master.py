"""A master equation, checked when it is written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation.operators.coefficients import coefficient
from sdeframe.derivation.operators.counted import counted
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.modes import Mode
from sdeframe.derivation.operators.operators import Operator, as_operator
from sdeframe.derivation.operators.text import monomial_text, operator_latex
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.latex import tex
from sdeframe.symbolic.signs import never_negative
from sdeframe.validators import shown

__all__ = ["Channel", "Master", "as_master"]


@attrs.frozen
class Channel:
    """One loss: rate·D[L], with D[L]ρ = LρL† − ½(L†Lρ + ρL†L); one for each of some emitters if L has `each`."""

    rate: Any
    jump: Operator

    @property
    def each(self) -> Emitters | None:
        """The emitters that have such a channel each, if any."""
        for m in self.jump.terms:
            for name, cloud in m.clouds:
                if cloud.each:
                    return self.jump.parts[name]
        return None

    def jumps(self, numbers: Mapping[str, int]) -> list[Operator]:
        """Return L for so many of the identical emitters: one, or one for each emitter."""
        e = self.each
        return (
            [counted(self.jump, numbers)]
            if e is None
            else [counted(self.jump, numbers, mu) for mu in range(numbers[e.name])]
        )


def _hamiltonian(value: Any) -> Operator:
    H = as_operator(value)
    for m, c in H.terms.items():
        for name, cloud in m.clouds:
            if cloud.each:
                raise ValueError(f"H holds {monomial_text(m)}: each is for losses; write {name}.sum in a Hamiltonian")
        conjugate = H.terms.get(m.dag(), sp.S.Zero)
        if not equal(conjugate, sp.conjugate(c)):
            raise ValueError(
                f"H is not Hermitian: {monomial_text(m)} has the coefficient {c}, its Hermitian conjugate "
                f"{monomial_text(m.dag())} has {conjugate}, and {sp.conjugate(c)} is needed{_real(c)}"
            )
    return H


def _real(c: Any) -> str:
    unknown = sorted(s.name for s in c.free_symbols if s.is_real is None)
    return f"; is {unknown[0]} declared real? use sdeframe.parameters" if unknown else "; add the conjugate term"


def _channels(losses: Any) -> tuple[Channel, ...]:
    if not isinstance(losses, Iterable) or isinstance(losses, (str, Mapping)):
        raise TypeError(f"loss={shown(losses)}: give a list of pairs (rate, L) of a rate and an operator")
    channels = []
    for k, pair in enumerate(losses):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[1], Operator):
            example = f", such as (1, {shown(pair)})" if isinstance(pair, Operator) else ""
            raise TypeError(
                f"loss number {k} is {shown(pair)}: give a list of pairs (rate, L) of a rate and an operator{example}"
            )
        rate = coefficient(pair[0])
        if not (never_negative(rate) or never_negative(sp.sympify(pair[0]))):
            raise ValueError(
                f"rate {rate} of loss number {k}, L = {pair[1]}: a rate is real and not negative, and this one is not "
                f"known to be; give such a number, declare its parameters with parameters(..., positive=True), or "
                f"write Max(0, rate)"
            )
        channels += [Channel(rate, pair[1])] if rate != 0 else []
    return tuple(channels)


@attrs.frozen(eq=False)
class Master:
    """The master equation dρ/dt = −i[H, ρ] + Σ rate (LρL† − ½L†Lρ − ½ρL†L), with ħ = 1.

    Two are equal if they are written alike, term by term in one order: what is derived from them is then the same in
    every bit.

    Parameters
    ----------
    H
        The Hamiltonian.
    loss
        Pairs (rate, L); an L with `each` stands for one channel of every emitter, one with `sum` is collective.

    Raises
    ------
    TypeError
        If something is no operator.
    ValueError
        If H is not Hermitian or a rate is not real and non-negative; the message names the term and the way out.
    """

    H: Operator = attrs.field(converter=_hamiltonian)
    loss: tuple[Channel, ...] = attrs.field(default=(), converter=_channels)

    def __attrs_post_init__(self) -> None:
        if not self.parts:
            raise ValueError("the master equation has no modes and no emitters: build it from Boson and Emitters")

    @cached_property
    def _written(self) -> tuple[Any, ...]:
        return (self.H.written, *((channel.rate, channel.jump.written) for channel in self.loss))

    def __eq__(self, other: object) -> bool:
        return self._written == other._written if isinstance(other, Master) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._written)

    @cached_property
    def parts(self) -> dict[str, Any]:
        """The modes and emitters by name, modes first."""
        whole = sum((channel.jump * 0 for channel in self.loss), self.H * 1)
        parts = sorted(whole.parts.items(), key=lambda item: not isinstance(item[1], Mode))
        return dict(parts)

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The modes."""
        return tuple(part for part in self.parts.values() if isinstance(part, Mode))

    @property
    def emitters(self) -> tuple[Emitters, ...]:
        """The emitters."""
        return tuple(part for part in self.parts.values() if isinstance(part, Emitters))

    @property
    def numbers(self) -> dict[str, int]:
        """How many there are of the emitters that have variables of their own."""
        return {e.name: int(e.size) for e in self.emitters if e.individual}

    def counted(self, numbers: dict[str, int]) -> tuple[Operator, list[tuple[Any, Operator]]]:
        """Return H and the channels for so many of the identical emitters, each with a number of its own."""
        numbers = self.numbers | numbers
        return counted(self.H, numbers), [(channel.rate, L) for channel in self.loss for L in channel.jumps(numbers)]

    def _repr_latex_(self) -> str:
        terms = [
            (r"\sum_\mu " if channel.each else "")
            + rf"{tex(channel.rate)}\, \mathcal{{D}}\left[{operator_latex(channel.jump.terms)}\right]\hat\rho"
            for channel in self.loss
        ]
        equation = " + ".join([r"-i\left[\hat H, \hat\rho\right]", *terms])
        return (
            rf"$\displaystyle \begin{{aligned}} \frac{{\mathrm{{d}}\hat\rho}}{{\mathrm{{d}}t}} &= {equation} \\ "
            rf"\hat H &= {operator_latex(self.H.terms)} \end{{aligned}}$"
        )


def as_master(value: Any) -> Master:
    """Return a master equation, or raise TypeError where something else was given."""
    if not isinstance(value, Master):
        raise TypeError(f"master={shown(value)}: must be a master equation, such as Master(H, [(rate, L)])")
    return value
