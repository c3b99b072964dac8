"""Which parts of a mean are drawn, on which limits."""

import numpy as np
import pytest

from sdeframe.drawing.bands import padded
from sdeframe.drawing.parts import drawn_parts
from tests.support.means import dataset


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
