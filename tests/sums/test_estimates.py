"""Means and their standard errors, part by part."""

import numpy as np

from sdeframe.sums.estimates import Estimates


def test_a_part_that_is_infinite_leaves_the_other_as_it_is():
    found = Estimates.of_parts((np.array([1.0, -0.0]), np.array([np.inf, -0.0])), np.array([[0.5, 0.0], [np.nan, 0.0]]))
    assert found.mean.real.tolist() == [1.0, 0.0]
    assert found.mean.imag.tolist() == [np.inf, 0.0]
    assert not np.signbit([found.mean.real, found.mean.imag]).any()
    assert found.error.real.tolist() == [0.5, 0.0]
    assert np.isnan(found.error.imag[0])
