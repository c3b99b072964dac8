"""What must be said beside the numbers of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from sdeframe.interfaces.bounds import SAFE
from sdeframe.interfaces.observer import CAVEAT
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.running.noise_free import centre
from sdeframe.running.problem import Problem
from sdeframe.running.steps.stability import unfollowed
from sdeframe.running.steps.switching import narrowest

if TYPE_CHECKING:
    import xarray as xr


def foreseen(problem: Problem) -> tuple[str, ...]:
    """Return what must be said beside the numbers of a run, whatever they will be."""
    said = (*_coarse(problem), *_unfollowed(problem), *_shared_codes(problem), *_naive_errors(problem))
    return (*said, problem.origin.poles) if problem.origin.poles else said


def frozen(problem: Problem, alive: int) -> Iterator[str]:
    """Give what must be said where trajectories were lost that no bound was asked for, and some lived to the end."""
    lost = problem.trajectories - alive
    if lost and problem.bounds[-1] == SAFE:
        kinds: list[Any] = [type(o) for o in problem.observers if attrs.has(type(o))]
        bounded = next((kind.__name__ for kind in kinds if "bound" in attrs.fields_dict(kind)), "Moments")
        trust = "TrustHorizon" if problem.sde.log_weight is None else "WeightedTrustHorizon"
        instead = "" if bounded == trust else f", or take {trust}, which tells how long means can be trusted"
        yield (
            f"{lost:,} of {problem.trajectories:,} trajectories left the range of numbers that can be computed with "
            f"(moduli up to {SAFE:g}) and were frozen: means are those of the rest, spoilt by what had grown. Give a "
            f"bound, such as {bounded}(bound=1e3, ...){instead}"
        )


def observed(dataset: xr.Dataset) -> Iterator[str]:
    """Give what observers say beside what they write."""
    yield from (variable.attrs[CAVEAT] for variable in dataset.data_vars.values() if CAVEAT in variable.attrs)


def _coarse(problem: Problem) -> Iterator[str]:
    if problem.switching.lost:
        yield f"steps do not end where a coefficient switches, which costs accuracy: {problem.switching.lost}"
        return
    try:
        shortest = narrowest(problem.sde, problem.values, problem.stretches)
    except ValueError as error:
        yield f"steps may miss how a coefficient changes in time: {error}"
        return
    if shortest is not None:
        yield (
            f"a coefficient changes in time within {shortest:.2g}, which steps of dt={problem.integrator.dt:g} may "
            f"miss: take dt={shortest / 2:.1g} or less, or write a short pulse as a Piecewise, at whose ends steps end"
        )


def _unfollowed(problem: Problem) -> Iterator[str]:
    """Tell of a mode that steps do not follow, as far as the start shows it."""
    start = centre(problem.initial, problem.values)
    mode = unfollowed(EagerSystem(problem.sde, problem.values), start, problem.integrator, problem.output_times[-1])
    if mode is not None:
        dt, exact = problem.integrator.dt, np.exp(mode.rate * problem.integrator.dt)
        share = mode.variance
        fluctuations = (
            "" if share is None else f", and makes the variance of its fluctuations {share:.2g} of what it is"
        )
        yield (
            f"dt={dt:g} is too large for the fastest mode at the start, exp({mode.rate:.3g} t): a step multiplies it "
            f"by {mode.factor:.2g}, where exp gives {exact:.2g}{fluctuations}; take dt={mode.enough:.3g} or less"
        )


def _shared_codes(problem: Problem) -> Iterator[str]:
    """Tell from when on increments share their codes."""
    plan = problem.plan
    advice = "" if plan is None else problem.sampling.advice(plan)
    if plan is not None and plan.shared_from is not None and advice:
        yield (
            f"increments share codes with earlier ones from t = {problem.time(plan.shared_from):.3g} on: means then "
            f"can have several times the variance of independent trajectories, unless damping forgets what is so long "
            f"ago: {advice}"
        )


def _naive_errors(problem: Problem) -> Iterator[str]:
    """Tell which observers take tied trajectories for independent ones."""
    if problem.plan is not None:
        for name in dict.fromkeys(type(o).__name__ for o in problem.observers if not o.knows_replicates):
            yield (
                f"{name} knows nothing of replicates: errors that it tells are those of independent trajectories, "
                f"which balanced ones are not; see docs/plugins"
            )
