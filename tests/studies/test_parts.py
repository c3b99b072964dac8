"""Means in their real and imaginary parts: how far they are from exact, and which parts are drawn."""

import numpy as np
import pytest
import xarray as xr

from sdeframe.studies.parts import deviation, drawn_parts
from sdeframe.studies.plotting import padded


def dataset(mean, real_error, imaginary_error, **more):
    time = np.arange(float(len(mean)))
    errors = {"x_se": ("time", real_error), "x_imag_se": ("time", imaginary_error)}
    return xr.Dataset({"x": ("time", np.array(mean)), **errors, **more}, coords={"time": time})


def test_each_part_is_held_against_exact_in_its_own_standard_error():
    ds = dataset([1.1 + 2j, 1 + 2.3j, 1 - 2j], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1])
    assert deviation(ds, "x", np.full(3, 1 + 2j)) == pytest.approx([1, 3, 40])
    ds = dataset([1.1 + 0.3j], [0.05], [0.1])
    assert deviation(ds, "x", np.array([1.0])) == pytest.approx([3]), "an exact value that is real has the part 0"
    assert deviation(ds, "x", np.array([1.0]), np.array([0.12])) == pytest.approx([0.3 / np.hypot(0.1, 0.12)])


def test_no_number_is_never_near():
    ds = dataset([np.inf + 0j, complex(1, np.nan)], [np.inf, 0.1], [np.inf, 0.1])
    assert not (deviation(ds, "x", np.ones(2)) <= 5).any()


def test_a_part_without_spread_is_held_against_exact_in_its_step_error():
    ds = dataset([1 + 1e-6j], [0.1], [1e-18], x_step_error=("time", [1e-3 - 1e-6j]))
    assert deviation(ds, "x", np.array([1.0])) == pytest.approx([1])
    assert deviation(dataset([1 + 3e-12j], [0.1], [0.0]), "x", np.array([1.0])) == pytest.approx([3])


def test_an_imaginary_part_is_drawn_where_it_is_not_0():
    noise = dataset([1 + 0.2j, 1 - 0.1j, 1 + 9j], [0.1] * 3, [0.1] * 3)
    assert len(drawn_parts(noise, "x", None, 1.0)) == 1
    assert len(drawn_parts(noise, "x", None, 2.0)) == 2
    assert len(drawn_parts(noise, "x", np.ones(3) + 1e-9j, 2.0)) == 1
    assert len(drawn_parts(noise, "x", np.ones(3) + 1e-3j, 2.0)) == 2


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([0.0, 1.0], (-0.25, 1.25)),
        ([4.0, 4.0], (3.8, 4.2)),
        ([4.0, 4.0 + 1e-9], (3.8, 4.2)),
        ([1e-6, 2e-6], (0.75e-6, 2.25e-6)),
        ([0.0, 0.0], (-0.25, 0.25)),
        ([np.nan, np.inf], (-0.25, 0.25)),
    ],
)
def test_limits_show_curves_and_constants(values, limits):
    assert padded(np.array(values)) == pytest.approx(limits, rel=1e-6)
