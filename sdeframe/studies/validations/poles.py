"""``sdeframe validate poles``: where runaways go, and by what power law.

Near a movable pole τs the noiseless equations have (10), (17), with a constant that is fixed, and a regular part:

    ρee = C (τs − τ)^p + ½ + E/3 + ...,    p = −2,   C = 1.

The noise does not fade there. In what is left of the time, z = τs − τ, the field noise −iρeg dS/√N of (A46) adds
z^(−3/2)/√N to A ~ 1/z, and the atomic noise −ρee q of (A39) adds z^(−7/2)/√N to ρee ~ 1/z². Squared and relative,
that is

    √|ρee|/N in (A46),    |ρee|^(3/2)/N in (A39),

so the law is an intermediate one: it holds well below |ρee| = N², or N^(2/3). Rows are judged where this ratio is at
most `SMALL`; elsewhere they show what is found in its place, which depends on the form of the noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.interfaces.integrator import Increments, Integrator
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.models import TavisCummings
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.power_laws import exponent_about, fit_constant, fit_power, median_interval
from sdeframe.studies.validations.stretches import Approach, LostTrajectories, joined, last_stretch

DT: Final = 5e-4
"""At most 1/60 of the time left to the pole, up to |ρee| = 1e3."""
RK2: Final = StochasticRK2(DT)
GRID: Final = 0.5
MOST: Final = 250
"""Runaways replayed for a case."""
SMALL: Final = 0.1
"""The largest `Case.noise` at which the law is judged; it is allowed for in every verdict."""


@attrs.frozen
class Case:
    """Runaways of one ensemble, from where |ρee| is last below the lower limit to where it first reaches the upper."""

    atoms: int
    start: str
    photons: float
    end: float
    limits: tuple[float, float] = (100.0, 1000.0)
    form: str = "A46"
    integrator: Integrator = RK2

    @property
    def model(self) -> TavisCummings:
        """The closed system."""
        return TavisCummings(atoms=self.atoms, photons=self.photons, start=self.start, form=self.form)

    @property
    def noise(self) -> float:
        """The squared size of the noise at the upper limit, relative to what it adds to."""
        return self.limits[1] ** (0.5 if self.form == "A46" else 1.5) / self.atoms

    @property
    def name(self) -> str:
        """What the case is called in a table; only what is not the default is named."""
        plain = Case(self.atoms, self.start, self.photons, self.end)
        parts = [f"N={self.atoms} {self.start} nph={self.photons:g}"]
        if self.form != plain.form:
            parts.append(self.form)
        if type(self.integrator) is not type(plain.integrator):
            parts.append("Euler")
        if self.integrator.dt != plain.integrator.dt:
            parts.append(f"dt={self.integrator.dt:g}")
        if self.limits != plain.limits:
            parts.append("{:g}-{:g}".format(*self.limits))
        return " ".join(parts)


CASES: Final = (
    Case(10, "ground", 10, 5.0),
    Case(10, "ground", 100, 6.0),
    Case(10, "excited", 0, 5.0),
    Case(10, "excited", 0, 5.0, integrator=StochasticRK2(DT / 2)),
    Case(10, "excited", 10, 5.0),
    Case(100, "ground", 100, 8.0),
    Case(100, "excited", 0, 9.0),
    Case(1000, "ground", 1000, 10.0),
    Case(1000, "excited", 0, 12.0),
    Case(1000, "excited", 0, 12.0, form="A39"),
    Case(1000, "excited", 0, 12.0, limits=(10.0, 100.0), form="A39"),
    Case(1000, "excited", 0, 12.0, limits=(30.0, 300.0)),
    Case(1000, "excited", 0, 12.0, limits=(1e3, 1e4)),
    Case(1000, "excited", 0, 12.0, integrator=StochasticRK2(DT / 2)),
    Case(1000, "excited", 0, 12.0, integrator=EulerMaruyama(DT)),
)
"""The paper's two systems, and a larger one, in which the law has room between |ρee| = 1 and N²."""


def poles(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Measure the power law of runaways against (10), (17) and C = 1 (10,000 trajectories each; rows give medians)."""
    for case in CASES:
        yield from case_rows(case, trajectories or 10_000, threads)


def case_rows(case: Case, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield the rows of one case."""
    result = simulate(
        case.model, case.integrator, observers=[LostTrajectories(10 * case.limits[1])],
        times=np.arange(round(case.end / GRID) + 1) * GRID, trajectories=trajectories, seed=2023, threads=threads,
    )  # fmt: skip
    noisy, lost = approaches(case, result), result.dataset.sizes["lost"]
    about = f"of {min(lost, MOST)} replayed, {lost} lost; others were too fast for the step, or lost by ρeg or ρge"
    yield Row(case.name, "runaways fitted", float(noisy.count), note=about)
    if noisy.count:
        yield from law_rows(case, noisy)


def law_rows(case: Case, noisy: Approach) -> Iterator[Row]:
    """Yield the rows of a case that has runaways; those without noise only where the law is judged."""
    quiet = noise_free(case, noisy, case.integrator.dt)
    free = measured(quiet, 0.0)
    for quantity, values in measured(noisy, 0.0).items():
        off = middle(free[quantity])
        yield judged(case, quantity, values, REFERENCES[quantity], case.noise + abs(off - REFERENCES[quantity]), off)
    pole = fit_constant(noisy.times, noisy.states[ATOMS], -2.0).pole
    yield judged(case, "pole, Re τs", pole.real)
    yield judged(case, "pole, |Im τs|", np.abs(pole.imag))
    if case.noise > SMALL:
        return
    finer = noise_free(case, noisy, case.integrator.dt / 2)
    less, half = (measured(approach, regular_part(approach)) for approach in (quiet, finer))
    for quantity in ("exponent p", "|C| at p = -2"):
        step = 2 * abs(middle(less[quantity]) - middle(half[quantity]))
        name = f"{quantity}, noise off, less ½ + E/3"
        yield judged(case, name, less[quantity], REFERENCES[quantity], next_term(case, quiet) + step)


REFERENCES: Final = {
    "exponent p": -2.0,
    "|C|, p free": 1.0,
    "|C| at p = -2": 1.0,
    "arg C at p = -2": 0.0,
    "exponent of A about that pole": -1.0,
}


def measured(approach: Approach, less: float | NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return what `REFERENCES` names for every trajectory, of ρee less a regular part."""
    excited = approach.states[ATOMS] - less
    power = fit_power(approach.times, excited, -2.0)
    fixed = fit_constant(approach.times, excited, -2.0)
    field = exponent_about(approach.times, approach.states[FIELD], fixed.pole)
    values = (power.exponent.real, np.abs(power.constant), np.abs(fixed.constant), np.angle(fixed.constant), field.real)
    return dict(zip(REFERENCES, values, strict=True))


def judged(
    case: Case, quantity: str, values: NDArray[Any], reference: float | None = None, allowance: float = 0.0,
    off: float | None = None,
) -> Row:  # fmt: skip
    """Return a median; the reference must lie in its interval, widened by the allowance, where the noise is small."""
    median, low, high = median_interval(values[np.isfinite(values)])
    note, passed = f"95 %: {low:.5g} to {high:.5g}", None
    if reference is not None and case.noise <= SMALL and math.isfinite(low):
        passed = low - allowance <= reference <= high + allowance
        note += f", allowed {allowance:.2g} more"
    if off is not None:
        note += f"; noise off {off:.5g}"
    return Row(case.name, quantity, median, None, (high - low) / 4, reference, passed, note)


def middle(values: NDArray[Any]) -> float:
    """Return the median of those that are finite."""
    return median_interval(values[np.isfinite(values)])[0]


def energy(approach: Approach) -> NDArray[np.complex128]:
    """Return E = w/2 + A Ad at the first points, shape (trajectories, 1); without noise it stays."""
    A, Ad, ree, *_ = approach.states[:, :, :1]
    effective: NDArray[np.complex128] = ree - 0.5 + A * Ad
    return effective


def regular_part(approach: Approach) -> NDArray[np.complex128]:
    """Return ½ + E/3, shape (trajectories, 1)."""
    return 0.5 + energy(approach) / 3


def next_term(case: Case, approach: Approach) -> float:
    """Return the median size at the lower limit, relative to ρee, of the next term: (4E²/3 + w² + 4ρeg·ρge) z²/20."""
    _, _, ree, reg, rge = approach.states[:, :, 0]
    term = (4 * energy(approach)[:, 0] ** 2 / 3 + (2 * ree - 1) ** 2 + 4 * reg * rge) / 20
    return middle(np.abs(term)) / case.limits[0] ** 2


def approaches(case: Case, result: Result) -> Approach:
    """Replay the first `MOST` lost trajectories and return their last stretches before loss."""
    ds, names = result.dataset, list(case.model.system().variables)
    numbers, by = ds["lost"].values[:MOST], ds["lost_by"].values[:MOST]
    before = GRID + 3 / math.sqrt(case.limits[0])
    found = []
    for last in np.unique(by):
        path = result.replay(numbers[by == last], (max(last - before, 0.0), last))
        found.append(last_stretch(path["time"].values, np.array([path[n].values for n in names]), ATOMS, case.limits))
    return joined(found, len(names))


FIELD, ATOMS = 0, 2
"""A and ρee among the variables."""


def noise_free(case: Case, found: Approach, dt: float) -> Approach:
    """Go on from where stretches begin, with the noise switched off, and return the stretches of that."""
    sde = case.model.system()
    system = EagerSystem(sde, case.model.parameters())
    state = found.states[:, :, 0]
    none = np.zeros((len(sde.noises), found.count), dtype=complex)
    rest = Increments(dt, none, none)
    path = [np.zeros_like(state), state]  # from below the lower limit
    for _ in range(round(3 / math.sqrt(case.limits[0]) / dt)):
        moves = np.abs(state[ATOMS]) < case.limits[1]
        state = np.where(moves, case.integrator.step(system, state, 0.0, rest), state)
        path.append(state)
    return last_stretch(np.arange(-1, len(path) - 1) * dt, np.moveaxis(np.array(path), 0, 2), ATOMS, case.limits)
