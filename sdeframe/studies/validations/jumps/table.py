"""``sdeframe validate jumps``: systems with jumps against known answers, and the orders of schemes with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp

from sdeframe import registry
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import SymbolicModel
from sdeframe.kernels.jumps import SPLIT_ORDER
from sdeframe.observers import Moments
from sdeframe.running.jumps.refusals import STRONG_ORDER
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.jumps.split_orders import LinearJumps
from sdeframe.symbolic.jumps.poisson import poisson_noises
from sdeframe.symbolic.symbols import random_normal, real_noises, real_variables
from sdeframe.symbolic.system import SDE

ERRORS: Final = 5.0
"""Standard errors within which a mean is to be; the probability of a false alarm is 6e-7."""
NEAR: Final = 0.2
"""How far a measured order may be from the declared one."""

x = real_variables("x")
W = real_noises("W")
g = random_normal("g")


@attrs.frozen
class Case:
    """A system from a start, with its averages at a time."""

    name: str
    sde: SDE
    start: float
    end: float
    scheme: Integrator
    exact: Mapping[str, tuple[Any, float]]

    def rows(self, trajectories: int, threads: int) -> Iterator[Row]:
        """Yield every average with its error, that of the step added."""
        observed = {name: expression for name, (expression, _) in self.exact.items()}
        ds = simulate(
            SymbolicModel(self.sde, {x: self.start}), self.scheme, observers=[Moments(**observed)], times=[self.end],
            trajectories=trajectories, seed=2026, threads=threads, progress=False, step_error=True,
        ).dataset  # fmt: skip
        for name, (expression, exact) in self.exact.items():
            mean = float(ds[name].values[-1].real)
            error = float(ds[f"{name}_se"].values[-1]) + abs(ds[f"{name}_step_error"].values[-1].real)
            passed = abs(mean - exact) < ERRORS * error
            yield Row(self.name, f"<{expression}>", mean, self.end, error, exact, bool(passed))


def _at(rate: Any, **more: Any) -> Any:
    return poisson_noises("N", rate=rate, **more)


def cases() -> tuple[Case, ...]:
    """Return systems whose averages are known."""
    growth = SDE({x: x}, {x: x * W}, jumps={_at(2): {x: -x / 2}})
    compound = SDE({x: 0}, jumps={_at(50): {x: g}})
    excited = SDE({x: -x}, jumps={_at(x, bound=200): {x: 1}})
    deaths = SDE({x: 0}, jumps={_at(4): {x: 1}, poisson_noises("D", rate=2 * x, bound=80): {x: -1}})
    shots = SDE({x: -x}, {x: W}, jumps={_at(3 * (1 + sp.tanh(x) ** 2), compensated=True): {x: g}})
    died = 2 * (1 - np.exp(-2))
    return (
        Case("growth, halved at rate 2", growth, 1, 1, W2S4(1 / 32), {"x": (x, 1), "xx": (x**2, np.exp(1.5))}),
        Case("compound, rate 50", compound, 0, 1, EulerMaruyama(0.1), {
            "x": (x, 0), "xx": (x**2, 50), "excess": (x**4 / 2500 - 3, 0.06),
        }),
        Case("exciting itself", excited, 2, 1, W2S4(1 / 16), {"x": (x, 2), "xx": (x**2, 6)}),
        Case("births and deaths", deaths, 0, 1, EulerMaruyama(0.25), {"x": (x, died), "xx": (x**2, died + died**2)}),
        Case("compensated, damped", shots, 1, 1, W2S4(1 / 16), {"x": (x, np.exp(-1))}),
    )  # fmt: skip


def jumps(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold averages of systems with jumps to known ones (1,000,000 trajectories), and schemes to their orders."""
    for case in cases():
        yield from case.rows(trajectories or 1_000_000, threads)
    for name in registry.names("integrators"):
        scheme = registry.find("integrators", name)
        if scheme.strong_order <= STRONG_ORDER:
            yield from order_rows(name, scheme)


def order_rows(name: str, scheme: type[Integrator]) -> Iterator[Row]:
    """Yield the orders of second moments of linear systems with jumps."""
    expected = min(scheme.weak_order, SPLIT_ORDER)
    for kind, system in (("real", LinearJumps.draw(3, 0, seed=7)), ("complex", LinearJumps.draw(0, 2, seed=7))):
        if kind in scheme.noise_kinds:
            for moment, order in system.orders(scheme).items():
                passed = order > expected - NEAR
                yield Row(name, f"order of <{moment}>, {kind} noises", order, None, None, expected, passed)
