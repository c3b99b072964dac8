"""The law of an observer of tied trajectories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs

from sdeframe.conformance.records import recorded
from sdeframe.interfaces.increments import FourPoint
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer
from sdeframe.running.compose import compose
from sdeframe.running.problem import Problem
from sdeframe.sampling.balanced import Balanced

SIZES: Final = tuple(1 << exponent for exponent in range(11, 18))
"""Numbers of trajectories, of which the first is taken that can be tied."""
WORDS: Final = ("sampling", "replicate", "tied", "Balanced")
"""One of which a refusal holds."""
ERRORS: Final = ("_se", "_low", "_high")
"""How the names of standard errors and limits of intervals end."""


class Asked:
    """A run that notes whether an observer asked for the size of replicates."""

    def __init__(self, problem: Problem) -> None:
        self._problem, self.size_asked = problem, False

    def __getattr__(self, name: str) -> Any:
        """Return what the run knows."""
        self.size_asked |= name == "replicate_size"
        return getattr(self._problem, name)


def check_tied(observer: Observer, model: Model, integrator: Integrator, times: Sequence[float]) -> None:
    """Check that an observer of tied trajectories has the same bits in any blocks and errors as it says, or refuses.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    if FourPoint not in integrator.admits:
        return
    bits = attrs.evolve(integrator, increments=FourPoint())
    run = {"observers": [observer], "times": times, "seed": 3, "sampling": Balanced(replicates=8)}
    problem = _tied(observer, model, bits, run)
    if problem is None:
        return
    asked = Asked(problem)
    written = {str(name) for name in observer.finish(observer.start(asked))}
    errors = sorted(name for name in written if name.endswith(ERRORS))
    assert asked.size_asked or not (observer.knows_replicates and errors), (
        f"{observer}: knows_replicates is True, but {', '.join(errors)} cannot be right where trajectories are tied, "
        f"as it never asks for ensemble.replicate_size: tell errors by replicates, or leave knows_replicates out"
    )
    cut = recorded(observer, attrs.evolve(problem, block=100))
    assert cut.identical(recorded(observer, problem)), (
        f"{observer}: blocks of 100 tied trajectories give another dataset"
    )


def _tied(observer: Observer, model: Model, bits: Integrator, run: dict[str, Any]) -> Problem | None:
    """Return a run of balanced trajectories; None where it is refused, for a reason that is told."""
    for size in SIZES:
        try:
            return compose(model, bits, trajectories=size, **run)
        except ValueError as refusal:
            told = str(refusal)
            if not told.startswith("trajectories="):
                break
    assert any(word in told for word in WORDS), f"{observer}: is refused balanced trajectories, but not by name: {told}"
    return None
