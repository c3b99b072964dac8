"""The picture of a result, with the exact curves of its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.drawing.contents import drawn, kind, stem
from sdeframe.drawing.runs import FORMS, draw
from sdeframe.drawing.sweeps import draw_sweep, parameters
from sdeframe.interfaces.model import Model, SolvableModel
from sdeframe.progress import busy
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.averages import mean
from sdeframe.symbolic.symbols import time
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
    curves = _curves(result, names, exact)
    return draw(
        result.dataset, names, curves, form, at, _without(result.dataset, names, curves) if exact is True else ""
    )


def _curves(result: Result, names: Sequence[str], exact: Any) -> Curves:
    if isinstance(exact, Mapping):
        return {key: np.asarray(values) for key, values in exact.items()}
    if not isinstance(exact, (bool, np.bool_)):
        raise TypeError(f"exact={shown(exact)}: must be True, False or values by name, such as {OWN}")
    return _of_model(result, result.dataset, drawn(result.dataset, names)) if exact else {}


def _without(ds: xr.Dataset, names: Sequence[str], curves: Curves) -> str:
    """Return in words which of the means that are drawn have no exact curve."""
    lacking = [stem(ds, name) for name in drawn(ds, names) if kind(ds, name) == "mean" and stem(ds, name) not in curves]
    return f"no exact curve of {', '.join(lacking)}" if lacking else ""


def _of_model(result: Result, ds: xr.Dataset, chosen: Sequence[str]) -> Curves:
    """Return the exact curves of what is drawn over time, where it is what the model calls by this name."""
    model = result.model
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
    observers = () if result.problem is None else result.problem.observers
    functions = {name: _in_means(f, known) for o in observers for name, f in o.of_means.items() if name in means}
    told = {name: f for name, f in functions.items() if not f.atoms(mean)}
    if not same and not told:
        raise ValueError(
            f"exact=True: {type(model).__name__} knows {', '.join(known)}, and none of it is drawn here, but "
            f"{', '.join(means) or 'no mean over time'}: record it, or give values, {OWN}"
        )
    with busy("exact solution"):
        values = model.exact(ds["time"].values)
    curves = {own: np.asarray(values[own]) for own in same}
    return curves | {name: _at(f, ds["time"].values, values, model) for name, f in told.items()}


def _in_means(function: sp.Expr, known: Mapping[str, Any]) -> sp.Expr:
    """Return a function of means with the symbol of an observable in place of each mean that is its own."""
    return function.xreplace(
        {m: sp.Symbol(name) for m in function.atoms(mean) for name, e in known.items() if _same(m.args[0], e)}
    )


def _same(one: Any, other: Any) -> bool:
    return isinstance(other, sp.Expr) and equal(one, other)


def _at(function: sp.Expr, times: NDArray[Any], exact: Mapping[str, Any], model: Model) -> NDArray[Any]:
    """Return a function of exact means, parameters and time."""
    given: dict[Any, Any] = {sp.Symbol(name): np.asarray(x) for name, x in exact.items()}
    given |= {**model.parameters(), time: times}
    used = [s for s in given if s in function.free_symbols]
    with np.errstate(all="ignore"):
        values = np.broadcast_to(sp.lambdify(used, function, "numpy")(*(given[s] for s in used)), times.shape)
    return np.where(np.isfinite(values), values, np.nan)


def _is_mean(array: xr.DataArray, expression: Any) -> bool:
    """Tell whether a mean is that of an expression, not of another one under the same name."""
    return array.attrs.get("long_name") in (f"mean of {expression}", f"weighted mean of {expression} by <Ω>")
