"""An experiment as what is run: objects in place of names, and all that was left open told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
from numpy.typing import NDArray

from sdeframe import registry
from sdeframe.campaigns.default_step import default_step
from sdeframe.campaigns.sweeps import valid_grid
from sdeframe.interfaces.gauge import gauged
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.running.steps.time_grid import valid_times
from sdeframe.running.stopping.rules import Rule
from sdeframe.studies.experiments.ending import rule
from sdeframe.studies.experiments.experiment import Experiment, check_known
from sdeframe.studies.experiments.observing import observer, usual
from sdeframe.studies.experiments.plugins import SAMPLINGS, Made, chosen, defaults, made, rest
from sdeframe.studies.experiments.spaced import spaced
from sdeframe.studies.experiments.text import Table

if TYPE_CHECKING:
    from sdeframe.running.compose import RunOptions

STARTS: Final[Mapping[str, Table]] = {"tavis-cummings": {"atoms": 10, "photons": 10}}
"""Parameters of models that have no defaults of their own."""
SIZES: Final = {"independent": 100_000, "balanced": 98_304}
"""Trajectories unless told otherwise."""
MOST_RUNS: Final = 10_000


@attrs.frozen
class Resolved:
    """What is run."""

    experiment: Experiment
    """The same, with all that was left open."""
    model: Model
    """Of a scan: with the first value of every parameter."""
    integrator: Integrator | Callable[[Model], Integrator]
    """Of a scan that leaves the step open: how it follows from a model."""
    options: RunOptions
    until: Rule | None
    """When it ends, if not after all trajectories."""
    weighted: bool
    """Whether trajectories have weights."""

    def integrator_of(self, model: Model) -> Integrator:
        """Return the integrator of one of the models."""
        return self.integrator if isinstance(self.integrator, Integrator) else self.integrator(model)


def resolved(experiment: Experiment) -> Resolved:
    """Return what an experiment is.

    Raises
    ------
    TypeError, ValueError
        If a name or setting is unknown or a value is refused; whether all fits together is checked when it is composed.
    """
    model = make_model(experiment)
    times = output_times(experiment.times)
    gauge = made("gauge", registry.find("gauges", experiment.gauge["name"]), rest(experiment.gauge))
    weighted = gauged(gauge.value, model.value.system()).log_weight is not None
    observers = [observer(t, model.value) for t in experiment.observers or usual(model.value, weighted)]
    sampling = made("sampling", chosen("sampling", experiment.sampling["name"], SAMPLINGS), rest(experiment.sampling))
    until, end = rule(experiment.until)
    integrator, settings = _integrator(experiment, model.value, times)
    size = SIZES[experiment.sampling["name"]] if experiment.trajectories is None else experiment.trajectories
    complete = attrs.evolve(
        experiment,
        parameters={name: value for name, value in model.settings.items() if name not in experiment.scan},
        gauge={"name": experiment.gauge["name"], **gauge.settings},
        integrator={"name": experiment.integrator["name"], **settings},
        sampling={"name": experiment.sampling["name"], **sampling.settings},
        observers=[table for _, table in observers],
        trajectories=size,
        until=end,
    )
    options: RunOptions = {
        "gauge": gauge.value, "observers": [found for found, _ in observers], "times": times,
        "trajectories": range(*size) if isinstance(size, list) else size, "seed": complete.seed,
        "step_error": complete.step_error, "sampling": sampling.value,
    }  # fmt: skip
    return Resolved(complete, model.value, integrator, options, until, weighted)


def make_model(experiment: Experiment) -> Made:
    """Return the model of an experiment, of a scan with the first values."""
    kind = registry.find("models", experiment.model)
    scan = valid_grid(experiment.scan) if experiment.scan else {}
    if (runs := math.prod(map(len, scan.values()))) > MOST_RUNS:
        raise ValueError(f"scan: has {runs} combinations, of which at most {MOST_RUNS} are run: scan fewer values")
    check_known(f"scan: {kind.__name__} has no parameter", scan, defaults(kind))
    first = {name: values[0] for name, values in scan.items()}
    given = {**STARTS.get(experiment.model, {}), **experiment.parameters, **first}
    return made("parameters", kind, given)


def output_times(given: Any) -> NDArray[Any]:
    """Return output times, of a list or of a table of the first, the last and their number; raise an error if wrong."""
    if not isinstance(given, Mapping):
        return valid_times(given)
    return valid_times(spaced("times", given))


def _integrator(
    experiment: Experiment, model: Model, times: Any
) -> tuple[Integrator | Callable[[Model], Integrator], Table]:
    """Return the integrator, and its settings; of a scan without a step, a function of the model, and no step."""
    scheme, given = registry.find("integrators", experiment.integrator["name"]), rest(experiment.integrator)

    def at_its_step(model: Model) -> Made:
        open_step = {} if "dt" in given else {"dt": default_step(model, scheme, times)}
        return made("integrator", scheme, {**open_step, **given})

    first = at_its_step(model)
    if "dt" in given or not experiment.scan:
        return first.value, first.settings
    return lambda model: at_its_step(model).value, {k: v for k, v in first.settings.items() if k != "dt"}
