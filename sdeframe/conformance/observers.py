"""The law of an observer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sdeframe.conformance.records import check_record
from sdeframe.conformance.tied_observers import check_tied
from sdeframe.conformance.weighted_observers import check_weights
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer, Record
from sdeframe.running.compose import compose
from sdeframe.running.ensemble.filing import files_of
from sdeframe.running.problem import Problem
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.validators import shown

OF_RUN = {"alive", "weight_alive"}
"""What the run itself writes."""


def check_observer(observer: Observer, model: Model, integrator: Integrator, times: Sequence[float]) -> None:
    """Check what a run takes for granted of an observer.

    Its record adds, with the same bits for any grouping and order; adding changes neither part; it is small once its
    block has run, as is the observer itself, and holds no trajectories; it goes to other processes and into
    checkpoints; without trajectories it finishes with the same names, dimensions and lengths. Where trajectories are
    tied (`Balanced`) the errors that it calls right are told by replicates, or it refuses. Where they have weights it
    looks at them, or it refuses. Refusals are ValueErrors that say so.

    Parameters
    ----------
    observer
        Of expressions that are not constant.
    model
        With noise, and with a weight if the observer needs one.
    integrator
        Balanced sampling is tried where its increments can be made of bits.
    times
        Output times, beyond 0.

    Raises
    ------
    AssertionError
        With what is wrong.
    TypeError
        If something given, or a method of the observer, gives something else than is needed.
    """

    def run(block: int, step_error: bool) -> Result:
        return simulate(
            model, integrator, observers=[observer], times=times, trajectories=300, seed=3, progress=False,
            block=block, step_error=step_error,
        )  # fmt: skip

    for step_error in (False, True):
        _check_written(
            observer,
            compose(
                model, integrator, observers=[observer], times=times, trajectories=300, seed=3, step_error=step_error
            ),
        )
        reference = run(300, step_error)
        assert reference.problem is not None
        empty = observer.finish(observer.start(reference.problem))
        unlike = set(empty) ^ (set(reference.dataset) - OF_RUN)
        assert not unlike, f"{observer}: {sorted(map(str, unlike))} is written for no or for all trajectories only"
        for name, array in empty.variables.items():
            found = reference.dataset.variables[name]
            assert (array.dims, array.shape) == (found.dims, found.shape), (
                f"{observer}: {name!r} has the shape {dict(array.sizes)} for no trajectories, else {dict(found.sizes)}"
            )
        for block in (7, 64):
            assert run(block, step_error).dataset.identical(reference.dataset), (
                f"{observer}: blocks of {block} give another dataset than one of 300"
            )
        check_record(observer, reference.problem)
    check_tied(observer, model, integrator, times)
    check_weights(observer, model, integrator, times)


def _check_written(observer: Observer, problem: Problem) -> None:
    """Check that records of no trajectories add, and that something is written."""
    name = type(observer).__name__
    total: Any = observer.start(problem) + observer.start(problem)
    assert isinstance(total, Record), (
        f"{name}: the sum of two of its records is {shown(total)}: `__add__` must return the record of the "
        f"trajectories of both"
    )
    if not files_of(problem):
        assert observer.finish(total).data_vars, (
            f"{name}.finish() writes no variable: name its dimension, as in xr.Dataset({{'largest': ('time', values)}})"
        )
