"""The picture of a result, with the exact curves of its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sdeframe.drawing.contents import drawn, kind, stem
from sdeframe.drawing.runs import FORMS, draw
from sdeframe.drawing.sweeps import draw_sweep, parameters
from sdeframe.interfaces.model import Model, SolvableModel
from sdeframe.progress import busy
from sdeframe.validators import is_finite, shown

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from sdeframe.running.result import Result

Curves = dict[str, NDArray[Any]]
OWN = 'exact={"n": values}'


def picture(result: Result, names: Sequence[Any], exact: Any, form: Any, at: Any) -> Figure:
    """Return the picture of a result; see `Result.plot`."""
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"plot({shown(name)}): give names, such as plot('n')")
    if form not in FORMS:
        raise ValueError(f"form={shown(form)}: must be {' or '.join(map(repr, FORMS))}")
    if at is not None and not is_finite(at):
        raise ValueError(f"at={shown(at)}: must be a time, such as 2.0")
    if parameters(result.dataset):
        if exact is not False or form != FORMS[0]:
            raise ValueError(f"exact={shown(exact)}, form={shown(form)}: a sweep is drawn without them; leave them out")
        return draw_sweep(result.dataset, names, at)
    return draw(result.dataset, names, _curves(result, names, exact), form, at)


def _curves(result: Result, names: Sequence[str], exact: Any) -> Curves:
    if isinstance(exact, Mapping):
        return {key: np.asarray(values) for key, values in exact.items()}
    if not isinstance(exact, (bool, np.bool_)):
        raise TypeError(f"exact={shown(exact)}: must be True, False or values by name, such as {OWN}")
    return _of_model(result.model, result.dataset, drawn(result.dataset, names)) if exact else {}


def _of_model(model: Model | None, ds: xr.Dataset, chosen: Sequence[str]) -> Curves:
    """Return the exact curves of what is drawn over time, where it is what the model calls by this name."""
    if model is None:
        raise ValueError(
            f"exact=True: this result was read from a file or merged, and knows no model: give values, {OWN}, such as "
            f"model.exact(times)['n']"
        )
    if not isinstance(model, SolvableModel):
        raise ValueError(f"exact=True: {type(model).__name__} has no exact solution: give values of your own, {OWN}")
    known = model.observables
    means = {stem(ds, name): name for name in chosen if kind(ds, name) == "mean" and ds[name].dims == ("time",)}
    same = [own for own, name in means.items() if own in known and _is_mean(ds[name], known[own])]
    if not same:
        raise ValueError(
            f"exact=True: {type(model).__name__} knows {', '.join(known)}, and none of it is drawn here, but "
            f"{', '.join(means) or 'no mean over time'}: record it, or give values, {OWN}"
        )
    with busy("exact solution"):
        values = model.exact(ds["time"].values)
    return {own: np.asarray(values[own]) for own in same}


def _is_mean(array: xr.DataArray, expression: Any) -> bool:
    """Tell whether a mean is that of an expression, not of another one under the same name."""
    return array.attrs.get("long_name") in (f"mean of {expression}", f"weighted mean of {expression} by <Ω>")
