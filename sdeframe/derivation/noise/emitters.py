"""Noise between modes and emitters, and of emitters among each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from sdeframe.derivation.noise.source import ONE, Rest, Source
from sdeframe.derivation.operators.coefficients import root_of, split_phase
from sdeframe.derivation.phase_space.generator import Key
from sdeframe.derivation.phase_space.polynomials import Poly, divided, scaled
from sdeframe.derivation.phase_space.reductions import emitter_of, within_one

__all__ = ["emitter_noise", "hub_noise", "split_noise", "vertex_noise"]


def _modes(rest: Rest) -> list[int]:
    return [k for k, key in enumerate(rest.g.keys) if emitter_of(key) is None]


def _emitters(rest: Rest) -> dict[Key, list[int]]:
    found: dict[Key, list[int]] = {}
    for k, key in enumerate(rest.g.keys):
        emitter = emitter_of(key)
        if emitter is not None:
            found.setdefault(emitter, []).append(k)
    return found


def _label(emitter: Key) -> str:
    return "_".join(map(str, emitter))


def _constants(c: Any, constant: Any | None) -> tuple[Any, Any]:
    """Return the factors of c on the mode and on the emitters: equal sizes, or `constant` on the mode (A45)."""
    phase, size = split_phase(c)
    on_mode = sp.sqrt(size) if constant is None else constant
    return phase * on_mode, size / on_mode


def hub_noise(rest: Rest, constant: Any | None) -> None:
    """Give a mode variable one noise, and the emitters its conjugate: ("field", A19 and A39)."""
    others = [k for ks in _emitters(rest).values() for k in ks]
    for i in _modes(rest):
        row = {k: rest(i, k) for k in others if rest(i, k)}
        if row:
            lowest = min((len(powers), k, powers) for k, p in row.items() for powers in p)
            on_mode, _ = _constants(row[lowest[1]][lowest[2]], constant)
            content = {_common(row.values(), _modes(rest)): sp.S.One}
            second = {k: _scaled(divided(p, content) or {}, 1 / on_mode) for k, p in row.items()}
            rest.take(Source(f"F_{rest.g.variables[i]}", {i: scaled(content, on_mode)}, second))


def _scaled(p: Poly, c: Any) -> Poly:
    return {k: sp.expand(b * c) for k, b in p.items()}


def _common(polynomials: Any, modes: Sequence[int]) -> tuple[int, ...]:
    """Return the powers of mode variables that all terms have."""
    terms = [k for p in polynomials for k in p]
    return tuple(v for v in modes for _ in range(min(k.count(v) for k in terms)))


def split_noise(rest: Rest, constant: Any | None) -> None:
    """Give the part −T ρ of every emitter a noise S, and every term that is left one of its own ("split", A46)."""
    emitters = _emitters(rest)
    for emitter, ks in emitters.items():
        tails = {i: T for (i, e), T in rest.g.tails.items() if e == emitter}
        if tails:
            c = next(iter(next(iter(tails.values())).values()))
            _, on_emitters = _constants(c, constant)
            first = {i: _scaled(T, 1 / on_emitters) for i, T in tails.items()}
            rest.take(Source(f"S_{_label(emitter)}", first, {k: {(k,): -on_emitters} for k in ks}))
    modes = _modes(rest)
    for i in modes:
        for k in (k for ks in emitters.values() for k in ks):
            for powers, c in dict(rest(i, k)).items():
                on_mode, on_emitters = _constants(c, constant)
                own = tuple(v for v in powers if v in modes)
                inner = [v for v in powers if v not in modes]
                even = tuple(sorted(v for v in set(inner) for _ in range(inner.count(v) // 2)))
                odd = tuple(sorted(v for v in set(inner) if inner.count(v) % 2))
                first = {i: {tuple(sorted((*own, *even))): on_mode}}
                rest.take(Source(f"F_{rest.g.variables[i]}", first, {k: {even: on_emitters}}, {odd: sp.S.One}))


def emitter_noise(rest: Rest) -> None:
    """Give every product of two first-order operators of emitters one noise, complex, or real for a square."""
    name = "_".join(dict.fromkeys(str(e[0]) for e in _emitters(rest)))
    for product in rest.g.products:
        if product.Q is None:
            root = root_of(product.weight)
            rest.take(Source(f"W_{name}", {k: _scaled(p, root) for k, p in product.P.items()}))
            continue
        on_P, on_Q = _constants(product.weight, None)
        first, second = ({k: _scaled(p, c) for k, p in V.items()} for V, c in ((product.P, on_P), (product.Q, on_Q)))
        rest.take(Source(f"G_{name}", first, second))


def vertex_noise(rest: Rest) -> None:
    """Give a variable of an emitter one noise, and those that it correlates with the conjugate; then the next one."""
    others = [k for ks in _emitters(rest).values() for k in ks]
    for i in others:
        row = {k: rest(i, k) for k in others if rest(i, k) and not within_one(rest.g, i, k)}
        if row:
            second = {k: scaled(p, sp.S.Half) if k == i else p for k, p in row.items()}
            rest.take(Source(f"G_{rest.g.variables[i]}", {i: ONE}, second))
