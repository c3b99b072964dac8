"""What gauges refuse."""

import attrs
import pytest
from sympy import I

from sdeframe import SDE
from sdeframe.gauges import (
    A41,
    Chain,
    DiffusionGauge,
    QuarticDrift,
    ScaledNoise,
)  # fmt: skip
from tests.support.gauge_cases import A39, A46, A, Given, V, W, x, z


@attrs.frozen
class Typed(DiffusionGauge):
    """A noise as it is given."""

    rows: dict

    def noise(self, sde):
        return self.rows


@pytest.mark.parametrize(
    ("xi", "message"),
    [
        (W**2, "kernel of .* is not linear in W"),
        (x * W + 1, "has no noise: put it in the drift"),
        (V, "holds V: the system has only W"),
        (I * W, "drift of the real variable x is not real"),
        (z * W, "variable z in the drift of x has no drift"),
    ],
)
def test_what_cannot_be_a_kernel_is_refused(xi, message):
    with pytest.raises(ValueError, match=message):
        Given(xi).transform(SDE({x: -x}, {x: W}))


def test_what_a_gauge_asks_for_and_the_system_lacks_is_named():
    with pytest.raises(KeyError, match="no variable 'A' in this system"):
        QuarticDrift().transform(SDE({x: -x}, {x: W}))
    with pytest.raises(KeyError, match="no noise 'G' in this system"):
        ScaledNoise(2, noises=["G"]).transform(A46)
    with pytest.raises(ValueError, match="W is real; only complex noises can be scaled"):
        ScaledNoise(2, noises=["W"]).transform(SDE({x: -x}, {x: W}))


def test_another_noise_must_have_the_same_correlators():
    with pytest.raises(ValueError, match=r"I\*rho_ee\*rho_eg/N$"):
        Typed({A: 2 * A46.noise[A]}).transform(A46)
    with pytest.raises(ValueError, match=r"<dA drho_ee>/dt is 2\*I\*rho_ee\*rho_eg/N, not I\*rho_ee\*rho_eg/N"):
        Typed({A: 2 * A46.noise[A]}).transform(A46)
    with pytest.raises(ValueError, match="gauge the diffusion before the drift"):
        Chain(QuarticDrift(), A41()).transform(A39)
