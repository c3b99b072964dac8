"""The law of an observer."""

from __future__ import annotations

from collections.abc import Sequence

from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate


def check_observer(observer: Observer, model: Model, integrator: Integrator, times: Sequence[float]) -> None:
    """Check that an observer's record adds, with the same bits for any grouping, and finishes when it is empty.

    Raises
    ------
    AssertionError
        With the block size that changes the dataset.
    """

    def run(block: int, step_error: bool) -> Result:
        return simulate(
            model, integrator, observers=[observer], times=times, trajectories=300, seed=3, progress=False,
            block=block, step_error=step_error,
        )  # fmt: skip

    for step_error in (False, True):
        reference = run(300, step_error)
        assert reference.problem is not None
        empty = observer.finish(observer.start(reference.problem))
        unlike = set(empty) ^ (set(reference.dataset) - {"alive", "losses", "weight_alive", "weight_losses"})
        assert not unlike, f"{observer}: {sorted(map(str, unlike))} is written for no or for all trajectories only"
        for block in (7, 64):
            assert run(block, step_error).dataset.identical(reference.dataset), (
                f"{observer}: blocks of {block} give another dataset than one of 300"
            )
