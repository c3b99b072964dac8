"""Orders of the schemes, by enumeration (no sampling error) and on shared Brownian paths; planted errors are caught."""

import attrs
import numpy as np
import pytest

from sdeframe import SDE, real_noises, real_variables, simulate
from sdeframe.integrator import Increments
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.models import GeometricBrownianMotion, OrnsteinUhlenbeck, TavisCummings
from sdeframe.models.tavis_cummings import Ad, Fd, noise_a46
from sdeframe.observers import Moments
from sdeframe.twin import EagerSystem
from tests.orders import Linear, Paths, assert_weak_order, one_step_rates, outcomes, solve, strong_order

SCHEMES = [EulerMaruyama, StochasticRK2]


def matrices(count, seed):
    """Return complex 2×2 matrices that do not commute."""
    draw = np.random.default_rng(seed)
    return [0.4 * (draw.normal(size=(2, 2)) + 1j * draw.normal(size=(2, 2))) for _ in range(count)]


def system(real, complex_, seed):
    """Return a system with some real and some complex noises, the noise large enough to decide the error."""
    a, *b = matrices(1 + real + 2 * complex_, seed)
    pairs = tuple(zip(b[real::2], b[real + 1 :: 2], strict=True))
    return Linear(a / 2 - 0.3 * np.eye(2), tuple(b[:real]), pairs)


SYSTEMS = {
    "one real": system(1, 0, 1),
    "two real": system(2, 0, 2),
    "three real": system(3, 0, 3),
    "one complex": system(0, 1, 4),
    "two complex": system(0, 2, 5),
    "three complex": system(0, 3, 6),
    "real and complex": system(2, 1, 7),
}


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


# Weak orders


def test_the_discrete_increments_have_the_moments_of_normal_ones_to_fifth_degree():
    path, signs, chance = outcomes([True, False], signs=True)
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


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", [name for name in SYSTEMS if name != "one real"])
def test_second_moments_converge_at_weak_order_one_to_the_right_limit(name, scheme):
    assert scheme.weak_order == 1
    assert_weak_order(scheme, SYSTEMS[name])


@pytest.mark.parametrize("name", SYSTEMS)
def test_means_of_linear_systems_are_of_second_order_in_the_two_stage_scheme(name):
    assert_weak_order(EulerMaruyama, SYSTEMS[name], moments=("x",))
    assert_weak_order(StochasticRK2, SYSTEMS[name], moments=("x",), order=2)


def test_a_single_real_noise_hides_the_weak_order_of_the_two_stage_scheme():
    assert_weak_order(EulerMaruyama, SYSTEMS["one real"])
    assert_weak_order(StochasticRK2, SYSTEMS["one real"], order=2)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["two real", "two complex"])
def test_a_stratonovich_system_converges_when_corrected_and_not_when_read_as_ito(name, scheme):
    linear = SYSTEMS[name]
    read_as_ito = EagerSystem(linear.sde())
    corrected = EagerSystem(linear.sde(interpretation="stratonovich").to_ito())
    exact = linear.stratonovich_as_ito()
    assert_weak_order(scheme, exact, corrected)
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(scheme, exact, read_as_ito)


@pytest.mark.parametrize("planted", [SharedSign, NoSign])
@pytest.mark.parametrize("name", ["two real", "three real", "two complex", "real and complex"])
def test_wrong_signs_in_the_two_stage_scheme_are_caught(name, planted):
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(planted, SYSTEMS[name])


@pytest.mark.parametrize("name", ["one complex", "two complex", "real and complex"])
def test_one_sign_per_complex_noise_is_caught(name):
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(OneSignPerComplexNoise, SYSTEMS[name])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["one real", "three real"])
def test_a_complex_noise_where_a_real_one_was_declared_is_caught(name, scheme):
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(scheme, SYSTEMS[name], EagerSystem(SYSTEMS[name].sde(complex_instead=True)))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_wrong_sign_of_one_noise_term_of_a_linear_system_is_caught(scheme):
    linear = SYSTEMS["two complex"]
    (b, c), other = linear.complex
    flipped = b.copy()
    flipped[0] *= -1
    with pytest.raises(AssertionError, match="E xx"):
        assert_weak_order(scheme, linear, EagerSystem(attrs.evolve(linear, complex=((flipped, c), other)).sde()))


# The paper's equations in one step

ATOMS, DECAY = 3.0, 0.4
STATE = np.array([0.7 + 0.2j, 0.4 - 0.3j, 0.5 + 0.1j, 0.2 - 0.3j, -0.1 + 0.4j])


def assert_drift_and_correlators_of_the_paper(integrator, noise):
    """Check <dx>/h and <dx dx>/h of one small step of (A46) against the values on paper."""
    sde = SDE(TavisCummings(atoms=3, photons=1.0).system().drift, noise)
    f = EagerSystem(sde, TavisCummings(atoms=3, photons=1.0, decay=DECAY).parameters())
    A, Ad, ee, eg, ge = STATE
    drift = [
        -1j * eg, 1j * ge, -DECAY * ee + 1j * (eg * Ad - ge * A),
        -DECAY / 2 * eg + 1j * (2 * ee - 1) * A, -DECAY / 2 * ge - 1j * (2 * ee - 1) * Ad,
    ]  # fmt: skip
    D = np.zeros((5, 5), dtype=complex)
    D[0, 2:] = np.array([1j * ee * eg, 1j * eg**2, 1j * (eg * ge - ee)]) / ATOMS
    D[1, 2:] = np.array([-1j * ee * ge, 1j * (ee - eg * ge), -1j * ge**2]) / ATOMS
    mean, second = one_step_rates(integrator(dt=1e-7), f, STATE)
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


# Strong orders. A slope may differ by 0.05, for the finite h, and 5 standard errors: false alarms below 6e-7 each.

FINE, COUNT = 2048, 4000


def assert_strong_order(order, scheme, f, start, paths, reference):
    """Check the slope of the root mean square error on shared paths."""
    slope, error = strong_order(scheme, f, start, paths, reference)
    assert abs(slope - order) < 0.05 + 5 * error, f"slope {slope:.3f} ± {error:.3f} instead of {order}"


def geometric(seed):
    """Return the multiplicative test equation, paths, and its exact solution on them."""
    model, paths = GeometricBrownianMotion(growth=0.3, volatility=0.8), Paths.draw(1, FINE, COUNT, seed)
    exact = model.solution(np.linspace(0, 1, FINE + 1), paths.fine[0].T)[:, -1]
    return EagerSystem(model.system(), model.parameters()), paths, exact


def additive(seed):
    """Return the additive test equation, paths, and its exact solution on them."""
    model, paths = OrnsteinUhlenbeck(rate=1.5, start=1.0), Paths.draw(1, FINE, COUNT, seed)
    exact = model.solution(np.linspace(0, 1, FINE + 1), paths.fine[0].T)[:, -1]
    return EagerSystem(model.system(), model.parameters()), paths, exact


def non_commuting(seed):
    """Return a Lévy area, paths, and the Itô sum on the fine grid, which Euler-Maruyama is."""
    x, y = real_variables("x y")
    V, W = real_noises("V W")
    f, paths = EagerSystem(SDE({x: 0, y: 0}, {x: V, y: x * W})), Paths.draw(2, FINE, COUNT, seed)
    return f, paths, solve(EulerMaruyama, f, [0, 0], paths, FINE)


@pytest.mark.parametrize(("scheme", "order"), [(EulerMaruyama, 0.5), (StochasticRK2, 1.0)])
def test_strong_order_for_a_single_real_noise(scheme, order):
    f, paths, exact = geometric(seed=1)
    assert_strong_order(order, scheme, f, [1.0], paths, exact)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_strong_order_for_additive_noise(scheme):
    f, paths, exact = additive(seed=2)
    assert_strong_order(1.0, scheme, f, [1.0], paths, exact)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_strong_order_for_noises_that_do_not_commute(scheme):
    assert scheme.strong_order == 0.5
    f, paths, exact = non_commuting(seed=3)
    assert_strong_order(scheme.strong_order, scheme, f, [0.0, 0.0], paths, exact)


@pytest.mark.parametrize(("scheme", "order"), [(EulerMaruyama, 0.5), (StochasticRK2, 1.0)])
def test_a_missing_ito_correction_shows_in_the_strong_order(scheme, order):
    f, paths, ito = geometric(seed=4)
    stratonovich = ito * np.exp(0.8**2 / 2)
    declared = SDE(f.sde.drift, f.sde.noise, interpretation="stratonovich")
    assert_strong_order(order, scheme, EagerSystem(declared.to_ito(), f.parameters), [1.0], paths, stratonovich)
    with pytest.raises(AssertionError, match="slope"):
        assert_strong_order(order, scheme, f, [1.0], paths, stratonovich)


@pytest.mark.parametrize(("scheme", "order"), [(EulerMaruyama, 0.5), (StochasticRK2, 1.0)])
def test_strong_order_of_the_compiled_run_on_its_own_paths(scheme, order):
    model, means, errors = GeometricBrownianMotion(growth=0.3, volatility=0.4), [], []
    for steps in (16, 256):
        result = simulate(
            model, scheme(dt=1 / steps), observers=[Moments(**model.observables)], times=[1.0],
            trajectories=4000, seed=11, progress=False,
        )  # fmt: skip
        ds = result.replay(range(4000))
        exact = model.solution(ds["time"].values, ds["dW"].values)
        squares = (ds["x"].values - exact)[:, -1] ** 2
        means.append(np.mean(squares))
        errors.append(np.std(squares) / np.sqrt(4000) / np.mean(squares))
    slope, error = np.log2(means[0] / means[1]) / 8, np.hypot(*errors) / np.log(2) / 8
    assert abs(slope - order) < 0.05 + 5 * error
    assert error < 0.02


def test_the_reference_solution_is_that_of_the_equation():
    """A wrong reference cannot hide a wrong scheme: its mean and mean square, within 5 standard errors (6e-7)."""
    _, _, exact = geometric(seed=5)
    for values, mean in ((exact, np.exp(0.3)), (exact**2, np.exp(0.6 + 0.64))):
        assert np.mean(values) == pytest.approx(mean, abs=5 * np.std(values) / np.sqrt(COUNT))
