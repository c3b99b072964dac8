"""A Piecewise without a default: a refusal where some state or time of the run has no value, and only there."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, complex_variables, parameters, random_uniform, real_variables, simulate, time
from sdeframe.integrators import EulerMaruyama
from sdeframe.observers import Moments

x, y, z, k, u = *real_variables("x y"), complex_variables("z"), parameters("k"), random_uniform("u")
P = sp.Piecewise


def run(drift=0, start=0, observed=x, until=2.0):
    model = SymbolicModel(SDE({x: drift, y: 0, z: 0}), {x: start, y: 1, z: 1}, parameters={k: 1})
    return simulate(
        model, EulerMaruyama(dt=0.5), observers=[Moments(q=observed)], times=[until], trajectories=2, seed=1,
        progress=False,
    )  # fmt: skip


GAPS = [
    P((1, time < 1)), P((1, time > 0)), P((1, x < 0)), P((1, x < 0), (2, x > 0)), P((1, time < k)), P((1, k > 2)),
    P((1, sp.sin(time) > -2), (2, sp.re(z) > 0)) + P((3, x < y)), P((1, sp.re(z) > 0), (0, sp.re(z) < 0)),
]  # fmt: skip


@pytest.mark.parametrize("expression", GAPS)
@pytest.mark.parametrize("place", ["drift", "observed"])
def test_an_expression_without_a_value_somewhere_is_refused(expression, place):
    with pytest.raises(ValueError, match=r"Piecewise\(.* has no value where none of its conditions holds: end it with"):
        run(**{place: expression})


def test_a_start_without_a_value_somewhere_is_refused():
    with pytest.raises(ValueError, match=r"initial value of x: Piecewise\(\(1, u < 1/2\)\) has no value"):
        run(start=P((1, u < sp.Rational(1, 2))))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (P((1, x < 0), (2, True)), 2),
        (P((1, x < 0), (2, x >= 0)), 2),
        (P((1, x < 0), (2, x > 0), (3, sp.Eq(x, 0))), 3),
        (P((1, (x > 0) & (y > 0)), (2, (x <= 0) | (y <= 0))), 2),
        (P((4, time < 1), (2, time <= 2)), 2),
        (P((5, time <= 2 * k)), 5),
        (P((6, k < 2)), 6),
    ],
)
def test_one_that_has_a_value_everywhere_is_taken(expression, value):
    assert run(observed=expression).dataset["q"].values[0] == value
    assert np.isfinite(run(drift=expression).dataset["q"].values[0])
