"""``sdeframe validate switching``: the reported step error against the true one where coefficients switch in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe import registry
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import SymbolicModel
from sdeframe.observers import Moments
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row
from sdeframe.symbolic.symbols import complex_variables, parameters, real_noises, real_variables, time
from sdeframe.symbolic.system import SDE

SYSTEMS: Final = 200
"""Random switchings of every scheme, every other one on the grid of steps."""
TIMES: Final = np.arange(9) * 0.5
TIMES_OVER: Final = 2.0
"""The true error may be so many times the reported one, both at their largest over time."""
ERRORS: Final = 5.0
"""And so many standard errors of the mean more."""
ROUNDING: Final = 1e-12

a = complex_variables("a")
x = real_variables("x")
W = real_noises("W")
first, second, third = parameters("first second third")
drives, losses, noises = parameters("F0 F1 F2"), parameters("g0 g1"), parameters("s0 s1")


def system() -> SDE:
    """Return da = (−γa/2 − iF) dt, dx = −γx/2 dt + σ dW: F switches twice, then γ and σ do once."""
    F = sp.Piecewise((drives[0], time < first), (drives[1], time < second), (drives[2], True))
    gamma = sp.Piecewise((losses[0], time < third), (losses[1], True))
    sigma = sp.Piecewise((noises[0], time < third), (noises[1], True))
    return SDE({a: -gamma * a / 2 - sp.I * F, x: -gamma * x / 2}, {x: sigma * W})


@attrs.frozen
class Case:
    """Three times and the values between them."""

    switches: NDArray[np.float64]
    F: NDArray[np.float64]
    gamma: NDArray[np.float64]
    sigma: NDArray[np.float64]
    dt: float

    @classmethod
    def draw(cls, rng: np.random.Generator, on_grid: bool) -> Case:
        """Return random times and values, F of both signs, losses strong enough to matter."""
        dt = 2.0 ** -rng.integers(3, 6)
        switches = rng.uniform(0, TIMES[-1], 3)
        if on_grid:
            switches = np.round(switches / dt) * dt
        switches[:2].sort()
        return cls(switches, rng.normal(0, 2, 3), rng.uniform(0.2, 3, 2), rng.uniform(0, 1, 2), dt)

    def values(self) -> dict[Any, float]:
        """Return the values of the system's parameters."""
        given = np.concatenate([self.switches, self.F, self.gamma, self.sigma])
        return dict(zip((first, second, third, *drives, *losses, *noises), given.tolist(), strict=True))

    def exact(self) -> dict[str, NDArray[Any]]:
        """Return <a> from 1 and <x²> from ½ on at the output times, put together from exponentials."""
        alpha, square, now = 1.0 + 0j, 0.25, 0.0
        found: dict[str, list[Any]] = {"a": [], "square": []}
        for then in np.union1d(TIMES, np.clip(self.switches, 0, TIMES[-1])):
            late = int(now >= self.switches[2])
            gamma, sigma = self.gamma[late], self.sigma[late]
            decay = np.exp(-gamma * (then - now) / 2)
            rest = -2j * self.F[int(np.sum(now >= self.switches[:2]))] / gamma
            alpha, square = rest + (alpha - rest) * decay, sigma**2 / gamma + (square - sigma**2 / gamma) * decay**2
            now = then
            if then in TIMES:
                found["a"].append(alpha)
                found["square"].append(square)
        return {name: np.array(column) for name, column in found.items()}


def switching(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold the step error to half the true one at least, for 200 random switchings a scheme (1,000 trajectories)."""
    for name in registry.names("integrators"):
        yield from scheme_rows(name, registry.find("integrators", name), SYSTEMS, trajectories or 1_000, threads)


def scheme_rows(
    name: str, scheme: type[Integrator], count: int, trajectories: int, threads: int | None
) -> Iterator[Row]:  # fmt: skip
    """Yield for both means the largest share of what is allowed that a true error takes."""
    rng, sde = np.random.default_rng(2026), system()
    cases = (Case.draw(rng, k % 2 == 0) for k in range(count))
    shares = np.array([of_allowed(case, sde, scheme, trajectories, threads) for case in cases])
    for quantity, column in zip(("<a>", "<x²>"), shares.T, strict=True):
        worst = float(column.max())
        yield Row(name, f"{quantity}: true error of what is allowed", worst, reference=1.0, passed=worst <= 1)


def of_allowed(
    case: Case, sde: SDE, scheme: type[Integrator], trajectories: int, threads: int | None
) -> list[float]:  # fmt: skip
    """Return the largest true error of both means as a share of what the reported one allows."""
    model = SymbolicModel(sde, {a: 1, x: sp.Rational(1, 2)}, case.values())
    ds = simulate(
        model, scheme(dt=case.dt), observers=[Moments(a=a, square=x**2)], times=TIMES, trajectories=trajectories,
        seed=1, threads=threads, progress=False, step_error=True,
    ).dataset  # fmt: skip
    found = []
    for name, exact in case.exact().items():
        off, told = np.abs(ds[name].values - exact), np.abs(ds[f"{name}_step_error"].values)
        allowed = TIMES_OVER * told.max() + ERRORS * ds[f"{name}_se"].values.max() + ROUNDING
        found.append(float(off.max() / allowed))
    return found
