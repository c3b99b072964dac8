"""``sdeframe validate order``: the orders of every registered integrator, as enumerated and as measured."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import sympy as sp

from sdeframe import registry
from sdeframe.conformance.orders import Linear, Paths, in_its_calculus, local_order, solve, strong_order, weak_orders
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces.integrator import Integrator
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.studies.tables import Row
from sdeframe.symbolic.symbols import complex_variables, log_weight, real_noises, real_variables, time
from sdeframe.symbolic.system import SDE

NOISES: Final = {"1 real": (1, 0), "2 real": (2, 0), "3 real": (3, 0), "1 complex": (0, 1), "2 complex": (0, 2)}
"""Numbers of real and complex noises of the linear systems."""
TOLERANCE: Final = 0.1
"""Of an enumerated order, for steps of 1/64 and 1/128."""
x, y = complex_variables("x y")
U, V = real_noises("U V")
START: Final = {x: 0.7 + 0.3j, y: 0.4 - 0.5j, log_weight: 0.1 + 0.2j}


def order(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Show weak orders by enumeration, local orders of systems that are not linear, and strong orders (4,000 paths)."""
    for name in registry.names("integrators"):
        try:
            scheme = registry.find("integrators", name)
        except registry.BrokenPluginError as error:
            yield Row(name, "cannot be loaded", math.nan, note=str(error))
            continue
        yield from linear_rows(name, scheme)
        yield from local_rows(name, scheme)
        yield strong_row(name, scheme, trajectories or 4_000)


def linear_rows(name: str, scheme: type[Integrator]) -> Iterator[Row]:
    """Yield the order of first and second moments of linear systems; the second ones are held to what is declared.

    An order below what is declared fails; where the noises are few a scheme may have a higher one.
    """
    for law in scheme.admits:
        for noises, (real, complex_) in NOISES.items():
            if ("complex" if complex_ else "real") not in scheme.noise_kinds:
                continue
            linear = Linear.draw(real, complex_, seed=real + 10 * complex_, commuting=scheme.commuting)
            found = weak_orders(scheme, linear, increments=law())
            for moment, weak in found.items():
                passed = None if moment == "x" else weak.order > scheme.weak_order - TOLERANCE
                about = f"weak order of <{moment}>, {noises}, {law.__name__}"
                yield Row(name, about, weak.order, None, None, scheme.weak_order, passed)


def systems() -> dict[str, SDE]:
    """Return small systems that are not linear: plain, with time in every coefficient, and with a weight."""
    quarter = sp.Rational(1, 4)
    drift = {x: -x * y / 2 + y / 3, y: quarter * x**2 - y / 2}
    noise = {x: (1 + x * y / 2) / 2 * U, y: x / 3 * V + y * x / 5 * U}
    in_time = {k: row + quarter * time * row.xreplace({x: y, y: x}) for k, row in noise.items()}
    weight = (quarter * x * sp.conjugate(x), y * U / 3 + sp.conjugate(x) * x * V / 4)
    return {
        "plain": SDE(drift, noise),
        "in time": SDE({x: drift[x] + y * time**2, y: drift[y]}, in_time),
        "weighted": SDE(drift, noise, log_weight=weight),
    }


def local_rows(name: str, scheme: type[Integrator]) -> Iterator[Row]:
    """Yield one less than the order of the error that one step makes."""
    if scheme.commuting:
        return
    for kind, sde in systems().items():
        f = sp.exp(log_weight) * y if kind == "weighted" else x * y
        start = {k: START[k] for k in sde.state}
        found = local_order(scheme(dt=1 / 64), sde, start, f, at=0.3, terms=3) - 1
        passed = found > scheme.weak_order - TOLERANCE
        yield Row(name, f"local order - 1, {kind}", found, None, None, scheme.weak_order, passed)


def strong_row(name: str, scheme: type[Integrator], paths: int) -> Row:
    """Return the strong order on shared paths: of a Lévy area, or where noises must commute of a single noise."""
    p, q = real_variables("p q")
    if scheme.commuting:
        sde, start = SDE({p: 0.3 * p}, {p: 0.8 * p * U}), [1.0]
    else:
        sde, start = SDE({p: 0, q: 0}, {p: U, q: p * V}), [0.0, 0.0]
    brownian = Paths.draw(len(sde.noises), 2048, paths, seed=3)
    if scheme.commuting:
        reference = np.exp((0.3 - 0.32) + 0.8 * brownian.fine.sum(axis=1))
    else:
        reference = solve(EulerMaruyama, EagerSystem(sde), start, brownian, 2048)
    found, error = strong_order(scheme, EagerSystem(in_its_calculus(scheme, sde)), start, brownian, reference)
    passed = abs(found - scheme.strong_order) < TOLERANCE + 5 * error
    return Row(name, "strong order", found, None, error, scheme.strong_order, passed)
