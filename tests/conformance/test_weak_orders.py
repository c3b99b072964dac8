"""Weak orders by enumeration, without sampling error, of every scheme and law of increments; planted errors show."""

import attrs
import numpy as np
import pytest

from sdeframe import SDE, complex_noises, registry
from sdeframe.conformance.orders import Linear, in_its_calculus, outcomes, weak_orders
from sdeframe.integrators import (
    RK4,
    W2S4,
    EulerMaruyama,
    Heun,
    Milstein,
    SemiImplicitMidpoint,
    StochasticRK2,
)
from sdeframe.interfaces.increments import FourPoint, Gaussian, Octagon
from sdeframe.interfaces.integrator import Increments
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings.model import Ad, Fd, noise_a46
from tests.support.order_checks import NOISES, SYSTEMS, assert_weak_order, one_step_rates
from tests.support.published import RI6, Platen, TwoPointRI6

SCHEMES = [EulerMaruyama, StochasticRK2, W2S4, Heun, SemiImplicitMidpoint, RK4]
TIGHT = 0.05
"""Of an order that is named in the papers, at three real noises."""


def test_every_registered_scheme_is_tested_here():
    assert {*SCHEMES, Milstein} == {registry.find("integrators", name) for name in registry.names("integrators")}


class SharedSign(StochasticRK2):
    """Planted error: one sign for all noises."""

    def step(self, f, x, t, dW):
        signs = np.sqrt(dW.dt) * np.sign(dW.signs[0].real)
        return super().step(f, x, t, Increments(dW.dt, dW.path, np.broadcast_to(signs, dW.path.shape)))


class OneSignPerComplexNoise(StochasticRK2):
    """Planted error: real and imaginary part of a noise share a sign."""

    def step(self, f, x, t, dW):
        return super().step(f, x, t, Increments(dW.dt, dW.path, np.sqrt(dW.dt) * np.sign(dW.signs.real)))


class NoSign(StochasticRK2):
    """Planted error: the scheme of the Stratonovich solution."""

    def step(self, f, x, t, dW):
        return super().step(f, x, t, Increments(dW.dt, dW.path, 0 * dW.path))


@pytest.mark.parametrize("law", [Gaussian, FourPoint, Octagon])
def test_enumerated_increments_have_the_moments_of_normal_ones_to_fifth_degree(law):
    path, signs, chance = outcomes([True, False], law(), signs=True)
    W, F = path
    assert chance.sum() == pytest.approx(1)
    for n, moment in enumerate([1, 0, 1, 0, 3, 0]):
        assert (W**n) @ chance == pytest.approx(moment, abs=1e-14)
    for m in range(6):
        for n in range(6 - m):
            expected = {0: 1, 1: 1, 2: 2}[m] if m == n else 0  # <F^m F*^n> = m! for m = n
            assert abs((F**m * F.conj() ** n) @ chance - expected) < 1e-13
    assert (signs * chance) @ signs.T == pytest.approx(np.diag([1, 0]), abs=1e-14)
    assert (signs * chance) @ signs.conj().T == pytest.approx(np.eye(2), abs=1e-14)


# Second moments decide


LAWS = [(name, law) for name in NOISES for law in (FourPoint, Octagon) if "complex" in name or law is FourPoint]
"""Systems with the laws that differ there; normal increments are enumerated as four-point ones."""


@pytest.mark.parametrize(("name", "law"), [case for case in LAWS if case[0] != "one real"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_second_moments_converge_with_the_declared_order_to_the_right_limit(scheme, name, law):
    assert_weak_order(scheme, SYSTEMS[name], increments=law())


@pytest.mark.parametrize(("name", "law"), LAWS)
def test_w2s4_has_order_two_in_second_moments_and_four_in_means(name, law):
    assert_weak_order(W2S4, SYSTEMS[name], tolerance=TIGHT, increments=law())
    assert_weak_order(W2S4, SYSTEMS[name], moments=("x",), order=4, increments=law())


def test_w2s4_has_order_two_with_three_complex_noises():
    assert_weak_order(W2S4, Linear.draw(0, 3, seed=30), tolerance=TIGHT, increments=Octagon())


@pytest.mark.parametrize("scheme", [W2S4, RI6, Platen])
def test_schemes_of_weak_order_two_have_it_at_three_noises(scheme):
    assert_weak_order(scheme, SYSTEMS["three real"], tolerance=TIGHT)


def test_two_point_variables_as_published_have_order_one_from_three_noises_on_which_means_hide():
    for name in ("one real", "two real"):
        assert_weak_order(TwoPointRI6, SYSTEMS[name], order=2)
    assert_weak_order(TwoPointRI6, SYSTEMS["three real"], moments=("x",), order=2)
    assert_weak_order(TwoPointRI6, SYSTEMS["three real"], order=1)
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(TwoPointRI6, SYSTEMS["three real"])


@pytest.mark.parametrize("name", NOISES)
def test_milstein_has_its_order_where_noises_commute(name):
    assert_weak_order(Milstein, Linear.draw(*NOISES[name], seed=8, commuting=True))


@pytest.mark.parametrize("name", NOISES)
def test_means_of_linear_systems_are_of_second_order_in_the_two_stage_scheme(name):
    assert_weak_order(EulerMaruyama, SYSTEMS[name], moments=("x",))
    assert_weak_order(StochasticRK2, SYSTEMS[name], moments=("x",), order=2)


def test_a_single_real_noise_hides_the_weak_order_of_the_two_stage_scheme():
    for scheme in (EulerMaruyama, Heun, SemiImplicitMidpoint, RK4):
        assert_weak_order(scheme, SYSTEMS["one real"])
    assert_weak_order(StochasticRK2, SYSTEMS["one real"], order=2)


# Planted errors


def stratonovich_as_ito(linear):
    """Return the Itô system with the solutions of this one read as a Stratonovich one."""
    squares = [b @ b for b in linear.real] + [b @ c + c @ b for b, c in linear.complex]
    return attrs.evolve(linear, a=linear.a + sum(squares) / 2)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["two real", "two complex"])
def test_a_stratonovich_system_converges_when_converted_and_not_when_read_as_it_stands(name, scheme):
    linear = SYSTEMS[name]
    declared = SDE(linear.sde().drift, linear.sde().noise, interpretation="stratonovich")
    wrong = linear.sde() if scheme.interpretation == "ito" else linear.sde().to_stratonovich()
    exact = stratonovich_as_ito(linear)
    assert_weak_order(scheme, exact, EagerSystem(in_its_calculus(scheme, declared)))
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(scheme, exact, EagerSystem(wrong))


@pytest.mark.parametrize("planted", [SharedSign, NoSign])
@pytest.mark.parametrize("name", ["two real", "three real", "two complex", "real and complex"])
def test_wrong_signs_in_the_two_stage_scheme_are_caught(name, planted):
    assert weak_orders(planted, SYSTEMS[name])["xx"].order < 0.2
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(planted, SYSTEMS[name])


@pytest.mark.parametrize("name", ["one complex", "two complex", "real and complex"])
def test_one_sign_per_complex_noise_is_caught(name):
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(OneSignPerComplexNoise, SYSTEMS[name])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["one real", "three real"])
def test_a_complex_noise_where_a_real_one_was_declared_is_caught(name, scheme):
    sde = SYSTEMS[name].sde()
    other = dict(zip(sde.noises.values(), complex_noises(f"G:{len(sde.noises)}"), strict=True))
    planted = SDE(sde.drift, {x: row.xreplace(other) for x, row in sde.noise.items()})
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(scheme, SYSTEMS[name], EagerSystem(in_its_calculus(scheme, planted)))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_wrong_sign_of_one_noise_term_of_a_linear_system_is_caught(scheme):
    linear = SYSTEMS["two complex"]
    (b, c), other = linear.complex
    flipped = b.copy()
    flipped[0] *= -1
    planted = attrs.evolve(linear, complex=((flipped, c), other))
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(scheme, linear, EagerSystem(in_its_calculus(scheme, planted.sde())))


# The paper's equations in one step

ATOMS, DECAY = 3.0, 0.4
STATE = np.array([0.7 + 0.2j, 0.4 - 0.3j, 0.5 + 0.1j, 0.2 - 0.3j, -0.1 + 0.4j])


def assert_drift_and_correlators_of_the_paper(integrator, noise):
    """Check <dx>/h and <dx dx>/h of one small step of (A46) against the values on paper."""
    sde = SDE(TavisCummings(atoms=3, photons=1.0).system().drift, noise)
    values = TavisCummings(atoms=3, photons=1.0, decay=DECAY).parameters()
    f = EagerSystem(in_its_calculus(integrator, sde), values)
    A, Ad, ee, eg, ge = STATE
    drift = [
        -1j * eg, 1j * ge, -DECAY * ee + 1j * (eg * Ad - ge * A),
        -DECAY / 2 * eg + 1j * (2 * ee - 1) * A, -DECAY / 2 * ge - 1j * (2 * ee - 1) * Ad,
    ]  # fmt: skip
    D = np.zeros((5, 5), dtype=complex)
    D[0, 2:] = np.array([1j * ee * eg, 1j * eg**2, 1j * (eg * ge - ee)]) / ATOMS
    D[1, 2:] = np.array([-1j * ee * ge, 1j * (ee - eg * ge), -1j * ge**2]) / ATOMS
    mean, second = one_step_rates(integrator(dt=1e-7, increments=FourPoint()), f, STATE)
    assert np.max(np.abs(mean - drift)) < 1e-5, "drift"
    assert np.max(np.abs(second - D - D.T)) < 1e-5, "correlators"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_one_step_has_drift_and_correlators_of_the_paper(scheme):
    assert_drift_and_correlators_of_the_paper(scheme, noise_a46())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_wrong_sign_of_one_noise_term_of_the_paper_is_caught(scheme):
    noise = noise_a46()
    noise[Ad] = noise[Ad].subs(Fd, -Fd)
    with pytest.raises(AssertionError, match="correlators"):
        assert_drift_and_correlators_of_the_paper(scheme, noise)


@pytest.mark.parametrize("planted", [SharedSign, NoSign])
def test_wrong_signs_give_the_equations_of_the_paper_another_drift(planted):
    with pytest.raises(AssertionError, match="drift"):
        assert_drift_and_correlators_of_the_paper(planted, noise_a46())
