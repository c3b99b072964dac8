"""Strong orders on shared Brownian paths, against exact solutions; false alarms below 6e-7 for each comparison."""

import numpy as np
import pytest

from sdeframe import SDE, real_noises, real_variables, simulate
from sdeframe.conformance.orders import Paths, in_its_calculus, solve
from sdeframe.integrators import RK4, W2S4, EulerMaruyama, Heun, Milstein, SemiImplicitMidpoint, StochasticRK2
from sdeframe.interfaces.increments import Gaussian
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.models import GeometricBrownianMotion, OrnsteinUhlenbeck
from sdeframe.observers import Moments
from tests.support.order_checks import assert_strong_order

FINE, COUNT = 2048, 4000
SINGLE = {
    EulerMaruyama: 0.5, StochasticRK2: 1.0, W2S4: 1.0, Heun: 1.0, SemiImplicitMidpoint: 1.0, RK4: 2.0, Milstein: 1.0,
}  # fmt: skip
"""Orders for a single real noise whose coefficient is linear, as is the drift."""


def stepped(scheme, sde, parameters=None):
    """Return a system as a scheme steps it."""
    return EagerSystem(in_its_calculus(scheme, sde), parameters or {})


def geometric(seed):
    """Return the multiplicative test equation, paths, and its exact solution on them."""
    model, paths = GeometricBrownianMotion(growth=0.3, volatility=0.8), Paths.draw(1, FINE, COUNT, seed)
    return model, paths, model.solution(np.linspace(0, 1, FINE + 1), paths.fine[0].T)[:, -1]


def additive(seed):
    """Return the additive test equation, paths, and its exact solution on them."""
    model, paths = OrnsteinUhlenbeck(rate=1.5, start=1.0), Paths.draw(1, FINE, COUNT, seed)
    return model, paths, model.solution(np.linspace(0, 1, FINE + 1), paths.fine[0].T)[:, -1]


def levy_area(seed):
    """Return a system with noises that do not commute, paths, and the Itô sum on the fine grid."""
    x, y = real_variables("x y")
    V, W = real_noises("V W")
    sde, paths = SDE({x: 0, y: 0}, {x: V, y: x * W}), Paths.draw(2, FINE, COUNT, seed)
    return sde, paths, solve(EulerMaruyama, EagerSystem(sde), [0, 0], paths, FINE)


@pytest.mark.parametrize("scheme", SINGLE)
def test_strong_order_for_a_single_real_noise(scheme):
    model, paths, exact = geometric(seed=1)
    assert SINGLE[scheme] >= scheme.strong_order
    assert_strong_order(
        SINGLE[scheme], scheme, stepped(scheme, model.system(), model.parameters()), [1.0], paths, exact
    )


@pytest.mark.parametrize("scheme", SINGLE)
def test_strong_order_for_additive_noise(scheme):
    model, paths, exact = additive(seed=2)
    assert_strong_order(1.0, scheme, stepped(scheme, model.system(), model.parameters()), [1.0], paths, exact)


@pytest.mark.parametrize("scheme", SINGLE)
def test_strong_order_for_noises_that_do_not_commute(scheme):
    sde, paths, exact = levy_area(seed=3)
    assert scheme.strong_order == 0.5 or scheme.commuting
    assert_strong_order(0.5, scheme, stepped(scheme, sde), [0.0, 0.0], paths, exact)


@pytest.mark.parametrize("scheme", SINGLE)
def test_a_missing_ito_correction_shows_in_the_strong_order(scheme):
    model, paths, ito = geometric(seed=4)
    sde, values = model.system(), model.parameters()
    stratonovich = ito * np.exp(0.8**2 / 2)
    declared = SDE(sde.drift, sde.noise, interpretation="stratonovich")
    order = SINGLE[scheme]
    assert_strong_order(order, scheme, stepped(scheme, declared, values), [1.0], paths, stratonovich)
    with pytest.raises(AssertionError, match="slope"):
        assert_strong_order(order, scheme, stepped(scheme, sde, values), [1.0], paths, stratonovich)


@pytest.mark.parametrize("scheme", [EulerMaruyama, W2S4, Milstein])
def test_strong_order_of_the_compiled_run_on_its_own_paths(scheme):
    model, means, errors = GeometricBrownianMotion(growth=0.3, volatility=0.4), [], []
    for steps in (16, 256):
        result = simulate(
            model, scheme(dt=1 / steps, increments=Gaussian()), observers=[Moments(**model.observables)], times=[1.0],
            trajectories=4000, seed=11, progress=False,
        )  # fmt: skip
        ds = result.replay(range(4000))
        exact = model.solution(ds["time"].values, ds["dW"].values)
        squares = (ds["x"].values - exact)[:, -1] ** 2
        means.append(np.mean(squares))
        errors.append(np.std(squares) / np.sqrt(4000) / np.mean(squares))
    slope, error = np.log2(means[0] / means[1]) / 8, np.hypot(*errors) / np.log(2) / 8
    assert abs(slope - SINGLE[scheme]) < 0.05 + 5 * error
    assert error < 0.02


def test_the_reference_solution_is_that_of_the_equation():
    """A wrong reference cannot hide a wrong scheme: its mean and mean square, within 5 standard errors (6e-7)."""
    _, _, exact = geometric(seed=5)
    for values, mean in ((exact, np.exp(0.3)), (exact**2, np.exp(0.6 + 0.64))):
        assert np.mean(values) == pytest.approx(mean, abs=5 * np.std(values) / np.sqrt(COUNT))
