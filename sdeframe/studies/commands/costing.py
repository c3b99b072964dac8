"""What an experiment costs."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sdeframe.campaigns.run_cost import duration, estimate
from sdeframe.campaigns.sweeps import valid_grid, with_parameters

if TYPE_CHECKING:
    from sdeframe.studies.experiments.resolved import Resolved


def cost(found: Resolved, threads: int | None) -> str:
    """Return what is run with its time and memory, a property a line; of a scan that of its first run, then of all."""
    first = estimate(found.model, found.integrator_of(found.model), threads=threads, **found.options)
    if not (scan := found.experiment.scan):
        return first.text
    values = valid_grid(scan)
    rows = [dict(zip(values, row, strict=True)) for row in itertools.product(*values.values())]
    steps = [found.integrator_of(with_parameters(found.model, row)).dt for row in rows]
    seconds = duration(sum(first.seconds * steps[0] / dt for dt in steps))
    return (
        f"{first.text}\n{'scan':<14}{len(rows):,} runs, this is the first: {seconds} if a step of each costs the same"
    )
