"""Generators in other units, or in a frame that rotates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.operators import Operator
from sdeframe.derivation.operators.text import monomial_text
from sdeframe.derivation.phase_space.generator import Generator
from sdeframe.derivation.phase_space.keys import Emitter, FieldKey, Key
from sdeframe.derivation.phase_space.polynomials import Poly, add_up
from sdeframe.symbolic.symbols import Parameter, time

__all__ = ["rotate", "scale"]


def scale(g: Generator, factors: Mapping[int, Any], rate: Any) -> Generator:
    """Return the generator of x/factor (A44) in the time rate·t.

    Parameters
    ----------
    g
        The generator.
    factors
        Factor of a variable, by number; 1 if left out.
    rate
        Unit of time: a positive number or expression in positive parameters.
    """
    if not (rate.is_positive and all(isinstance(s, Parameter) for s in rate.free_symbols)):
        raise ValueError(f"time={rate}: must be positive; declare its parameters with parameters(..., positive=True)")
    for factor in factors.values():
        if factor.is_zero is not False or not all(isinstance(s, Parameter) for s in factor.free_symbols):
            raise ValueError(
                f"factor {factor}: must not be 0; declare its parameters with parameters(..., positive=True)"
            )

    def changed(p: Poly, divisor: Any) -> Poly:
        units = ((k, c, sp.Mul(*[factors.get(v, sp.S.One) for v in k])) for k, c in p.items())
        return add_up(
            *({k: sp.expand(sp.powsimp((c * unit / divisor).subs(time, time / rate)))} for k, c, unit in units)
        )

    def of(*numbers: int) -> Any:
        return sp.Mul(rate, *[factors.get(k, sp.S.One) for k in numbers])

    return g.evolve(
        drift={k: changed(a, of(k)) for k, a in g.drift.items()},
        diffusion={(i, j): changed(d, of(i, j)) for (i, j), d in g.diffusion.items()},
        tails={(i, e): changed(T, of(i)) for (i, e), T in g.tails.items()},
        dropped={slopes: changed(p, of(*slopes)) for slopes, p in g.dropped.items()},
        products=g.changed_products(
            lambda V: {k: changed(p, factors.get(k, sp.S.One)) for k, p in V.items()},
            lambda w: (w / rate).subs(time, time / rate),
        ),
        values={key: changed(p, sp.S.One) for key, p in g.values.items()},
        rate=g.rate * rate,
    )


def rotate(g: Generator, H0: Operator) -> Generator:
    """Return the generator in the frame that rotates with H0 (A43): x -> x exp(−iωt) of every variable.

    Parameters
    ----------
    g
        The generator.
    H0
        A sum of a†a and of populations with constant coefficients, the frequencies.
    """
    omega = _frequencies(g, H0)

    def turned(p: Poly, slopes: tuple[int, ...]) -> Poly:
        def phase(k: tuple[int, ...]) -> Any:
            return sp.expand(sp.Add(*[omega[v] for v in slopes], *[-omega[v] for v in k]))

        return add_up(*({k: sp.expand(c * sp.exp(sp.I * time * phase(k)))} for k, c in p.items()))

    return g.evolve(
        drift={k: add_up(turned(a, (k,)), {(k,): sp.I * omega[k]}) for k, a in g.drift.items()},
        diffusion={(i, j): turned(d, (i, j)) for (i, j), d in g.diffusion.items()},
        tails={(i, e): turned(T, (i,)) for (i, e), T in g.tails.items()},
        dropped={slopes: turned(p, slopes) for slopes, p in g.dropped.items()},
        products=g.changed_products(lambda V: {k: turned(p, (k,)) for k, p in V.items()}),
        values={key: turned(p, ()) for key, p in g.values.items()},
    )


def _frequencies(g: Generator, H0: Operator) -> list[Any]:
    """Return ω of every variable: ω of a for α, −ω for α†, ω_p − ω_q for ρ_pq."""
    of_mode: dict[str, Any] = {}
    of_level: dict[tuple[Emitter, str], Any] = {}
    for m, c in H0.terms.items():
        kinds = [len(m.bosons), len(m.sites), len(m.clouds)]
        if kinds == [1, 0, 0] and m.bosons[0][1:] == (1, 1):
            of_mode[m.bosons[0][0]] = c
        elif kinds == [0, 1, 0] and m.sites[0][1][0] == m.sites[0][1][1]:
            of_level[Emitter(*m.sites[0][0]), m.sites[0][1][0]] = c
        elif kinds == [0, 0, 1] and len(m.clouds[0][1].others) == 1 and len(set(m.clouds[0][1].others[0])) == 1:
            of_level[Emitter(m.clouds[0][0]), m.clouds[0][1].others[0][0]] = c
        else:
            raise ValueError(f"H0 holds {monomial_text(m)}: a frame rotates with a†a and with populations only")
        if c.has(time):
            raise ValueError(f"H0 holds the time in {c}: frequencies of a frame are constant")

    def frequency(key: Key) -> Any:
        if isinstance(key, FieldKey):
            omega = of_mode.get(key.mode, sp.S.Zero)
            return -omega if key.dagger else omega
        p, q = (of_level.get((key.emitter, level), sp.S.Zero) for level in (key.p, key.q))
        return sp.expand(p - q)

    return [frequency(key) for key in g.keys]
