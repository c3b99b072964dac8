"""What the bits of a run depend on, beside the number of its trajectories."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import attrs
import numpy as np

from sdeframe.described import described
from sdeframe.kernels.lane_count import lane_count
from sdeframe.kernels.time_loop import kernel_source
from sdeframe.running.problem import Problem
from sdeframe.sources import RUN, code_key

NO_PART: Final = ("block", "origin")
"""Fields of a run on which no bit of its result depends."""
NUMBERS: Final = ("trajectories", "most")
"""Fields that say how many trajectories there are."""
REPLICATES: Final = "trajectories of a replicate"
RECORD: Final = "size of what {} keeps"


def specification(problem: Problem) -> dict[str, Any]:
    """Return everything that the bits of a run depend on but the number of its trajectories, by name."""
    fields = [f.name for f in attrs.fields(Problem) if f.name not in (*NO_PART, *NUMBERS)]
    return {
        **{name: getattr(problem, name) for name in fields},
        "kernel": kernel_source(
            problem.layout, *problem.programs, lane_count(problem.layout.rows), None, problem.jumping
        ),
        "random_numbers": problem.random_numbers,
        "code": code_key(*RUN),
    }


def parts(problem: Problem) -> dict[str, str]:
    """Return a hash of each thing on which the bits of every single block depend, by name.

    Raises
    ------
    TypeError, ValueError
        If something in the run cannot be written as text; see `described`.
    """
    plan = problem.plan
    chosen = {REPLICATES: None if plan is None else 1 << plan.exponent, **_sizes(problem)}
    return {
        name: hashlib.sha256(described(value).encode()).hexdigest()
        for name, value in {**specification(problem), **chosen}.items()
    }


def follows_from_number(name: str) -> bool:
    """Tell whether a part is one that the number of trajectories may decide."""
    return name in ("bounds", REPLICATES) or name.startswith(RECORD.partition("{")[0])


def _sizes(problem: Problem) -> dict[str, Any]:
    """Return the sizes of all arrays of empty records, by observer."""
    return {
        RECORD.format(f"{type(observer).__name__} (number {k + 1})"): _shapes(observer.start(problem))
        for k, observer in enumerate(problem.observers)
    }


def _shapes(record: Any) -> list[Any]:
    if isinstance(record, np.ndarray):
        return list(record.shape)
    if attrs.has(type(record)):
        return [_shapes(getattr(record, f.name)) for f in attrs.fields(type(record))]
    if isinstance(record, (list, tuple)):
        return [_shapes(item) for item in record]
    return []
