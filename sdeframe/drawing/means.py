"""A mean over time, delay or frequency, beside its exact curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sdeframe.drawing.bands import draw_fading, draw_trusted, padded
from sdeframe.drawing.colours import GREEN
from sdeframe.drawing.parts import Part, drawn_parts

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes


def draw_mean(
    axes: Axes, dataset: xr.Dataset, name: str, exact: NDArray[Any] | None, until: float, label: str,
) -> list[Part]:  # fmt: skip
    """Draw the parts of a mean and of its exact curve, on limits that all of them need while trusted; return them."""
    over = dataset[dataset[name].dims[0]].values
    drawn = drawn_parts(dataset, name, exact, until)
    draw_parts(axes, over, drawn, exact, until, (label, "imaginary part"))
    return drawn


def draw_parts(
    axes: Axes, over: NDArray[Any], drawn: list[Part], exact: NDArray[Any] | None, until: float, labels: tuple[str, ...]
) -> None:
    """Draw parts of a mean and of its exact curve."""
    trusted = over <= until
    trusted = trusted if trusted.any() else ~trusted
    seen = [part.mean[trusted] + k * part.error[trusted] for part in drawn for k in (-1, 1)]
    curves = [] if exact is None else [_beside(part, exact, trusted) for part in drawn]
    axes.set_ylim(padded(np.concatenate([*seen, *curves])))
    first, *others = drawn
    draw_trusted(axes, over, first.mean, first.error, until, labels[0])
    for part, label in zip(others, labels[1:], strict=False):
        draw_fading(axes, over, part.mean, part.error, until, label, GREEN)
    for curve, named in zip(curves, ("exact", None), strict=False):
        axes.plot(over, curve, color="black", ls="--", lw=1, label=named)


def _beside(part: Part, exact: NDArray[Any], trusted: NDArray[np.bool_]) -> NDArray[Any]:
    """Return a part of exact values, a phase by whole turns as near to the mean as can be."""
    curve: NDArray[Any] = part.of(exact)
    if part.of in (np.real, np.imag, np.abs):
        return curve
    away = (part.mean - curve)[trusted]
    return curve + 2 * np.pi * (np.rint(np.nanmedian(away) / (2 * np.pi)) if np.isfinite(away).any() else 0)
