"""What a result tells of itself, before it is a page or a text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sdeframe.drawing.contents import CAVEAT, OF_WEIGHT, is_beside, meant, stem
from sdeframe.drawing.parts import parts

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.running.result import Result


class Told(NamedTuple):
    """A mean at the end of time."""

    name: str
    value: str
    until: str
    """Up to when it can be trusted; nothing where no horizon is told."""
    is_beyond: bool
    """Whether what it is taken over ends beyond that."""


def how(result: Result) -> str:
    """Return how a result was made."""
    about = result.dataset.attrs
    size = about["trajectories"]
    said = [str(about.get("integrator", "")), f"{size:,} trajectories" if isinstance(size, (int, np.integer)) else ""]
    said += [f"seed {about['seed']}"] if "seed" in about else []
    said += [] if math.isnan(result.seconds) else [f"{result.seconds:.3g} s"]
    return ", ".join(text for text in said if text)


def observables(ds: xr.Dataset) -> list[str]:
    """Return the means over time or of a window that are told, in the order in which they stand."""
    names = [str(name) for name in ds.data_vars if f"{name}_se" in ds and not is_beside(ds, str(name))]
    return [meant(ds, name) for name in names if name != OF_WEIGHT]


def means(ds: xr.Dataset) -> Iterator[Told]:
    """Give the means at the end of time."""
    for name in observables(ds):
        if ds[name].dims not in (("time",), ()):
            continue
        over_time = ds[name].dims == ("time",)
        value = _number(ds.isel(time=-1) if over_time else ds, name) + ("" if over_time else ", over its window")
        horizon = ds.get(f"{stem(ds, name)}_horizon")
        if horizon is None:
            yield Told(stem(ds, name), value, "", False)
        else:
            gone = float(horizon) < float(ds["time"][-1]) if over_time else CAVEAT in horizon.attrs
            yield Told(stem(ds, name), value, f"t = {float(horizon):.4g}", gone)


def ranges(ds: xr.Dataset, over: tuple[str, ...]) -> Iterator[Told]:
    """Give between what the means of a sweep lie at the end of time, and their horizons."""
    here = ds.isel(time=-1) if "time" in ds.dims else ds
    for name in observables(here):
        if here[name].dims != over:
            continue
        horizon = here.get(f"{stem(ds, name)}_horizon")
        until = "" if horizon is None else f"t = {float(horizon.min()):.4g} to {float(horizon.max()):.4g}"
        yield Told(stem(ds, name), _between(here[name].values.real), until, False)


def _between(values: NDArray[np.float64]) -> str:
    finite = values[np.isfinite(values)]
    return f"{finite.min():.4g} to {finite.max():.4g}" if finite.size else "none is a number"


def listed(values: NDArray[Any]) -> str:
    """Return the values of a parameter, those in the middle of many left out."""
    shown = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in values.tolist()]
    return ", ".join(shown if len(shown) <= 8 else [*shown[:6], "...", shown[-1]])


def end(ds: xr.Dataset) -> str:
    """Return what the means are told of."""
    return f"mean at t = {float(ds['time'].values.ravel()[-1]):.4g}" if "time" in ds.coords else "mean"


def losses(result: Result) -> str:
    """Return how many trajectories live; nothing where nobody counted."""
    ds = result.dataset
    if "alive" not in ds or "trajectories" not in ds.attrs:
        return ""
    bound = f", bound {float(result.losses['bound'][-1]):.4g}" if "bound" in result.losses else ""
    weights = f"; weights within their bound: {int(ds['weight_alive'][-1]):,}" if "weight_alive" in ds else ""
    return f"alive at the end: {int(ds['alive'][-1]):,} of {ds.attrs['trajectories']:,}{bound}{weights}"


def _number(here: xr.Dataset, name: str) -> str:
    """Return a mean with the errors of its parts, the imaginary one where it is not 0."""
    found = [(float(part.mean), float(part.error)) for part in parts(here, name)]
    real, *imaginary = [f"{mean:.6g} ± {error:.2g}" for mean, error in found]
    matters = len(found) > 1 and abs(found[1][0]) > max(5 * found[1][1], 1e-12 * max(1.0, abs(found[0][0])))
    return f"({real}) + ({imaginary[0]}) i" if matters else real
