"""``sdeframe validate sampling``: what balanced sampling gains, and whether its errors are honest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from sdeframe.integrators import W2S4
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.sampling import Balanced
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.sampling.gains import (
    ENOUGH,
    FEWEST,
    SEED,
    Case,
    gain_rows,
    gains,
    how_tied,
    relative_error,
)
from sdeframe.studies.validations.sampling.honesty import honesty_rows
from sdeframe.studies.validations.sampling.systems import asked_cases, equal_cases, other_cases

CUBIC: Final = (5.0, 20.0)
"""Gain by N³ that is asked for at a photon an atom."""
ROUNDING: Final = 1e-15
"""Standard error of means that have no noise left."""


def sampling(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Show what balanced sampling gains on many systems, and hold what it states on fresh ones against exact means."""
    for case in asked_cases():
        yield from gain_rows(case, trajectories, threads)
    for number, case in equal_cases():
        yield cubic_row(number, case, trajectories, threads)
    yield from linear_rows(threads)
    yield from honesty_rows(trajectories, threads)
    for case in other_cases():
        yield from gain_rows(case, trajectories, threads)


def cubic_row(number: int, case: Case, trajectories: int | None, threads: int) -> Row:
    """Return the gain by the third power of the number of atoms."""
    found, tied = gains(case, trajectories, threads)
    replicates = tied.dataset.attrs["replicates"]
    ratio = float(found["excited"][0]) / number**3
    passed = CUBIC[0] <= ratio <= CUBIC[1] if replicates >= ENOUGH else None
    note = f"{how_tied(case, tied, 'excited')}, {CUBIC[0]:g} to {CUBIC[1]:g}"
    spread = ratio * relative_error(replicates)
    return Row(case.name, "gain in excited / N³", ratio, case.times[0], spread, CUBIC[0], passed, note)


def linear_rows(threads: int) -> Iterator[Row]:
    """Yield how ensembles of a linear system differ, whose means have no term beyond the second order."""
    model = OrnsteinUhlenbeck(start=1.0)
    case = Case("Ornstein-Uhlenbeck", model, W2S4(0.1), (1.0, 2.0, 5.0), model.observables, block=1024)
    runs = [case.run(Balanced(1024), FEWEST * 1024, threads, seed=SEED + k).dataset for k in range(FEWEST)]
    for name in case.observed:
        apart = np.std([run[name].values.real for run in runs], axis=0, ddof=1)
        at = int(np.argmax(apart))
        passed, note = bool(apart[at] < ROUNDING), f"{FEWEST} seeds of {FEWEST} x 1024"
        yield Row(
            case.name, f"spread of the mean of {name}", float(apart[at]), case.times[at], None, ROUNDING, passed, note
        )
