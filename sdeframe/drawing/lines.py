"""Several lines in one panel: chosen trajectories, quantiles, correlations from several starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sdeframe.drawing.bands import legend, padded
from sdeframe.drawing.colours import FAINT, GREEN, SEVERAL

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

NAMED: Final = 6
"""Lines up to which each has a name."""


def draw_lines(axes: Axes, dataset: xr.Dataset, name: str, over: str, of: str) -> None:
    """Draw a line for each value of a dimension, its real part, with its error where that is known.

    The imaginary part is drawn too, dashed, where there is one and lines are few.
    """
    array = dataset[name].transpose(of, over)
    few = array.sizes[of] <= NAMED
    values, error = array.values, dataset.get(f"{name}_se")
    complex_too = few and np.iscomplexobj(values) and bool(np.nanmax(np.abs(values.imag), initial=0.0) > 0)
    at = array[over].values
    axes.set_ylim(padded(np.concatenate([values.real.ravel(), values.imag.ravel() if complex_too else []])))
    for k, which in enumerate(array[of].values):
        color, label = SEVERAL[k % len(SEVERAL)], f"{of} {_text(which)}" if few else None
        axes.plot(at, values[k].real, color=color, lw=1.2, alpha=1.0 if few else FAINT, label=label)
        if complex_too:
            axes.plot(at, values[k].imag, color=color, lw=1.0, ls="--")
        if error is not None:
            spread = error.transpose(of, over).values[k]
            axes.fill_between(at, values[k].real - spread, values[k].real + spread, color=color, alpha=0.25, lw=0)
    if complex_too:
        axes.plot([], [], color="black", lw=1.0, ls="--", label="imaginary parts")


def draw_shares(axes: Axes, dataset: xr.Dataset) -> None:
    """Draw which share of the trajectories is alive, and how many carry the weight where there is one."""
    shares = {
        "alive": ("alive", SEVERAL[1], "-"),
        "weights within their bound": ("weight_alive", SEVERAL[0], "-."),
        "effective sample": ("effective_sample_size", GREEN, "--"),
    }
    there = {label: drawn for label, drawn in shares.items() if drawn[0] in dataset}
    for label, (key, color, style) in there.items():
        share = dataset[key].values / dataset.attrs["trajectories"]
        axes.plot(dataset["time"].values, share, color=color, ls=style, label=label)
    axes.set(ylim=(0, 1.05), ylabel="share" if len(there) > 1 else "alive share")
    if len(there) > 1:
        legend(axes)


def _text(value: Any) -> str:
    return f"{float(value):.3g}" if isinstance(value, np.floating) else str(value)
