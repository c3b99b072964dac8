"""An ensemble on an engine: tasks go out, sums come back, until nothing is left or it is enough."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from contextlib import closing

from sdeframe.engines.engine import Engine
from sdeframe.engines.flight import Flight
from sdeframe.engines.left import Left
from sdeframe.running.ensemble.filing import files_of
from sdeframe.running.ensemble.finished import Finished
from sdeframe.running.ensemble.looks import Looks
from sdeframe.running.ensemble.total import Ensemble, Total
from sdeframe.running.problem import Problem
from sdeframe.running.stopping.rules import Rule


def run_ensemble(
    problem: Problem,
    engine: Engine,
    finished: Finished,
    advanced: Callable[[int], object],
    rule: Rule | None = None,
) -> Total:
    """Return the sum over all trajectories, or over as many as are enough.

    Parameters
    ----------
    problem
        The run.
    engine
        Where it runs.
    finished
        What is done before, and takes in what is done now.
    advanced
        Is told how many trajectories are done, those that were before first.
    rule
        Tells whether it is enough; if not given, all are run.

    Raises
    ------
    BrokenExecutor
        If workers ended and the engine cannot go on without them.
    """
    looks = Looks(problem, finished, rule)
    left = Left(deque(looks.missing()), problem.block)
    flight = Flight(engine, Ensemble(problem), left, single=bool(files_of(problem)))
    advanced(finished.trajectories)
    try:
        with finished.during(flight), closing(iter(flight)) as tasks:
            while not looks.ended() and (done := next(tasks, None)) is not None:
                looks.add(done)
                advanced(done.last - done.first)
    except BrokenExecutor as error:
        told = "; ".join((str(error), "the bits are the same in a new one", *getattr(error, "__notes__", ())))
        raise type(error)(told) from None
    return finished.total()
