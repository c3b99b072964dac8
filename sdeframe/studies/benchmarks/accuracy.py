"""``sdeframe bench accuracy``: the time that every scheme takes to a given bias of the mean."""

from __future__ import annotations

import itertools
import math
import statistics
import warnings
from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.integrators import RK4, W2S4, EulerMaruyama, Heun, SemiImplicitMidpoint, StochasticRK2
from sdeframe.interfaces.increments import FourPoint, Octagon
from sdeframe.interfaces.integrator import Integrator
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row

TARGETS: Final = (1e-3, 1e-4)
GRID: Final = 0.1
"""An output grid, which a step cannot exceed."""
HALVINGS: Final = 11
MORE: Final = 64
"""How many times more trajectories large steps get, which are cheap and whose differences scatter most."""
ROUNDS: Final = 3
LIMIT: Final = 5.0
"""Standard errors that the direct run may be off."""


@attrs.frozen
class Case:
    """A closed model, the first of four equidistant times at which its mean counts, and what is asked of the best."""

    model: TavisCummings
    spacing: float
    asked: dict[float, float]
    """Least gain of the best scheme on Euler-Maruyama for each target, with free steps."""
    asked_on_grid: dict[float, float] = attrs.field(factory=dict)

    @property
    def times(self) -> NDArray[np.float64]:
        """Output times."""
        return np.array([1.0, 2.0, 3.0, 4.0]) * self.spacing

    @property
    def name(self) -> str:
        """What the case is called in a table."""
        return f"N={self.model.atoms} nph={self.model.photons:g} to {self.times[-1]:g}"


CASES: Final = (
    Case(TavisCummings(atoms=100, photons=10.0), 0.75, {1e-3: 20.0, 1e-4: 60.0}, {1e-3: 5.0, 1e-4: 40.0}),
    Case(TavisCummings(atoms=10, photons=10.0), 0.5, {1e-3: 20.0, 1e-4: 60.0}),
)
BASE: Final = "EulerMaruyama, Gaussian"
SCHEMES: Final[dict[str, Integrator]] = {
    BASE: EulerMaruyama(1.0),
    "StochasticRK2, Gaussian": StochasticRK2(1.0),
    "Heun, FourPoint": Heun(1.0, increments=FourPoint()),
    "SemiImplicitMidpoint, FourPoint": SemiImplicitMidpoint(1.0, increments=FourPoint()),
    "RK4, FourPoint": RK4(1.0, increments=FourPoint()),
    "W2S4, FourPoint": W2S4(1.0),
    "W2S4, Octagon": W2S4(1.0, increments=Octagon()),
}


def accuracy(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Find the largest step of every scheme for a bias of the mean, and the time it takes (40,000 trajectories)."""
    count = trajectories or 40_000
    for case in CASES:
        steps: dict[str, dict[float, float]] = {name: {} for name in SCHEMES}
        for name, scheme in SCHEMES.items():
            ladder = biases(case, scheme, count, threads)
            for target in TARGETS:
                steps[name][target] = largest_step(ladder, target, scheme.weak_order)
        nanoseconds = measure(case, {n: attrs.evolve(s, dt=steps[n][TARGETS[0]]) for n, s in SCHEMES.items()})
        for target in TARGETS:
            yield from target_rows(case, target, {n: s[target] for n, s in steps.items()}, nanoseconds)
        for name in SCHEMES:
            yield direct_row(case, name, steps[name][TARGETS[0]], count, threads)


def biases(case: Case, scheme: Integrator, count: int, threads: int) -> dict[float, float]:
    """Return the largest bias of the mean over the output times of a case by step."""
    return ladder(case.model, case.times, scheme, count, threads)


def ladder(
    model: TavisCummings, times: NDArray[np.float64], scheme: Integrator, count: int, threads: int
) -> dict[float, float]:
    """Return the largest bias of the mean over equidistant times by step, telescoped from coupled runs.

    The bias of a step 2h is the sum over all smaller ones of the differences m_2h − m_h on the same Brownian paths,
    and of what is left below the last, by its weak order. Halving ends where the smallest target is resolved.
    """
    differences: dict[float, NDArray[Any]] = {}
    for k in range(1, HALVINGS + 1):
        h = float(times[0]) / 2**k
        with warnings.catch_warnings(action="ignore"):  # steps that are too large are what is looked for
            ds = simulate(
                model, attrs.evolve(scheme, dt=h), observers=[Moments(mean=model.excited), Runaways()],
                times=times, trajectories=max(count, MORE * count // 2**k), seed=11, threads=threads,
                progress=False, step_error=True,
            ).dataset  # fmt: skip
        factor = 2**scheme.weak_order - 1
        differences[2 * h] = factor * ds["mean_step_error"].values.real
        if np.abs(differences[2 * h]).max() < TARGETS[-1] / 2 and k > 3:
            break
    rest = differences[min(differences)] / (2**scheme.weak_order - 1)
    found = {}
    for h in sorted(differences):
        rest = rest + differences[h]
        found[h] = float(np.abs(rest).max())
    return found


def largest_step(ladder: dict[float, float], target: float, weak_order: float) -> float:
    """Return the step up to which every bias is below the target, on a straight line between logarithms."""
    steps = sorted(ladder)
    if ladder[steps[0]] > target:
        return steps[0] * (target / ladder[steps[0]]) ** (1 / weak_order)
    for below, above in itertools.pairwise(steps):
        if ladder[above] > target:
            share = math.log(target / ladder[below]) / math.log(ladder[above] / ladder[below])
            return below * 2**share
    return steps[-1]


def measure(case: Case, schemes: dict[str, Integrator]) -> dict[str, float]:
    """Return nanoseconds per trajectory and step, medians of rounds in turn on one thread, output times apart."""
    times: dict[str, list[float]] = {name: [] for name in schemes}
    for _ in range(ROUNDS + 1):
        for name, scheme in schemes.items():
            step = case.spacing / 1024
            result = simulate(
                case.model, attrs.evolve(scheme, dt=step), observers=[Runaways()], times=[case.spacing],
                trajectories=2048, seed=1, threads=1, progress=False,
            )  # fmt: skip
            times[name].append(1e9 * result.seconds / (1024 * 2048))
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def target_rows(case: Case, target: float, steps: dict[str, float], nanoseconds: dict[str, float]) -> Iterator[Row]:
    """Yield step and time of every scheme, and the gains that are asked for."""

    def microseconds(name: str, largest: float = math.inf) -> float:
        return case.times[-1] / min(steps[name], largest) * nanoseconds[name] / 1e3

    for name, step in steps.items():
        note = f"dt {step:.3g}, {nanoseconds[name]:.1f} ns a step, gain {microseconds(BASE) / microseconds(name):.1f}"
        yield Row(case.name, f"{name}: µs to {target:g}", float(microseconds(name)), note=note)
    best = min(SCHEMES, key=microseconds)
    gain = microseconds(BASE) / microseconds(best)
    yield _asked(case, f"best gain at {target:g}", gain, case.asked[target], best)
    if target in case.asked_on_grid:
        on_grid = min(SCHEMES, key=lambda name: microseconds(name, GRID))
        gain = microseconds(BASE, GRID) / microseconds(on_grid, GRID)
        yield _asked(case, f"best gain at {target:g}, dt <= {GRID:g}", gain, case.asked_on_grid[target], on_grid)
    for other in ("Heun, FourPoint", "SemiImplicitMidpoint, FourPoint"):
        ratio = microseconds(other) / microseconds("W2S4, FourPoint")
        yield _asked(case, f"{other} / W2S4 at {target:g}", ratio, 1.0 if target == TARGETS[0] else 2.5, "")


def _asked(case: Case, quantity: str, value: float, least: float, note: str) -> Row:
    passed, about = bool(value >= least), f"{note} at least".strip()
    return Row(case.name, quantity, float(value), reference=least, passed=passed, note=about)


def direct_row(case: Case, name: str, step: float, count: int, threads: int) -> Row:
    """Return by how much a mean is further from exact than its step error says, in standard errors of the two.

    The step is the largest of the ladder below a given one. Where the noise is weak, the order of the drift decides,
    which is higher than the weak order: the step error is then larger than the true one.
    """
    h = case.spacing / 2 ** max(math.ceil(math.log2(case.spacing / step)), 1)
    ds = simulate(
        case.model, attrs.evolve(SCHEMES[name], dt=h), observers=[Moments(mean=case.model.excited), Runaways()],
        times=case.times, trajectories=5 * count, seed=12, threads=threads, progress=False, step_error=True,
    ).dataset  # fmt: skip
    true, estimated = (
        ds["mean"].values.real - case.model.exact(case.times)["excited"],
        ds["mean_step_error"].values.real,
    )
    off = (np.abs(true) - np.abs(estimated)) / np.hypot(ds["mean_se"].values, ds["mean_step_error_se"].values)
    at = int(np.argmax(off))
    note = f"dt {h:.3g}: off exact by {true[at]:.1e} ± {ds['mean_se'].values[at]:.0e}, step error {estimated[at]:.1e}"
    worst, time = float(off[at]), float(case.times[at])
    quantity = f"{name}: beyond the step error / se"
    return Row(case.name, quantity, worst, time, reference=LIMIT, passed=worst < LIMIT, note=note)
