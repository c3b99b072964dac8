"""How values are distributed: histograms over a line or a plane, photon numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sdeframe.drawing.bands import BEYOND
from sdeframe.drawing.colours import BLUE, FAINT, GREEN, SCALE
from sdeframe.drawing.contents import label_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

BIN: Final = "_bin"
"""Ends the dimension of a histogram."""
MOST: Final = 4
"""Output times that are drawn in one panel."""


def draw_histogram(axes: Axes, dataset: xr.Dataset, name: str, at: float | None) -> None:
    """Draw the density of a histogram, at some output times or at one of them."""
    from matplotlib import colormaps

    counts = dataset[name]
    (line,) = (str(dim).removesuffix(BIN) for dim in counts.dims if str(dim).endswith(BIN))
    left, right = dataset[f"{line}_left"].values, dataset[f"{line}_right"].values
    edges = np.append(left, right[-1])
    last = counts.sizes["time"] - 1
    chosen = np.unique(np.linspace(0, last, MOST).round().astype(int)) if at is None else [_nearest(counts, at)]
    for k, index in enumerate(chosen):
        here = dataset.isel(time=int(index))
        counted = float(here[name].sum() + here[f"{name}_outside"])
        width = max(counted, 1.0) * (right - left)
        density, low, high = (here[f"{name}{kind}"].values / width for kind in ("", "_low", "_high"))
        color = colormaps[SCALE](0.85 * (1 - k / max(len(chosen) - 1, 1))) if len(chosen) > 1 else BLUE
        axes.fill_between(edges, _stepped(low), _stepped(high), step="post", color=color, alpha=0.25, lw=0)
        axes.stairs(density, edges, color=color, label=f"t = {float(here['time']):.3g}")
    axes.set(xlim=(edges[0], edges[-1]), xlabel=label_of(line), ylabel="density")
    axes.set_ylim(bottom=0)


def draw_plane(axes: Axes, dataset: xr.Dataset, name: str, at: float | None) -> None:
    """Draw the density of a histogram over a plane at an output time, the last one if none is given."""
    counts = dataset[name]
    across, up = (str(dim).removesuffix(BIN) for dim in counts.dims if str(dim).endswith(BIN))
    here = dataset.isel(time=_nearest(counts, at))
    x, y = (np.append(here[f"{of}_left"].values, here[f"{of}_right"].values[-1]) for of in (across, up))
    counted = max(float(here[name].sum() + here[f"{name}_outside"]), 1.0)
    density = here[name].transpose(f"{up}{BIN}", f"{across}{BIN}").values / counted
    mesh = axes.pcolormesh(x, y, density / np.diff(y)[:, None] / np.diff(x), cmap=SCALE, rasterized=True)
    axes.figure.colorbar(mesh, ax=axes, label="density")
    axes.set(xlabel=label_of(across), ylabel=label_of(up), title=f"t = {float(here['time']):.3g}")


def draw_photons(axes: Axes, dataset: xr.Dataset, name: str, exact: Any, at: float | None) -> None:
    """Draw the probabilities of photon numbers at an output time, the last trusted one if none is given.

    Faint is what is not to be trusted there.
    """
    from matplotlib.ticker import MaxNLocator

    horizon = dataset.get(f"{name}_horizon")
    if at is None and horizon is not None and float(horizon.min()) > 0:
        at = float(horizon.min())
    index = _nearest(dataset[name], at)
    here = dataset.isel(time=index)
    number, now = here["photons"].values, float(here["time"])
    trusted = np.full(number.shape, True) if horizon is None else horizon.values >= now
    probability, error = here[name].values.real, here[f"{name}_se"].values
    for good, alpha in ((trusted, 1.0), (~trusted, FAINT)):
        if good.any():
            label = f"t = {now:.3g}" if alpha == 1.0 else f"t = {now:.3g}, {BEYOND}"
            axes.bar(number[good], probability[good], color=BLUE, alpha=alpha * 0.7, label=label)
            axes.errorbar(number[good], probability[good], error[good], fmt="none", ecolor=BLUE, alpha=alpha, capsize=2)
    if exact is not None:
        axes.plot(number, np.real(exact[index]), "D", color=GREEN, mec="black", mew=0.6, ms=4, label="exact")
    axes.axhline(0, color="black", lw=0.6)
    axes.set(xlabel="photons", ylabel=f"{label_of(name)}: probability")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _stepped(values: Any) -> Any:
    return np.append(values, values[-1])


def _nearest(array: xr.DataArray, at: float | None) -> int:
    """Return the number of the output time that is nearest to one, the last one if none is given."""
    times = array["time"].values
    return len(times) - 1 if at is None else int(np.argmin(np.abs(times - at)))
