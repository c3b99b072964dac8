"""What is to be known beside the numbers of a result, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sdeframe.interfaces.bounds import SAFE
from sdeframe.interfaces.observer import COUNT, DOUBT
from sdeframe.running.result import ENDED, warned
from sdeframe.running.showing.limits import MANY, NEVER
from sdeframe.running.stopping.rules import UNMET

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.running.result import Result

CERTAIN: Final = 5.0
"""Its own standard errors that a step error must have to be told."""
UNTOLD: Final = "untold"
"""The attribute that says where a variable is not a number, and why."""
STEP_ERROR: Final = "_step_error"


def told(result: Result) -> tuple[str, ...]:
    """Return the warnings that stand in a dataset, then what its numbers tell."""
    ds = result.dataset
    doubts = (array.attrs[DOUBT] for array in ds.data_vars.values() if DOUBT in array.attrs)
    numbers = (*_unmet(ds), *_lost(result), *_never(ds), *_unweighted(result), *_steps(ds), *_untold(ds))
    return (*warned(ds), *doubts, *numbers)


def _unmet(ds: xr.Dataset) -> Iterator[str]:
    """Tell of standard errors that were asked for, and not reached."""
    if UNMET in (ended := ds.attrs.get(ENDED, "")):
        yield f"{ended}; give more trajectories"


def _lost(result: Result) -> Iterator[str]:
    """Tell of many lost where nobody asked how long means can be trusted; what `frozen` says is not said again."""
    ds, losses = result.dataset, result.losses
    size = ds.attrs.get("trajectories")
    if size is None or "alive" not in ds or ds["alive"].dims != ("time",) or _horizons(ds):
        return
    bound = float(losses["bound"][-1]) if "bound" in losses else SAFE
    lost = 1 - ds["alive"].values / size
    if lost[-1] >= MANY and bound < SAFE:
        first = float(ds["time"].values[np.argmax(lost >= MANY)])
        yield (
            f"{lost[-1]:.2g} of the trajectories passed the bound {bound:g}, {MANY:.1%} by t = {first:.3g}: means are "
            f"those of the rest, and nothing tells how long they can be trusted; take TrustHorizon, for which the "
            f"model declares poles"
        )


def _never(ds: xr.Dataset) -> Iterator[str]:
    lost = [name for name in _horizons(ds) if ds[f"{name}_horizon"].ndim == 0 and float(ds[f"{name}_horizon"]) == 0.0]
    if lost and float(ds["time"][-1]) > 0:
        yield f"{', '.join(lost)}: {NEVER}"


def _horizons(ds: xr.Dataset) -> list[str]:
    return [str(name).removesuffix("_horizon") for name in ds if str(name).endswith("_horizon")]


def _unweighted(result: Result) -> Iterator[str]:
    """Tell of means that leave out the weight that a gauge made."""
    ds, problem = result.dataset, result.problem
    weighted = {"weight", "weight_alive"} & {*ds} or (problem is not None and problem.sde.log_weight is not None)
    plain = [str(name) for name, array in ds.data_vars.items() if COUNT in array.attrs]
    if weighted and plain:
        yield (
            f"{', '.join(plain)}: means without the weight that trajectories have, which are not those of the model; "
            f"take WeightedMoments, or WeightedTrustHorizon"
        )


def _steps(ds: xr.Dataset) -> Iterator[str]:
    """Tell of means over time whose step error is certain, and above the statistical one while they are trusted."""
    for name in [str(key).removesuffix(STEP_ERROR) for key in ds if str(key).endswith(STEP_ERROR)]:
        if ds[f"{name}{STEP_ERROR}"].dims != ("time",) or f"{name}_se" not in ds:
            continue
        horizon = ds.get(f"{name}_horizon")
        trusted = ds["time"].values <= (np.inf if horizon is None else float(horizon.min()))
        at, ratio, step = _worst(ds, name, trusted)
        if ratio > 1:
            yield (
                f"{name}: the step adds {step:.1e} at t = {at:.3g}, {ratio:.2g} times the standard error; take a "
                f"smaller dt, or {name}_extrapolated, which is without it"
            )


def _worst(ds: xr.Dataset, name: str, trusted: Any) -> tuple[float, float, float]:
    """Return where a certain step error is largest in standard errors, that ratio, and the step error."""
    found = (0.0, 0.0, 0.0)
    for part, error in ((np.real, "_se"), (np.imag, "_imag_se")):
        step = np.abs(part(ds[f"{name}{STEP_ERROR}"].values))
        uncertain, spread = ds[f"{name}{STEP_ERROR}{error}"].values, ds[f"{name}{error}"].values
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(trusted & (step > CERTAIN * uncertain) & (spread > 0), step / spread, 0.0)
        k = int(np.argmax(ratio))
        found = max(found, (float(ds["time"][k]), float(ratio[k]), float(step[k])), key=lambda told: told[1])
    return found


def _untold(ds: xr.Dataset) -> Iterator[str]:
    for name, array in ds.data_vars.items():
        if UNTOLD in array.attrs:
            yield f"{name}: {array.attrs[UNTOLD]}"
