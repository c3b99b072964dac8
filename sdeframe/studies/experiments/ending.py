"""When an experiment ends: after all of its trajectories, or once fewer are enough."""

from __future__ import annotations

from typing import Any, Final

import attrs

from sdeframe.running.stopping.again import Again
from sdeframe.running.stopping.rules import Rule, TargetError, WallTime
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.plugins import made
from sdeframe.studies.experiments.text import Table

NUMBER: Final = "trajectories"
"""Says where a run ended that is run again."""


def rule(until: Table) -> tuple[Rule | None, Table]:
    """Return when a run ends, None after all trajectories, and the table that describes it with all of its settings.

    Raises
    ------
    TypeError, ValueError
        If there is no such setting, or a value is refused.
    """
    if not until:
        return None, {}
    given: dict[str, Any] = {name: value for name, value in until.items() if name not in ("errors", NUMBER)}
    errors = until.get("errors", {})
    found = made("until", TargetError if errors else WallTime, given, **errors)
    settings = {"errors": dict(errors), **found.settings} if errors else found.settings
    if NUMBER not in until:
        return found.value, settings
    return Again(found.value, until[NUMBER]), {**settings, NUMBER: until[NUMBER]}


def without_end(experiment: Experiment) -> Experiment:
    """Return an experiment that ends where its rule says, not where it ended before."""
    until = {name: value for name, value in experiment.until.items() if name != NUMBER}
    return attrs.evolve(experiment, until=until)


def with_end(experiment: Experiment, trajectories: int) -> Experiment:
    """Return an experiment that ends where it ended, if that was to be decided."""
    if not experiment.until:
        return experiment
    return attrs.evolve(experiment, until={**experiment.until, NUMBER: trajectories})
