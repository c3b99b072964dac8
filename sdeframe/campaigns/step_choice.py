"""Which step is small enough: halving it on a small ensemble until what it adds to every mean is below a tolerance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import ArrayLike

from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.observers import Moments, Runaways, WeightedMoments
from sdeframe.progress import progress_bar
from sdeframe.running.compose import gauged_system
from sdeframe.running.kinds import check_kinds
from sdeframe.running.simulation import simulate
from sdeframe.sampling import Independent, Sampling
from sdeframe.validators import boolean, is_finite, positive_count, shown

if TYPE_CHECKING:
    import xarray as xr

FEW: Final = 4096
"""Trajectories unless told otherwise."""
TIED: Final = 98_304
"""The same of tied ones."""
LEVELS: Final = 3
"""Steps in a row that must pass: with fewer, a bias that changes its sign misleads."""
HALVINGS: Final = 12
"""How often the step is halved at most."""


@attrs.frozen
class Level:
    """What was seen with one step."""

    dt: float
    step_error: float
    """The largest estimated step error of a mean over all output times."""
    uncertainty: float
    """Two of its standard errors."""

    @property
    def largest(self) -> float:
        """What is held against the tolerance."""
        return self.step_error + self.uncertainty


@attrs.frozen
class StepChoice:
    """A step and what it was chosen from, largest step first."""

    dt: float
    tolerance: float
    levels: tuple[Level, ...]

    def __str__(self) -> str:
        """Return the choice with its levels, one a line."""
        lines = [
            f"dt = {self.dt:g} for a tolerance of {self.tolerance:g}",
            "        dt  step error  two standard errors",
        ]
        lines += [f"{level.dt:10.4g}  {level.step_error:10.2g}  {level.uncertainty:10.2g}" for level in self.levels]
        return "\n".join(lines)


def choose_dt(
    model: Model,
    integrator: Integrator,
    tolerance: float,
    *,
    times: ArrayLike,
    gauge: Gauge = Identity(),  # noqa: B008 (frozen)
    trajectories: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    sampling: Sampling = Independent(),  # noqa: B008 (frozen)
    progress: bool = True,
    **named: Any,
) -> StepChoice:
    """Return the largest step, of those tried, whose error in every mean at every time is below a tolerance.

    The step is halved, from that of the integrator on. The error of a step is what `step_error=True` estimates, from
    pairs of runs on the same Brownian paths, with two of its standard errors; it must be below the tolerance for the
    step chosen, its half and its quarter. Of a system with a weight the means are weighted ones.

    Parameters
    ----------
    model, integrator, times, gauge, trajectories, seed, threads, sampling
        As for `simulate`; twice the integrator's step must divide every time. If not given, there are 4,096
        trajectories, or 98,304 that are tied: `Balanced()` tells a step error of 1e-6 by few of them.
    tolerance
        In units of the means.
    progress
        Whether to count the step sizes that were tried, as `simulate` counts trajectories.
    **named
        Expressions whose means count; the model's observables if there are none.

    Raises
    ------
    ValueError
        If the tolerance is not positive, there is nothing to take a mean of, or no step passes; the message says
        whether more trajectories or smaller steps are needed.
    """
    if not is_finite(tolerance) or tolerance <= 0:
        raise ValueError(f"tolerance={shown(tolerance)}: must be a positive number, such as 1e-3")
    check_kinds(model, integrator, gauge)
    observed = named or dict(model.observables)
    if not observed:
        raise ValueError(
            f"{type(model).__name__} has no observables: name an expression, such as x=model.system()['x']"
        )
    weighted = gauged_system(model, integrator, gauge).log_weight is not None
    means = WeightedMoments(**observed) if weighted else Moments(**observed)
    tied = not isinstance(sampling, Independent)
    size = (TIED if tied else FEW) if trajectories is None else positive_count("trajectories", trajectories)
    levels: list[Level] = []
    with progress_bar(None, boolean("progress", progress), " step sizes") as tried:
        for halving in range(HALVINGS + LEVELS):
            scheme = attrs.evolve(integrator, dt=integrator.dt / 2**halving)
            result = simulate(
                model, scheme, gauge=gauge, observers=[means, Runaways()], times=times,
                trajectories=size, seed=seed, threads=threads, progress=False, step_error=True, sampling=sampling,
            )  # fmt: skip
            tried(1)
            levels.append(_level(scheme.dt, result.dataset, tuple(observed)))
            if len(levels) >= LEVELS and all(level.largest < tolerance for level in levels[-LEVELS:]):
                return StepChoice(levels[-LEVELS].dt, tolerance, tuple(levels))
            last = levels[-1]
            if last.step_error < last.uncertainty and last.uncertainty > tolerance and halving >= LEVELS:
                enough = "more" if tied else f"about {math.ceil(size * (2 * last.uncertainty / tolerance) ** 2)}"
                raise ValueError(
                    f"tolerance={tolerance:g}: {size} trajectories tell the step error to {last.uncertainty:.2g} "
                    f"only; give {enough} trajectories or a larger tolerance"
                )
    raise ValueError(f"tolerance={tolerance:g}: not reached with dt={levels[-1].dt:g}; begin with a smaller step")


def _level(dt: float, dataset: xr.Dataset, names: tuple[str, ...]) -> Level:
    """Return the step error that is largest with its uncertainty, over names and times."""
    errors = np.array([np.abs(dataset[f"{name}_step_error"].values) for name in names])
    parts = [[dataset[f"{name}_step_error{part}_se"].values for part in ("", "_imag")] for name in names]
    spread = 2 * np.hypot(*np.moveaxis(np.array(parts), 1, 0))
    at = np.unravel_index(np.nanargmax(errors + spread), errors.shape)
    return Level(dt, float(errors[at]), float(spread[at]))
