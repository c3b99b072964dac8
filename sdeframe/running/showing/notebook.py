"""What a notebook shows of a result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sdeframe import markup
from sdeframe.drawing.contents import is_beside, kind
from sdeframe.drawing.runs import model_of
from sdeframe.drawing.sweeps import parameters
from sdeframe.running.result import WARNINGS
from sdeframe.running.showing.telling import end, how, listed, losses, means, ranges

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
    made_by = [markup.text(how(result))] if "trajectories" in about else []
    found = _ranges(ds, over) if over else _means(ds)
    return markup.page(
        "Sweep" if over else "Result",
        *(markup.line(said) for said in (*made, *gauge, *made_by)),
        markup.warnings(result.warnings),
        found,
        *([] if over else [markup.line(said) for said in (markup.text(losses(result)), _others(ds)) if said]),
        markup.folded("where this comes from", _provenance(about)) if about else "",
    )


def _means(ds: xr.Dataset) -> str:
    """Return a table of the means at the end of time."""
    rows = []
    for told in means(ds):
        value = markup.text(told.value)
        shown = markup.faint(value) if told.is_beyond else value
        rows.append((markup.code(told.name), shown, markup.text(told.until)))
    return markup.table(("", end(ds), "trusted up to"), rows) if rows else ""


def _ranges(ds: xr.Dataset, over: tuple[str, ...]) -> str:
    """Return what a sweep varies, and between what means at the end and horizons lie."""
    given = [(markup.code(name), markup.text(listed(ds[name].values))) for name in over]
    rows = [(markup.code(told.name), markup.text(told.value), markup.text(told.until)) for told in ranges(ds, over)]
    return markup.table(("parameter", "values"), given) + markup.table(("", end(ds), "trusted up to"), rows)


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
