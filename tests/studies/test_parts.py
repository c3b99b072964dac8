"""Means in their real and imaginary parts: how far they are from exact."""

import numpy as np
import pytest

from sdeframe.studies.parts import deviation
from tests.support.means import dataset


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
