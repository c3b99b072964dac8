"""Noise of emitters, with modes or among each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from sdeframe.derivation.noise.source import ONE, Source, Unmatched
from sdeframe.derivation.operators.coefficients import root_of, split_phase
from sdeframe.derivation.phase_space.polynomials import Poly, divided, over, scaled
from sdeframe.symbolic.symbols import time

__all__ = ["field_among", "field_between", "split_between", "structure_among"]


def _elements(D: Unmatched) -> list[int]:
    """Return the variables of all emitters."""
    return [k for ks in D.g.elements.values() for k in ks]


def _constants(c: Any, constant: Any | None) -> tuple[Any, Any]:
    """Return the factors of c on the mode and on the emitters: equal sizes, or `constant` on the mode (A45)."""
    phase, size = split_phase(c)
    on_mode = sp.sqrt(size) if constant is None else constant
    return phase * on_mode, size / on_mode


def field_between(D: Unmatched, constant: Any | None) -> None:
    """Give a mode variable one noise, and the emitters its conjugate: ("field", A19 and A39)."""
    others = _elements(D)
    for i in D.g.fields:
        row = {k: D.left(i, k) for k in others if D.left(i, k)}
        if row:
            lowest = min((len(powers), k, powers) for k, p in row.items() for powers in p)
            on_mode, _ = _constants(row[lowest[1]][lowest[2]], constant)
            content = {_common(row.values(), D.g.fields): sp.S.One}
            rest = {k: divided(p, content) or {} for k, p in row.items()}
            on_mode, second = _shared(rest, on_mode)
            D.take(Source(f"F_{D.g.variables[i]}", {i: scaled(content, on_mode)}, second))


def _shared(row: Mapping[int, Poly], on_mode: Any) -> tuple[Any, Mapping[int, Poly]]:
    """Return the factor on the mode and the row over it; 1 and the row if that divided by what may vanish in time."""
    if on_mode.is_zero is False or not on_mode.has(time):
        return on_mode, {k: over(p, on_mode) for k, p in row.items()}
    second = {k: {powers: _cancelled(c, on_mode) for powers, c in p.items()} for k, p in row.items()}
    if any(c.has(time) for p in second.values() for c in p.values()):
        return sp.S.One, row
    return on_mode, second


def _cancelled(b: Any, c: Any) -> Any:
    """Return b/c in lowest terms, where sympy would divide a Piecewise by itself piece by piece, 0/0 included."""
    stand_ins = {piece: sp.Dummy() for piece in sp.Tuple(b, c).atoms(sp.Piecewise)}
    back = {symbol: piece for piece, symbol in stand_ins.items()}
    return sp.cancel(b.xreplace(stand_ins) / c.xreplace(stand_ins)).xreplace(back)


def _scaled(p: Poly, c: Any) -> Poly:
    """Return c·p, with the roots of products written out."""
    return {k: sp.expand(b * c) for k, b in p.items()}


def _common(polynomials: Iterable[Poly], fields: Sequence[int]) -> tuple[int, ...]:
    """Return the powers of mode variables that all terms have."""
    terms = [k for p in polynomials for k in p]
    return tuple(v for v in fields for _ in range(min(k.count(v) for k in terms)))


def split_between(D: Unmatched, constant: Any | None) -> None:
    """Give the part −T ρ of every emitter a noise S, and every term that is left one of its own ("split", A46)."""
    for emitter, ks in D.g.elements.items():
        tails = {i: T for (i, e), T in D.g.tails.items() if e == emitter}
        if tails:
            c = next(iter(next(iter(tails.values())).values()))
            _, on_emitters = _constants(c, constant)
            first = {i: over(T, on_emitters) for i, T in tails.items()}
            D.take(Source(f"S_{emitter}", first, {k: {(k,): -on_emitters} for k in ks}))
    fields = D.g.fields
    for i in fields:
        for k in _elements(D):
            for powers, c in dict(D.left(i, k)).items():
                on_mode, on_emitters = _constants(c, constant)
                own = tuple(v for v in powers if v in fields)
                inner = [v for v in powers if v not in fields]
                even = tuple(sorted(v for v in set(inner) for _ in range(inner.count(v) // 2)))
                odd = tuple(sorted(v for v in set(inner) if inner.count(v) % 2))
                first = {i: {tuple(sorted((*own, *even))): on_mode}}
                D.take(Source(f"F_{D.g.variables[i]}", first, {k: {even: on_emitters}}, {odd: sp.S.One}))


def structure_among(D: Unmatched) -> None:
    """Give every product of two first-order operators of emitters one noise, complex, or real for a square."""
    name = "_".join(dict.fromkeys(e.emitters for e in D.g.elements))
    for product in D.g.products:
        if product.Q is None:
            root = root_of(product.weight)
            D.take(Source(f"W_{name}", {k: _scaled(p, root) for k, p in product.P.items()}))
            continue
        on_P, on_Q = _constants(product.weight, None)
        first, second = ({k: _scaled(p, c) for k, p in V.items()} for V, c in ((product.P, on_P), (product.Q, on_Q)))
        D.take(Source(f"G_{name}", first, second))


def field_among(D: Unmatched) -> None:
    """Give a variable of an emitter one noise, and those that it correlates with the conjugate; then the next one."""
    others = _elements(D)
    for i in others:
        row = {k: D.left(i, k) for k in others if D.left(i, k) and not D.g.within_one(i, k)}
        if row:
            second = {k: scaled(p, sp.S.Half) if k == i else p for k, p in row.items()}
            D.take(Source(f"G_{D.g.variables[i]}", {i: ONE}, second))
