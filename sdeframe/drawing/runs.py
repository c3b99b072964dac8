"""The picture of a run: a panel for each observable, the share of trajectories alive below."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.drawing import counts
from sdeframe.drawing.bands import legend
from sdeframe.drawing.contents import CAVEAT, LINE, drawn, kind, label_of, stem
from sdeframe.drawing.lines import draw_lines, draw_shares
from sdeframe.drawing.means import draw_mean, draw_parts
from sdeframe.drawing.parts import drawn_parts, polar
from sdeframe.validators import shown

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sdeframe.drawing.parts import Part

FORMS: Final = ("cartesian", "polar")
"""How a complex mean is drawn: real and imaginary part in one panel, or modulus and phase in two."""
SHORT: Final = 150
"""Letters up to which the description of a model stands in a title; a longer one is left to its name."""


@attrs.frozen
class _Panel:
    """One panel: what stands at its side, whether it is over time, and how it is drawn."""

    label: str
    over: str
    """The dimension along it; none of a distribution."""
    draw: Callable[[Axes], object]


def draw(
    dataset: xr.Dataset, names: Sequence[str], exact: Mapping[str, NDArray[Any]], form: str, at: float | None, said: str
) -> Figure:
    """Return the picture of a run, with something said below its title, see `Result.plot`.

    Raises
    ------
    ValueError
        If something asked for is not there, or is of another shape.
    """
    from sdeframe.drawing.picture import ROWS, along, panels

    chosen = drawn(dataset, names)
    _check_exact(dataset, chosen, exact)
    found = [panel for name in chosen for panel in _panels(dataset, name, exact, form, at)]
    over_time = any(panel.over == "time" for panel in found)
    above = "\n".join(line for line in (title(dataset, model_of(dataset.attrs)), label_of(said)) if line)
    figure, places, lower = panels(len(found), above, over_time and "alive" in dataset)
    for axes, panel in zip(places, found, strict=True):
        panel.draw(axes)
        if panel.label:
            axes.set_ylabel(panel.label)
        if panel.over:
            told_below = panel.over == "time" and lower is not None and len(found) <= ROWS
            along(axes, dataset[panel.over].values, "" if told_below else panel.over)
        legend(axes)
    if lower is not None:
        draw_shares(lower, dataset)
        along(lower, dataset["time"].values, "time")
    return figure


def title(dataset: xr.Dataset, model: str) -> str:
    """Return what a picture says of the run."""
    about = dataset.attrs
    if not model:
        return ""
    gauge = "" if about.get("gauge") in (None, "Identity()") else f", {about['gauge']}"
    size = about.get("trajectories")
    said = [about.get("integrator", ""), f"{size:,} trajectories" if isinstance(size, (int, np.integer)) else ""]
    seed = [f"seed {about['seed']}"] if "seed" in about else []
    told = f"{model}{gauge}\n{', '.join([text for text in (*said, *seed) if text])}"
    return told.replace("$", r"\$")


def model_of(about: Mapping[Any, Any]) -> str:
    """Return the description of a model, or its name where that is long."""
    told = str(about.get("model_description", ""))
    return told if 0 < len(told) <= SHORT else str(about.get("model", ""))


def _panels(
    dataset: xr.Dataset, name: str, exact: Mapping[str, NDArray[Any]], form: str, at: float | None
) -> Iterator[_Panel]:
    """Yield the panels of a variable."""
    sort, own = kind(dataset, name), stem(dataset, name)
    known, label = exact.get(own, exact.get(name)), label_of(own)
    label += ", normalised" if name.endswith("_normalised") else ""
    dims = [str(dim) for dim in dataset[name].dims]
    if sort == "histogram":
        yield _Panel("", "", lambda axes: counts.draw_histogram(axes, dataset, name, at))
    elif sort == "plane":
        yield _Panel("", "", lambda axes: counts.draw_plane(axes, dataset, name, at))
    elif sort == "photons":
        yield _Panel("", "", lambda axes: counts.draw_photons(axes, dataset, name, known, at))
    elif sort == "lines":
        (over,) = (dim for dim in dims if dim in LINE)
        (of,) = (dim for dim in dims if dim != over)
        yield _Panel(label_of(name), over, lambda axes: draw_lines(axes, dataset, name, over, of))
    else:
        yield from _of_mean(dataset, name, known, label, form)


def _of_mean(
    dataset: xr.Dataset, name: str, exact: NDArray[Any] | None, label: str, form: str
) -> Iterator[_Panel]:  # fmt: skip
    over = str(dataset[name].dims[0])
    until = _until(dataset, stem(dataset, name), over)
    at = dataset[over].values
    parts = drawn_parts(dataset, name, exact, until)
    if form == "polar" and len(parts) == 2:
        for part, what in zip(polar(*parts), (f"|{label}|", f"phase of {label}"), strict=True):
            yield _Panel(what, over, _drawer(at, part, exact, until))
    else:
        of_real = "real part" if len(parts) == 2 else "weighted mean" if name.endswith("_ratio") else "mean"
        yield _Panel(label, over, lambda axes: draw_mean(axes, dataset, name, exact, until, of_real))


def _drawer(at: NDArray[Any], part: Part, exact: NDArray[Any] | None, until: float) -> Callable[[Axes], None]:
    return lambda axes: draw_parts(axes, at, [part], exact, until, ("mean",))


def _until(dataset: xr.Dataset, name: str, over: str) -> float:
    """Return up to where a mean can be trusted, as its horizon tells it; a delay counts from the last start on.

    A spectrum can be trusted as a whole, or nowhere.
    """
    horizon = dataset.get(f"{name}_horizon")
    if horizon is None or over == "frequency":
        return -math.inf if horizon is not None and CAVEAT in horizon.attrs else math.inf
    start = 0.0 if over == "time" else float(dataset["time"].values[-1] - dataset["delay"].values[-1])
    return float(horizon.min()) - start


def _check_exact(dataset: xr.Dataset, chosen: Sequence[str], exact: Mapping[str, NDArray[Any]]) -> None:
    """Raise ValueError where exact values belong to nothing that is drawn, or are of another shape."""
    known = {key: name for name in chosen for key in (name, stem(dataset, name))}
    for key, values in exact.items():
        if key not in known:
            raise ValueError(f"exact={{{shown(key)}: ...}}: nothing of this name is drawn, but {', '.join(known)}")
        wanted = dataset[known[key]].shape
        if np.shape(values) != wanted:
            raise ValueError(
                f"exact={{{key!r}: ...}}: has the shape {np.shape(values)}, and must have that of the mean, {wanted}"
            )
