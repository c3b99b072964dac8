"""``sdeframe validate kets``: useful times of stochastic kets beside those of positive-P."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.derivation import Boson, Emitters, Ket, Master
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.groups import Groups
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, PairMoments
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row

Reals = NDArray[np.float64]

TRAJECTORIES: Final = 20_000
GROUPS: Final = 50
DT: Final = 0.02
GRID: Final = 0.5
SHARP: Final = 0.02
"""The standard error up to which an average is of use."""
SLACK: Final = 0.004
LARGEST: Final = 5.0
"""A deviation is of use up to so many standard errors and this slack."""
SEED: Final = 2024


@attrs.frozen
class Case:
    """A closed Tavis-Cummings model, up to when it runs, and what kets must reach: a time, or some of positive-P's."""

    atoms: int
    start: str
    photons: int
    end: float
    time: float = 0.0
    factor: float = 0.0

    def times(self) -> Reals:
        """Return the output times."""
        times: Reals = np.arange(round(self.end / GRID) + 1, dtype=float) * GRID
        return times

    def exact(self) -> Reals:
        """Return the excited share at them."""
        model = TavisCummings(self.atoms, self.photons, start=self.start)
        return np.asarray(model.exact(self.times())["excited"])

    def kets(self) -> QuantumModel:
        """Return the model on kets, in the same time."""
        a, atoms = Boson("a"), Emitters("atoms", "ge", self.atoms)
        H = (a * atoms.sum("eg") + a.dag() * atoms.sum("ge")) / sp.sqrt(self.atoms)
        return QuantumModel(
            Master(H), Ket(), start={a: sp.sqrt(self.photons), atoms: self.start[0]},
            observables={"excited": atoms.sum("ee") / self.atoms},
        )  # fmt: skip

    def of_kets(self, trajectories: int, threads: int) -> tuple[Reals, Reals]:
        """Return the excited share by pairs of kets, and its standard error."""
        model, size = self.kets(), max(2, trajectories // GROUPS)
        found = simulate(
            model, W2S4(DT), gauge=Decoupled(model.log_norm), observers=[PairMoments(**model.observables)],
            times=self.times(), trajectories=GROUPS * size, groups=Groups(size), seed=SEED, threads=threads,
            progress=False,
        ).dataset  # fmt: skip
        return found["excited"].values.real, found["excited_se"].values

    def of_positive_p(self, trajectories: int, threads: int) -> tuple[Reals, Reals]:
        """Return the excited share by positive-P, and its standard error."""
        model = TavisCummings(self.atoms, self.photons, start=self.start)
        found = simulate(
            model, W2S4(DT), observers=[Moments(bound=1e3, excited=model.excited)], times=self.times(),
            trajectories=trajectories, seed=SEED, threads=threads, progress=False,
        ).dataset  # fmt: skip
        return found["excited"].values.real, found["excited_se"].values


CASES: Final = (
    Case(10, "ground", 1, 16.0, factor=2.0),
    Case(10, "ground", 10, 10.0, time=8.0, factor=2.0),
    Case(10, "ground", 100, 10.0, factor=2.0),
    Case(10, "excited", 0, 8.0, time=6.5, factor=2.0),
    Case(10, "excited", 1, 8.0, factor=2.0),
    Case(10, "excited", 10, 8.0, factor=2.0),
    Case(10, "excited", 100, 8.0, factor=2.0),
    Case(100, "ground", 10, 14.0),
    Case(100, "ground", 100, 10.0),
    Case(100, "ground", 1000, 12.0),
    Case(100, "excited", 0, 9.5, time=8.0),
    Case(100, "excited", 10, 10.0),
    Case(100, "excited", 100, 10.0),
    Case(100, "excited", 1000, 12.0),
)


def useful(mean: Reals, error: Reals, exact: Reals) -> int:
    """Return how many output times there are before an average is of no use."""
    good = (error < SHARP) & (np.abs(mean - exact) < LARGEST * error + SLACK)
    return len(good) if good.all() else int(np.argmin(good))


def kets(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Compare kets with the exact solution and with positive-P, in closed Tavis-Cummings cases (20,000 kets each)."""
    for case in CASES:
        yield from case_rows(case, trajectories or TRAJECTORIES, threads)


def case_rows(case: Case, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield the rows of one case."""
    name, times, exact = f"{case.atoms} {case.start} {case.photons}", case.times(), case.exact()
    mean, error = case.of_kets(trajectories, threads)
    reached = useful(mean, error, exact)
    plain = float(times[useful(*case.of_positive_p(trajectories, threads), exact) - 1])
    last = float(times[reached - 1])
    yield Row(
        name, "useful time of kets", last, reference=max(case.time, case.factor * plain),
        passed=last >= max(case.time, case.factor * plain), note=f"positive-P: {plain:g}",
    )  # fmt: skip
    z = np.abs(mean - exact)[1:reached] / error[1:reached]
    yield Row(name, "largest deviation in standard errors", float(z.max()), time=last, reference=LARGEST,
              passed=bool(z.max() < LARGEST))  # fmt: skip
