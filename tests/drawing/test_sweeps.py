"""Maps of sweeps: the colours are those of what is trusted, and say where something else lies beyond them."""

import numpy as np
import pytest
import xarray as xr

from sdeframe.drawing.sweeps import draw_sweep


def swept(means, horizons):
    over = ("k", "g")
    return xr.Dataset(
        {
            "n": (over, np.array(means) + 0j),
            "n_se": (over, np.full((2, 2), 0.01)),
            "n_horizon": (over, np.array(horizons)),
            "dt": (over, np.full((2, 2), 0.1)),
        },
        coords={"k": [1.0, 2.0], "g": [0.1, 0.2], "time": 1.0},
    )


@pytest.mark.parametrize(
    ("means", "extend"),
    [
        ([[0.4, 0.5], [0.6, 0.5]], "neither"),
        ([[0.4, 0.5], [0.6, 1.5]], "max"),
        ([[0.4, 0.5], [0.6, -9.0]], "min"),
        ([[0.4, 0.5], [0.6, np.nan]], "neither"),
    ],
)
def test_values_beyond_the_colours_of_trusted_ones_show_at_the_scale(means, extend):
    figure = draw_sweep(swept(means, [[1.0, 1.0], [1.0, 0.5]]), ("n",), None)
    plane, scale = figure.axes
    assert scale._colorbar.extend == extend
    assert "hatched: not to be trusted" in plane.get_title()
