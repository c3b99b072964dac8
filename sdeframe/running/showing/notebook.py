"""What a notebook shows of a result."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from sdeframe import markup
from sdeframe.drawing.contents import OF_WEIGHT, is_beside, kind, meant, stem
from sdeframe.drawing.parts import parts
from sdeframe.drawing.runs import model_of
from sdeframe.drawing.sweeps import parameters
from sdeframe.running.result import WARNINGS

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.running.result import Result


def result_html(result: Result) -> str:
    """Return means at the end with errors and horizons, losses, warnings, and folded where they come from."""
    ds = result.dataset
    about = ds.attrs
    over = parameters(ds)
    made = [markup.code(model_of(about))] if "model" in about else []
    gauge = [markup.code(about["gauge"])] if about.get("gauge", "Identity()") != "Identity()" else []
    how = [markup.text(_run(result))] if "trajectories" in about else []
    found = _ranges(ds, over) if over else _means(ds)
    return markup.page(
        "Sweep" if over else "Result",
        *(markup.line(said) for said in (*made, *gauge, *how)),
        markup.warnings(result.warnings),
        found,
        *([] if over else [markup.line(said) for said in (_losses(result), _others(ds)) if said]),
        markup.folded("where this comes from", _provenance(about)) if about else "",
    )


def _run(result: Result) -> str:
    about = result.dataset.attrs
    size = about["trajectories"]
    said = [str(about.get("integrator", "")), f"{size:,} trajectories" if isinstance(size, (int, np.integer)) else ""]
    said += [f"seed {about['seed']}"] if "seed" in about else []
    said += [] if math.isnan(result.seconds) else [f"{result.seconds:.3g} s"]
    return ", ".join(text for text in said if text)


def _observables(ds: xr.Dataset) -> list[str]:
    """Return the means over time or of a window that a page shows, in the order in which they stand."""
    names = [str(name) for name in ds.data_vars if f"{name}_se" in ds and not is_beside(ds, str(name))]
    return [meant(ds, name) for name in names if name != OF_WEIGHT]


def _means(ds: xr.Dataset) -> str:
    """Return a table of the means at the end of time."""
    rows = []
    for name in _observables(ds):
        if ds[name].dims not in (("time",), ()):
            continue
        here = ds.isel(time=-1) if "time" in ds.dims else ds
        horizon = ds.get(f"{stem(ds, name)}_horizon")
        until = "" if horizon is None else markup.text(f"t = {float(horizon):.4g}")
        value = markup.text(_number(here, name))
        gone = horizon is not None and float(horizon) < float(ds["time"][-1])
        rows.append((markup.code(stem(ds, name)), markup.faint(value) if gone else value, until))
    if not rows:
        return ""
    end = f"mean at t = {float(ds['time'][-1]):.4g}" if "time" in ds.coords else "mean"
    return markup.table(("", end, "trusted up to"), rows)


def _number(here: xr.Dataset, name: str) -> str:
    """Return a mean with the errors of its parts, the imaginary one where it is not 0."""
    found = [(float(part.mean), float(part.error)) for part in parts(here, name)]
    real, *imaginary = [f"{mean:.6g} ± {error:.2g}" for mean, error in found]
    matters = len(found) > 1 and abs(found[1][0]) > max(5 * found[1][1], 1e-12 * max(1.0, abs(found[0][0])))
    return f"({real}) + ({imaginary[0]}) i" if matters else real


def _ranges(ds: xr.Dataset, over: tuple[str, ...]) -> str:
    """Return what a sweep varies, and between what means at the end and horizons lie."""
    given = [(markup.code(name), markup.text(_listed(ds[name].values))) for name in over]
    here = ds.isel(time=-1) if "time" in ds.dims else ds
    rows = []
    for name in _observables(here):
        if here[name].dims != over:
            continue
        horizon = here.get(f"{stem(ds, name)}_horizon")
        until = "" if horizon is None else f"t = {float(horizon.min()):.4g} to {float(horizon.max()):.4g}"
        means = here[name].values.real
        rows.append((markup.code(stem(ds, name)), markup.text(_between(means)), markup.text(until)))
    end = f"means at t = {float(here['time']):.4g}" if "time" in here.coords else "means"
    return markup.table(("parameter", "values"), given) + markup.table(("", end, "trusted up to"), rows)


def _between(values: Any) -> str:
    finite = values[np.isfinite(values)]
    return f"{finite.min():.4g} to {finite.max():.4g}" if finite.size else "none is a number"


def _listed(values: Any) -> str:
    shown = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in values.tolist()]
    return ", ".join(shown if len(shown) <= 8 else [*shown[:6], "...", shown[-1]])


def _losses(result: Result) -> str:
    ds = result.dataset
    if "alive" not in ds or "trajectories" not in ds.attrs:
        return ""
    bound = f", bound {float(result.losses['bound'][-1]):.4g}" if "bound" in result.losses else ""
    weights = f"; weights within their bound: {int(ds['weight_alive'][-1]):,}" if "weight_alive" in ds else ""
    return markup.text(f"alive at the end: {int(ds['alive'][-1]):,} of {ds.attrs['trajectories']:,}{bound}{weights}")


def _others(ds: xr.Dataset) -> str:
    """Name what a picture shows beside means over time."""
    known = {"mean": "over", "lines": "lines", "histogram": "histogram", "plane": "histogram", "photons": "photons"}
    found = [
        str(name) for name, array in ds.data_vars.items()
        if array.dims not in (("time",), ()) and not is_beside(ds, str(name)) and kind(ds, str(name)) in known
    ]  # fmt: skip
    return f"plot() draws also {', '.join(map(markup.code, found))}" if found else ""


def _provenance(about: dict[Any, Any]) -> str:
    return markup.table(("attribute", "value"), _attributes(about))


def _attributes(about: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    for name, value in about.items():
        if name != WARNINGS:
            yield markup.code(name), markup.text(value)
