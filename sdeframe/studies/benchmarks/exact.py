"""``sdeframe bench exact``: what the exact solutions of the Tavis-Cummings model cost, beside QuTiP's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from time import process_time
from typing import Any, Final

import numpy as np

from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings.closed_exact import closed_solution
from sdeframe.models.tavis_cummings.density_matrix import open_solution, open_work
from sdeframe.models.tavis_cummings.sample import Sample
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.exact import TIMES, committed, jumps, named

ATOMS: Final = (2, 4, 6, 10, 20, 50, 100)
PER_ATOM: Final = (0.1, 1.0, 10.0)
DECAY: Final = 0.5
MEASURED_UP_TO: Final = 1e10
"""Elements of the density matrix that are computed; what would take more is predicted."""
TRAJECTORIES: Final = 1000


def exact(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Measure the processor time of the exact solutions to τ = 10 (ground start; open: γ = f/2), beside qutip.piqs."""
    pace = 0.0
    others = committed("piqs_cost")
    compile_all(threads)
    for atoms in ATOMS:
        for photons in (share * atoms for share in PER_ATOM):
            model = TavisCummings(atoms, photons, decay=DECAY)
            begin = process_time()
            closed_solution(Sample(atoms, photons, "ground"), TIMES)
            yield Row(named(model), "without decay: s", process_time() - begin)
            row, pace = density_row(model, pace)
            yield row
            yield from jump_rows(model, trajectories or TRAJECTORIES, threads)
            yield from piqs_rows(model, others)


def compile_all(threads: int) -> None:
    """Compile what is timed."""
    open_solution(Sample(2, 1.0, "ground", DECAY), TIMES)
    jumps(TavisCummings(2, 1.0, decay=DECAY), 2, threads)


def density_row(model: TavisCummings, pace: float) -> tuple[Row, float]:
    """Return the seconds of the density matrix, predicted by the pace of the last one where it is large; the pace."""
    work = open_work(model.sample, float(TIMES[-1]))
    if work > MEASURED_UP_TO:
        return Row(named(model), "density matrix: s", work * pace, note="predicted"), pace
    begin = process_time()
    open_solution(model.sample, TIMES)
    seconds = process_time() - begin
    return Row(named(model), "density matrix: s", seconds), seconds / work


def jump_rows(model: TavisCummings, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield what 1,000 quantum-jump trajectories cost, and how far <σee> of single ones spreads."""
    begin = process_time()
    error = jumps(model, trajectories, threads)["excited_se"]
    seconds = (process_time() - begin) * 1000 / trajectories
    spread = float(np.max(error)) * math.sqrt(trajectories)
    yield Row(named(model), "quantum jumps: s for 1,000", seconds)
    yield Row(named(model), "quantum jumps: largest spread of excited", spread)


def piqs_rows(model: TavisCummings, table: dict[str, Any]) -> Iterator[Row]:
    """Yield what QuTiP took for the same, where it was tried (tests/data/make_piqs_cost.py)."""
    for case in table["cases"]:
        if (case["atoms"], case["photons"]) == (model.atoms, model.photons):
            program = f"{table['program']}, piqs with a cavity"
            if "beyond" in case:
                yield Row(named(model), "piqs: s", math.inf, note=f"{program}: takes more than {case['beyond']}")
            else:
                note = f"{program}: {case['mebibytes']} MiB"
                yield Row(named(model), "piqs: s", case["seconds"], note=note)
