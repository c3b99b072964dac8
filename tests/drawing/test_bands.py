"""Which parts of a mean are drawn, on which limits."""

import numpy as np
import pytest

from sdeframe.drawing.bands import padded
from sdeframe.drawing.parts import drawn_parts, parts, phase, polar
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


def test_modulus_and_phase_have_the_errors_of_their_parts():
    """Of z = 3 + 4i with errors .1 and .2 the modulus has √(.3² + .8²)/5, the phase √(.4² + .6²)/25."""
    ds = dataset([3 + 4j, 3 + 4j], [0.1, 0.1], [0.2, 0.2])
    modulus, angle = polar(*parts(ds, "x"))
    assert modulus.mean == pytest.approx([5, 5])
    assert modulus.error == pytest.approx([np.hypot(0.3, 0.8) / 5] * 2)
    assert angle.mean == pytest.approx([np.arctan2(4, 3)] * 2)
    assert angle.error == pytest.approx([np.hypot(0.4, 0.6) / 25] * 2)


def test_a_phase_goes_on_over_half_a_turn_and_is_none_of_nothing():
    turns = np.exp(1j * np.linspace(0, 9, 10))
    assert phase(turns) == pytest.approx(np.linspace(0, 9, 10))
    turns[3] = 0
    assert np.isnan(phase(turns)[3])
    assert phase(turns)[4:] == pytest.approx(np.linspace(0, 9, 10)[4:])
