"""What an experiment costs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sdeframe.campaigns.run_cost import duration, estimate
from sdeframe.campaigns.sweeps import valid_grid, with_parameters
from sdeframe.files import writable
from sdeframe.running.ensemble.keeping import opened
from sdeframe.running.stopping.check import check_rule
from sdeframe.validators import shown

if TYPE_CHECKING:
    from sdeframe.campaigns.run_cost import Estimate
    from sdeframe.studies.experiments.resolved import Resolved


def cost(found: Resolved, threads: int | None) -> str:
    """Return what is run with its time and memory, a property a line; of a scan that of its first run, then of all.

    Raises
    ------
    TypeError, ValueError
        If the run would refuse something, such as a checkpoint of another one.
    """
    first = estimate(found.model, found.integrator_of(found.model), threads=threads, **found.options)
    check_rule(found.until, first.problem)
    if not (scan := found.experiment.scan):
        return "\n".join((first.text, *_shorter(found, first)))
    values = valid_grid(scan)
    rows = [dict(zip(values, row, strict=True)) for row in itertools.product(*values.values())]
    steps = [found.integrator_of(with_parameters(found.model, row)).dt for row in rows]
    seconds = duration(sum(first.seconds * steps[0] / dt for dt in steps))
    return (
        f"{first.text}\n{'scan':<14}{len(rows):,} runs, this is the first: {seconds} if a step of each costs the same"
    )


def _shorter(found: Resolved, whole: Estimate) -> Iterator[str]:
    """Give why a run may take less than all of its trajectories do, a line each."""
    if found.until is not None:
        yield f"{'until':<14}{shown(found.until)}: the run may end earlier, the time is that of all trajectories"
    if (path := found.experiment.checkpoint) is None:
        return
    if not writable(path).exists():
        yield f"{'checkpoint':<14}{path}: nothing is there yet"
        return
    kept, wanted = opened(whole.problem, Path(path)), whole.problem.trajectories
    left = duration(whole.seconds * (wanted - kept.trajectories) / wanted)
    yield f"{'checkpoint':<14}{path}: {kept.trajectories:,} of {wanted:,} trajectories are done, the others take {left}"
