"""A line with its error band, faint and shaded from where on it is not to be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.drawing.colours import BLUE, FAINT, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BEYOND: Final = "not to be trusted"
"""Begins what is said of shading."""
COLUMN: Final = 3
"""Names of a legend that stand above one another."""


def draw_trusted(
    axes: Axes, time: NDArray[Any], mean: NDArray[Any], error: NDArray[Any], until: float, label: str
) -> None:
    """Draw a mean with its error band, faintly and shaded from the time on at which it is not to be trusted.

    The vertical limits of the axes must be set: the curve breaks off far beyond them, where no renderer takes it.
    """
    draw_fading(axes, time, mean, error, until, label, BLUE)
    if (time >= until).sum() > 1:
        shade_beyond(axes, max(until, time[0]), time[-1], f"{BEYOND} beyond {until:.3g}" if until > -np.inf else BEYOND)


def shade_beyond(axes: Axes, horizon: float, last: float, label: str = "") -> None:
    """Shade what lies beyond a trust horizon, up to the last output time."""
    if horizon < last:
        axes.axvspan(horizon, last, color=GREY, alpha=0.12, lw=0, label=label)


def draw_fading(
    axes: Axes, time: NDArray[Any], mean: NDArray[Any], error: NDArray[Any], until: float, label: str, color: str
) -> None:
    """Draw a mean with its error band, faintly and without the band from the time on at which trust ends."""
    low, high = axes.get_ylim()
    far = (2 * low - high, 2 * high - low)
    below, above = (np.clip(mean + k * error, *far) for k in (-1, 1))
    middle = np.where((mean > far[0]) & (mean < far[1]), mean, np.nan)
    good, gone = time <= until, time >= until
    axes.fill_between(time[good], below[good], above[good], color=color, alpha=0.25, lw=0)
    axes.plot(time[good], middle[good], color=color, lw=2.4, label=label)
    if gone.sum() > 1:
        axes.plot(time[gone], middle[gone], color=color, alpha=FAINT, lw=1)


def legend(axes: Axes) -> None:
    """Write a legend, if something has a name, which lets what lies beneath it shine through; shading comes last."""
    lines, names = axes.get_legend_handles_labels()
    found = sorted(zip(lines, names, strict=True), key=lambda one: one[1].startswith(BEYOND))
    if found:
        handles, labels = zip(*found, strict=True)
        axes.legend(
            handles, labels, fontsize="small", framealpha=0.7, edgecolor="none", ncols=2 if len(found) > COLUMN else 1
        )


def padded(values: NDArray[Any]) -> tuple[float, float]:
    """Return limits of an axis with a quarter of the range on both sides of finite values.

    Where they hardly differ, a twentieth of their size is added, so that a constant is drawn as one.
    """
    finite = values[np.isfinite(values)] if np.isfinite(values).any() else np.zeros(1)
    low, high = float(finite.min()), float(finite.max())
    margin = max(0.25 * (high - low), 0.05 * max(abs(low), abs(high))) or 0.25
    return low - margin, high + margin
