"""``sdeframe validate exact``: the exact solutions of the Tavis-Cummings model against QuTiP and against each other."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from importlib.resources import files
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings.closed_exact import closed_photon_distribution, closed_solution
from sdeframe.models.tavis_cummings.density_matrix import open_photon_distribution, open_solution
from sdeframe.models.tavis_cummings.quantum_jumps import jump_solution
from sdeframe.models.tavis_cummings.sample import Sample
from sdeframe.studies.tables import Row

Means = Mapping[str, NDArray[np.float64]]

MEANS: Final = ("excited", "photon_number", "pair")
DISTRIBUTION: Final = "photon_distribution"
LIMITS: Final = {"brute_force": 1e-8, "dicke_space": 1e-7}
"""Largest differences from QuTiP; qutip.piqs holds its rates in single precision."""
ROUNDING: Final = 1e-10
"""Largest difference of two solutions without statistics: their photon numbers leave out 1e-12."""
TIMES: Final = np.linspace(0.0, 10.0, 21)
ERRORS: Final = 5.0
"""Largest deviation in standard errors; the false-alarm probability of one comparison is `FALSE_ALARM`."""
FALSE_ALARM: Final = math.erfc(ERRORS / math.sqrt(2))
SEED: Final = 8
UNDAMPED: Final = ((2, 0.5), (10, 10.0), (20, 2.0))
SMALL: Final = (
    (10, 10.0, "ground", 0.5),
    (10, 10.0, "excited", 0.5),
    (10, 0.0, "excited", 2.0),
    (10, 1.0, "ground", 2.0),
)
LARGE: Final = TavisCummings(100, 1000.0, decay=0.5)
TRAJECTORIES: Final = 20_000
SPREAD: Final = 5e-4
"""Standard error of <σee> that `TRAJECTORIES` quantum jumps of `LARGE` are to reach."""


def exact(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold the exact solutions of closed and open systems against QuTiP's numbers and against each other."""
    for name in ("closed", "open"):
        yield from qutip_rows(name)
    for atoms, photons in UNDAMPED:
        for start in ("ground", "excited"):
            for decay in (0.0, 1e-13):
                yield undamped_row(atoms, photons, start, decay)
    count = trajectories or TRAJECTORIES
    for atoms, photons, start, decay in SMALL:
        yield from jump_rows(TavisCummings(atoms, photons, decay, start), count, threads)
    yield from jump_rows(TavisCummings(100, 100.0, start="excited"), max(2, count // 10), threads)
    yield from cost_rows(count, threads)


def committed(name: str) -> Any:
    """Return a table of numbers of another program that comes with sdeframe."""
    return json.loads((files("sdeframe.studies.validations") / "data" / f"{name}.json").read_text(encoding="utf-8"))


def qutip_rows(name: str) -> Iterator[Row]:
    """Yield the largest difference from QuTiP of every committed case, over means and photon distribution."""
    table = committed(f"{name}_qutip")
    times = np.array(table["times"])
    for case in table["cases"]:
        model = TavisCummings(case["atoms"], case["photons"], case.get("decay", 0.0), case["start"])
        found = {**model.exact(times), DISTRIBUTION: model.photon_distribution(times[:: table["every"]])}
        solver = case.get("solver", "brute_force")
        how = {"brute_force": "brute force", "dicke_space": "piqs"}[solver]
        known = {quantity: np.array(case[quantity]) for quantity in (*MEANS, DISTRIBUTION) if quantity in case}
        yield difference_row(model, f"{table['program']}, {how}", found, known, LIMITS[solver])


def undamped_row(atoms: int, photons: float, start: str, decay: float) -> Row:
    """Return the largest difference of the density matrix with next to no decay from the closed solution."""
    closed = {
        **closed_solution(Sample(atoms, photons, start), TIMES),
        DISTRIBUTION: closed_photon_distribution(Sample(atoms, photons, start), TIMES),
    }
    damped = {
        **open_solution(Sample(atoms, photons, start, decay), TIMES),
        DISTRIBUTION: open_photon_distribution(Sample(atoms, photons, start, decay), TIMES),
    }
    return difference_row(TavisCummings(atoms, photons, decay, start), "the closed solution", damped, closed, ROUNDING)


def difference_row(model: TavisCummings, other: str, found: Means, known: Means, limit: float) -> Row:
    """Return the largest difference of two solutions; a photon number that one leaves out has probability 0."""
    differences = {name: float(np.max(np.abs(_widened(found[name], known[name])))) for name in known}
    worst = max(differences, key=differences.__getitem__)
    passed = all(difference < limit for difference in differences.values())
    return Row(named(model), f"largest |difference|, {other}", differences[worst], None, None, limit, passed, worst)


def _widened(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a − b, the shorter filled up with zeros along the last axis where they are distributions."""
    if a.ndim == 1:
        return a - b
    difference = np.zeros((len(a), max(a.shape[1], b.shape[1])))
    difference[:, : a.shape[1]] += a
    difference[:, : b.shape[1]] -= b
    return difference


def jump_rows(model: TavisCummings, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield the largest deviation of the means of quantum jumps from the other exact solution, in standard errors."""
    known = model.exact(TIMES)
    found = jumps(model, trajectories, threads)
    for name in MEANS:
        deviation = np.abs(found[name] - known[name])[1:] / found[f"{name}_se"][1:]
        at = int(np.argmax(deviation))
        note = f"{trajectories} trajectories, false alarm {deviation.size * FALSE_ALARM:.0e}"
        passed = bool(np.all(deviation < ERRORS))
        yield Row(named(model), f"{name}: largest |jumps - exact| / se", float(deviation[at]), float(TIMES[1:][at]),
                  None, ERRORS, passed, note)  # fmt: skip


def cost_rows(trajectories: int, threads: int) -> Iterator[Row]:
    """Yield what the two open solutions cost at the sizes of the paper, and how well the larger one is known."""
    begin = perf_counter()
    model = TavisCummings(10, 100.0, decay=0.5)
    open_solution(Sample(10, 100.0, "ground", 0.5), TIMES)
    yield Row(named(model), "density matrix to 10: s", perf_counter() - begin)
    begin = perf_counter()
    error = float(np.max(jumps(LARGE, trajectories, threads)["excited_se"]))
    seconds = perf_counter() - begin
    limit = SPREAD * math.sqrt(max(1.0, TRAJECTORIES / trajectories))
    note = f"{trajectories} trajectories"
    yield Row(named(LARGE), "excited: largest se", error, None, None, limit, error < limit, note)
    yield Row(named(LARGE), "quantum jumps to 10: s", seconds, note=f"{note}, {threads} threads")


def jumps(model: TavisCummings, trajectories: int, threads: int) -> Means:
    """Return the means of quantum jumps."""
    return jump_solution(model.sample, TIMES, trajectories, SEED, threads)


def named(model: TavisCummings) -> str:
    """Return what a case is called in a table."""
    return f"N={model.atoms} {model.start} nph={model.photons:g} γ={model.decay:g}"
