"""One step of systems that are not linear, by enumeration: weak order 2 of W2S4, and what spoils it."""

from typing import Any

import attrs
import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, complex_variables, real_noises, time
from sdeframe.conformance.orders import enumerated_step, in_its_calculus, local_order
from sdeframe.integrators import RK4, W2S4, EulerMaruyama, Heun, SemiImplicitMidpoint, StochasticRK2
from sdeframe.interfaces.integrator import Increments
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.studies.validations.order import START, systems
from sdeframe.symbolic.symbols import log_weight
from tests.support.order_checks import SYSTEMS, assert_weak_order
from tests.support.published import RI6, Platen

x, y = complex_variables("x y")
U, V = real_noises("U V")
SDES = systems()
MEANS = {"plain": x * y, "in time": x * y, "weighted": sp.exp(log_weight) * y}


def order_of(scheme, kind, dt=1 / 64, **options):
    """Return one less than the order of the error of one step."""
    start = {k: START[k] for k in SDES[kind].state}
    return local_order(scheme(dt=dt, **options), SDES[kind], start, MEANS[kind], at=0.3, terms=3) - 1


@pytest.mark.parametrize("kind", SDES)
@pytest.mark.parametrize("scheme", [EulerMaruyama, StochasticRK2, W2S4, Heun, SemiImplicitMidpoint, RK4, RI6, Platen])
def test_one_step_has_the_declared_order_with_time_and_with_weights(scheme, kind):
    assert abs(order_of(scheme, kind) - scheme.weak_order) < 0.1


@pytest.mark.parametrize(
    "f", [x, y**2, pytest.param(sp.conjugate(x) * y, marks=pytest.mark.long), x * sp.conjugate(x) * y], ids=str
)
def test_w2s4_has_order_two_for_other_moments(f):
    found = local_order(W2S4(dt=1 / 64), SDES["plain"], {x: 0.7 + 0.3j, y: 0.4 - 0.5j}, f, terms=3)
    assert abs(found - 3) < 0.1


# What spoils it


@attrs.frozen
class Wrong:
    """A system whose callables answer for those of another one, unless they are replaced."""

    f: Any
    increments: Increments

    def drift(self, x, t):
        return self.f.drift(x, t)

    def noise(self, x, t, y):
        return self.f.noise(x, t, y)

    def noise_jvp(self, x, t, y, direction):
        return self.f.noise_jvp(x, t, y, direction)

    def correction(self, x, t):
        return self.f.correction(x, t)


class NoCorrection(Wrong):
    """The correction left out."""

    def correction(self, x, t):
        return 0 * x


class LateCorrection(Wrong):
    """The correction at another time than the derivative that it balances."""

    def correction(self, x, t):
        return self.f.correction(x, t + self.increments.dt / 2)


class StratonovichStages(Wrong):
    """Stages with the Stratonovich drift, and no correction at the end."""

    def drift(self, x, t):
        return self.f.drift(x, t) - self.f.correction(x, t)

    def correction(self, x, t):
        return 0 * x


class OtherSignsInTheSlope(Wrong):
    """Signs in the derivative that are not those of the stages: of the next noise, or of one noise turned round."""

    def noise_jvp(self, x, t, y, direction):
        others = (
            -self.increments.signs if len(self.increments.signs) == 1 else np.roll(self.increments.signs, 1, axis=0)
        )
        return self.f.noise_jvp(x, t, y + (others - self.increments.signs) / np.sqrt(8), direction)


class TurnedSignsInTheSlope(Wrong):
    """Minus the signs of the stages in the derivative."""

    def noise_jvp(self, x, t, y, direction):
        return self.f.noise_jvp(x, t, y - self.increments.signs / np.sqrt(2), direction)


class UnitStepSlope(Wrong):
    """The derivative as a difference over a step of one increment."""

    def noise_jvp(self, x, t, y, direction):
        return (self.f.noise(x + direction, t, y) - self.f.noise(x - direction, t, y)) / 2


class Planted(W2S4):
    """W2S4 on a system with an error."""

    error = Wrong

    def step(self, f, x, t, dW):
        return super().step(self.error(f, dW), x, t, dW)


class OneSign(W2S4):
    """Planted error: one sign for all noises."""

    def step(self, f, x, t, dW):
        signs = np.broadcast_to(np.sqrt(dW.dt) * np.sign(dW.signs[:1].real), dW.path.shape)
        return super().step(f, x, t, Increments(dW.dt, dW.path, signs))


def planted(wrong):
    """Return W2S4 with an error."""
    return type(wrong.__name__, (Planted,), {"error": wrong})


def test_the_wrapper_alone_is_right():
    assert_weak_order(planted(Wrong), SYSTEMS["two real"])


@pytest.mark.parametrize(
    "scheme",
    list(map(planted, [NoCorrection, StratonovichStages, OtherSignsInTheSlope, TurnedSignsInTheSlope])),
)
@pytest.mark.parametrize("name", ["two real", "three real"])
def test_errors_in_w2s4_show_in_second_moments_of_linear_systems(scheme, name):
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(scheme, SYSTEMS[name])


def test_one_sign_for_all_noises_shows_from_three_noises_on():
    assert_weak_order(OneSign, SYSTEMS["two real"])
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(OneSign, SYSTEMS["three real"])


@pytest.mark.long
def test_a_correction_at_another_time_than_the_derivative_shows_in_systems_with_time():
    assert abs(order_of(planted(LateCorrection), "plain") - 2) < 0.1
    assert order_of(planted(LateCorrection), "in time") < 1.5


def test_a_difference_over_a_whole_increment_is_no_derivative():
    cubic = SDE({x: -x / 2}, {x: (1 + x**3 / 2) * U / 2})
    right, wrong = (
        local_order(scheme(dt=1 / 64), cubic, {x: 0.7 + 0.3j}, x**2, terms=3)
        for scheme in (W2S4, planted(UnitStepSlope))
    )
    assert abs(right - 3) < 0.1
    assert wrong < 2.5


# Without noise


def classical(a, z, t, h):
    """Return one step of the classical scheme of Runge and Kutta, written out."""
    k1 = a(z, t)
    k2 = a(z + h / 2 * k1, t + h / 2)
    k3 = a(z + h / 2 * k2, t + h / 2)
    k4 = a(z + h * k3, t + h)
    return z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


@pytest.mark.parametrize("scheme", [W2S4, RK4])
def test_without_noise_the_step_is_the_classical_one(scheme):
    quiet = SDE({x: -x * y / 2 + time, y: x**2 * sp.conjugate(y) - y * time}, {})
    start = np.array([0.7 + 0.3j, 0.4 - 0.5j])
    states, chance = enumerated_step(scheme(dt=0.3), EagerSystem(in_its_calculus(scheme, quiet)), start, t=0.2)

    def a(z, t):
        return np.array([-z[0] * z[1] / 2 + t, z[0] ** 2 * z[1].conj() - z[1] * t])

    assert chance.tolist() == [1.0]
    assert states[:, 0] == pytest.approx(classical(a, start, 0.2, 0.3), rel=1e-14)


@pytest.mark.long
def test_small_noise_leaves_the_fourth_order_of_the_drift_in_means():
    """The error is A h⁴ + ε²B h²: with ε = 1e-6 the second term is not seen."""
    weak = SDE({x: -x * y / 2 + y, y: x**2 / 4 - y}, {x: 1e-6 * (1 + x * y) * U, y: 1e-6 * x * V})
    found = local_order(W2S4(dt=1 / 8), weak, {x: 0.7 + 0.3j, y: 0.4 - 0.5j}, x * y, terms=8)
    assert abs(found - 5) < 0.2
