"""The law of an observer of groups."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any, Final

import numpy as np

from sdeframe.conformance.observers import OF_RUN
from sdeframe.conformance.records import kept
from sdeframe.groups.groups import Groups
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer
from sdeframe.running.compose import compose
from sdeframe.running.ensemble.total import Ensemble
from sdeframe.running.simulation import simulate

SIZE: Final = 20
"""Trajectories of a group."""
ENOUGH: Final = 12
"""Groups whose spread tells an error."""
FEW: Final = 7
"""Groups whose spread tells none."""
CUTS: Final = (0, 3, 4, 12)
"""Where groups are cut into parts."""
TELLS: Final = "_se"


def check_group_observer(
    observer: Observer,
    model: Model,
    integrator: Integrator,
    times: Sequence[float],
    gauge: Gauge = Identity(),  # noqa: B008 (frozen)
) -> None:
    """Check what a run takes for granted of an observer that knows groups.

    It refuses a run without groups. Its bits are the same for all blocks of whole groups; its record adds in any order,
    changes nothing in adding, and goes into checkpoints; without trajectories it finishes with the same names and
    lengths. It tells standard errors of twelve groups, and none of seven.

    Parameters
    ----------
    observer
        The observer.
    model
        With noise.
    integrator
        How a step is made.
    times
        Output times, beyond 0.
    gauge
        What is changed in the model first.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    given: dict[str, Any] = {"gauge": gauge, "observers": [observer], "times": times, "seed": 3}

    def run(groups: int, block: int) -> Any:
        size = groups * SIZE
        return simulate(model, integrator, **given, trajectories=size, groups=Groups(SIZE), block=block, progress=False)

    refusal = _refusal(model, integrator, given)
    assert "groups" in refusal, f"{observer}: must refuse a run without groups and say so, but says {refusal!r}"
    reference = run(ENOUGH, ENOUGH * SIZE)
    _check_records(reference.problem.observers[0], reference)
    for block in (SIZE, 5 * SIZE):
        assert run(ENOUGH, block).dataset.identical(reference.dataset), (
            f"{observer}: blocks of {block} give another dataset than one of all"
        )
    errors = [name for name in map(str, reference.dataset) if name.endswith(TELLS)]
    assert errors, f"{observer}: tells no standard error"
    few = run(FEW, FEW * SIZE).dataset
    for name in errors:
        assert np.isfinite(reference.dataset[name]).all(), f"{observer}: {name} of {ENOUGH} groups is not finite"
        assert np.isnan(few[name]).all(), f"{observer}: {name} is told of {FEW} groups, which hardly know it"


def _refusal(model: Model, integrator: Integrator, given: dict[str, Any]) -> str:
    """Return why a run without groups is refused, nothing if it is not."""
    try:
        compose(model, integrator, **given, trajectories=ENOUGH * SIZE)
    except ValueError as refusal:
        return str(refusal)
    return ""


def _check_records(observer: Observer, reference: Any) -> None:
    """Check records of some groups each."""
    problem, dataset = reference.problem, reference.dataset
    work, empty = Ensemble(problem), observer.start(problem)
    shown = observer.finish(empty)
    for name in {*map(str, dataset)} - OF_RUN:
        assert name in shown, f"{observer}: {name} is written for all trajectories only"
        assert shown[name].sizes == dataset[name].sizes, f"{observer}: {name!r} has another shape for no trajectories"
    parts = [work.span(first * SIZE, last * SIZE).records[0] for first, last in pairwise(CUTS)]
    before = [observer.finish(part) for part in parts]
    whole = observer.finish(reduce(add, parts, empty))
    backwards = observer.finish(reduce(add, reversed(parts), empty))
    assert backwards.identical(whole), f"{observer}: records that are added in another order give another dataset"
    for part, told in zip(parts, before, strict=True):
        assert observer.finish(part).identical(told), f"{observer}: adding changes what is added"
    again = empty + kept(observer, problem, parts[0])[0]
    assert observer.finish(again).identical(before[0]), f"{observer}: its record comes back from a checkpoint changed"
