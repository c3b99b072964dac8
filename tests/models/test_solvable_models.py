"""Exact solutions of models that are formulas, where numbers are far from 1."""

import numpy as np
import pytest

from sdeframe.models import OrnsteinUhlenbeck


@pytest.mark.parametrize("rate", [1e-300, 1e-20, 1e-9])
def test_a_slow_relaxation_is_brownian_motion(rate):
    """1 − e^(−2θt) over 2θ has no digits left where θt is below rounding; the mean square is x₀² + σ²t."""
    t = np.array([0.0, 1.0, 100.0])
    found = OrnsteinUhlenbeck(rate=rate, strength=2.0, start=3.0).exact(t)
    np.testing.assert_allclose(found["x_squared"], 9 + 4 * t, rtol=1e-6)


def test_a_fast_relaxation_is_stationary():
    found = OrnsteinUhlenbeck(rate=1e200, strength=1e100, start=3.0).exact([0.0, 1.0])
    np.testing.assert_allclose(found["x_squared"], [9.0, 0.5], rtol=1e-12)
