"""The picture of a sweep: lines over one parameter, maps over two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.drawing.bands import BEYOND, legend, padded
from sdeframe.drawing.colours import BLUE, FAINT, GREEN, SCALE
from sdeframe.drawing.contents import OF_WEIGHT, is_beside, label_of, meant, stem
from sdeframe.drawing.parts import Part, parts, telling
from sdeframe.drawing.runs import title
from sdeframe.validators import shown

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STEP: Final = "dt"
"""The variable over the parameters of every sweep."""
PARTS: Final = ("real part", "imaginary part")
EXTEND: Final = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
"""Which ends of a scale of colours have an arrow: those beyond which there are values."""
TICKS: Final = 8
"""Values of a parameter up to which each stands at the axis of a map."""
REST: Final = 3.0
"""Times their own size that trusted means leave beside them for those that are not."""


def parameters(dataset: xr.Dataset) -> tuple[str, ...]:
    """Return the parameters that a sweep varies; none of a dataset that is no sweep."""
    return tuple(map(str, dataset[STEP].dims)) if STEP in dataset.data_vars else ()


def draw_sweep(dataset: xr.Dataset, names: Sequence[str], at: float | None) -> Figure:
    """Return the picture of a sweep at an output time, the last one if none is given.

    Raises
    ------
    ValueError
        If there is nothing of a name, or there are more than two parameters.
    """
    from sdeframe.drawing.picture import panels

    over = parameters(dataset)
    if len(over) > 2:
        raise ValueError(f"plot: this sweep is over {', '.join(over)}: choose, such as .sel({over[-1]}=...), up to two")
    here = dataset if at is None else dataset.sel(time=at, method="nearest")
    here = here.isel(time=-1) if "time" in here.dims else here
    chosen = _chosen(here, names, over)
    drawn = [(name, telling(list(parts(here, name)), None, _trusted(here, name))) for name in chosen]
    when = f"t = {float(here['time']):.4g}" if "time" in here.coords else ""
    maps = [(name, found, k) for name, found in drawn for k in range(len(found) if len(over) == 2 else 1)]
    figure, places, _ = panels(len(maps), f"{title(dataset, dataset.attrs.get('model', ''))}\n{when}", lower=False)
    for axes, (name, found, k) in zip(places, maps, strict=True):
        if len(over) == 1:
            _draw_line(axes, here, name, found, over[0])
        else:
            _draw_map(axes, here, name, found[k].mean, over)
            axes.set_title(axes.get_title() if len(found) == 1 else f"{PARTS[k]} {axes.get_title()}", fontsize="small")
    return figure


def _chosen(here: xr.Dataset, names: Sequence[str], over: tuple[str, ...]) -> list[str]:
    """Return the means at one time that names stand for, of no names all of them."""
    means = [str(name) for name, array in here.data_vars.items() if array.dims == over and f"{name}_se" in here]
    known = [name for name in means if name != OF_WEIGHT and not is_beside(here, name)]
    for name in names:
        if name not in means:
            raise ValueError(f"plot({shown(name)}): this sweep can draw {', '.join(known) or 'nothing'}")
    if not known:
        raise ValueError("plot(): this sweep holds no mean; run with Moments, or TrustHorizon")
    return [meant(here, name) for name in (names or known)]


def _trusted(here: xr.Dataset, name: str) -> NDArray[np.bool_]:
    """Return where a mean can be trusted at the time."""
    horizon = here.get(f"{stem(here, name)}_horizon")
    return np.full(here[name].shape, True) if horizon is None else np.asarray(horizon.values >= float(here["time"]))


def _draw_line(axes: Axes, here: xr.Dataset, name: str, drawn: Sequence[Part], over: str) -> None:
    """Draw a mean with error bars over a parameter, faintly where it is not to be trusted."""
    trusted, values = _trusted(here, name), here[over].values
    numbers = values.dtype.kind in "if"
    x = values if numbers else np.arange(len(values))
    for part, color, what in zip(drawn, (BLUE, GREEN), PARTS, strict=False):
        for good, alpha in ((trusted, 1.0), (~trusted, FAINT)):
            beyond = BEYOND if part is drawn[-1] else None
            label = (what if len(drawn) == 2 else "mean") if alpha == 1.0 else beyond
            if good.any():
                axes.errorbar(
                    x[good], part.mean[good], part.error[good], fmt="o", ms=4, color=color, alpha=alpha, capsize=2,
                    label=label,
                )  # fmt: skip
        if numbers:
            order = np.argsort(x)
            axes.plot(x[order], np.where(trusted, part.mean, np.nan)[order], color=color, lw=1, alpha=0.6)
    axes.set_ylim(_limits(drawn, trusted))
    if not numbers:
        axes.set_xticks(x, [str(value) for value in values])
    axes.set(xlabel=label_of(over), ylabel=label_of(stem(here, name)))
    legend(axes)


def _limits(drawn: Sequence[Part], trusted: NDArray[np.bool_]) -> tuple[float, float]:
    """Return limits for what is trusted, and for as much of the rest as does not dwarf it."""
    kept = trusted if trusted.any() else ~trusted
    seen = np.concatenate([part.mean[kept] + k * part.error[kept] for part in drawn for k in (-1, 1)])
    low, high = padded(seen)
    far = REST * max(high - low, abs(low), abs(high))
    others = np.concatenate([np.clip(part.mean[~kept], low - far, high + far) for part in drawn])
    return padded(np.concatenate([seen, others]))


def _draw_map(axes: Axes, here: xr.Dataset, name: str, values: NDArray[Any], over: tuple[str, ...]) -> None:
    """Draw a part of a mean over two parameters, hatched where it is not to be trusted."""
    order = [_ascending(values) for values in _axes(here, over)]
    at = np.ix_(*order)
    mean, trusted = values[at], _trusted(here, name)[at]
    edges = [_edges(given[k]) for given, k in zip(_axes(here, over), order, strict=True)]
    low, high = padded(mean[trusted] if trusted.any() else mean)
    margin = (high - low) / 6
    mesh = axes.pcolormesh(edges[1], edges[0], mean, cmap=SCALE, vmin=low + margin, vmax=high - margin)
    left_out = bool(np.any(mean < low + margin)), bool(np.any(mean > high - margin))
    axes.figure.colorbar(mesh, ax=axes, label=label_of(stem(here, name)), extend=EXTEND[left_out])
    if not trusted.all():
        beyond = np.ma.masked_where(trusted, np.ones(mean.shape))
        axes.pcolor(edges[1], edges[0], beyond, hatch="///", facecolor="none", edgecolor="white", lw=0)
        axes.set_title(f"(hatched: {BEYOND})", fontsize="small")
    for name_of, given, axis in zip(over, _axes(here, over), (axes.yaxis, axes.xaxis), strict=True):
        axis.set_label_text(label_of(name_of))
        if given.dtype.kind not in "if":
            axis.set_ticks(np.arange(len(given)), [str(value) for value in given])
        elif len(given) <= TICKS:
            axis.set_ticks(given)


def _axes(here: xr.Dataset, over: tuple[str, ...]) -> list[NDArray[Any]]:
    return [here[name].values for name in over]


def _ascending(values: NDArray[Any]) -> NDArray[np.intp]:
    """Return the order of numbers by size; texts stay as they are."""
    return np.argsort(values) if values.dtype.kind in "if" else np.arange(len(values))


def _edges(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return edges between values in ascending order, halfway; texts stand one apart."""
    at = values.astype(float) if values.dtype.kind in "if" else np.arange(float(len(values)))
    if len(at) == 1:
        return np.array([at[0] - 0.5, at[0] + 0.5])
    middle = (at[1:] + at[:-1]) / 2
    return np.array([2 * at[0] - middle[0], *middle, 2 * at[-1] - middle[-1]])
