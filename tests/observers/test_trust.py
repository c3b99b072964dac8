"""The trust horizon: its rule on processes of which every number is known, and against an exact solution."""

import math

import numpy as np
import pytest
from sympy import I

import sdeframe
from sdeframe import SDE, Poles, SymbolicModel, complex_variables, random_choice, real_noises, real_variables, simulate
from sdeframe.campaigns.default_step import default_scheme
from sdeframe.derivation import Fock
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces.bounds import freezing_bound
from sdeframe.models import KerrOscillator, OrnsteinUhlenbeck, ParametricOscillator, TavisCummings
from sdeframe.observers import Moments, TrustHorizon
from sdeframe.observers.trust import alarms, smallest_spread
from sdeframe.observers.unit import Unit
from sdeframe.sums.estimates import Estimates

x, z = real_variables("x"), complex_variables("z")
a, b = complex_variables("a b")
V, W = real_noises("V W")
DT, COUNT = 1 / 16, 200
STEPS = np.array([0, 4, 16, 24, 32])
TIMES = STEPS * DT
"""Under Euler's rule 4 is passed from 3 at step 5 and from 1 at step 23; 8 from 3 at step 17 and from 1 by none."""


def growing(*observers, starts=(1, 3), poles=Poles(strongest=(x,)), **settings):  # noqa: B008 (frozen)
    """Run dx = x dt from one of the starts."""
    initial = {x: random_choice("c", list(starts)) if len(starts) > 1 else starts[0]}
    model = SymbolicModel(SDE(drift={x: x}), initial=initial, poles=poles)
    options = {"times": TIMES, "trajectories": COUNT, "seed": 1, "progress": False} | settings
    return simulate(model, EulerMaruyama(dt=DT), observers=observers, **options)


def test_both_sets_of_survivors_have_the_means_and_errors_of_moments_at_their_bounds():
    result = growing(TrustHorizon(bound=8.0, low_bound=4.0, m=x + I * x**2), step_error=True)
    expected = growing(Moments(bound=8.0, m=x + I * x**2), Moments(bound=4.0, n=x + I * x**2), step_error=True)
    ds, other = result.dataset, expected.dataset
    for end in ("", "_se", "_imag_se", "_step_error", "_step_error_se", "_step_error_imag_se"):
        assert np.array_equal(ds[f"m{end}"], other[f"m{end}"], equal_nan=True), end
    for end in ("", "_se", "_imag_se"):
        assert np.array_equal(ds[f"m_low{end}"], other[f"n{end}"], equal_nan=True), end
    assert ds["lost"].values.tolist() == (1 - other["m_alive"] / COUNT).values.tolist()
    assert ds["lost_low"].values.tolist() == (1 - other["n_alive"] / COUNT).values.tolist()
    assert ds["lost_low"].values[[0, 2, 3]].tolist() == [0.0, ds["lost"].values[3], 1.0]
    assert (ds["lost"].attrs["bound"], ds["lost_low"].attrs["bound"]) == (8.0, 4.0)


def test_the_horizon_is_the_last_time_before_the_spread_of_the_upper_survivors_is_no_longer_that_of_the_low():
    """At step 16 the low survivors all come from 1 and have no spread, the upper ones do."""
    assert growing(TrustHorizon(bound=8.0, low_bound=4.0, m=x)).horizon("m") == TIMES[1]


def test_who_passes_a_simple_pole_displaces_the_mean():
    """From 3 all are beyond 5 at step 16, half of the ensemble; nobody is lost, and both sets of survivors are one."""
    watching, blind = (
        growing(TrustHorizon(bound=100.0, low_bound=50.0, m=x), poles=Poles(strongest=(x,), order=order))
        for order in (1, 2)
    )
    assert watching.horizon("m") == TIMES[1]
    assert blind.horizon("m") == TIMES[-1]
    assert watching.dataset["m"].equals(blind.dataset["m"])
    wider = growing(TrustHorizon(bound=100.0, low_bound=50.0, m=x), poles=Poles(scale=2.0, strongest=(x,)))
    assert wider.horizon("m") == TIMES[2]  # 10 is passed from 3 at step 20


def test_who_is_lost_or_has_passed_may_displace_by_so_much():
    """Twice the scale for each that is lost, π/2 times the bound for each that has passed, of all trajectories."""
    observer = TrustHorizon(m=x)
    record = observer.start(growing(observer, poles=Poles(scale=3.0, strongest=(x,))).problem)
    record.passed[:] = [0, 2, 2, 8, 9]
    both, lost = record + record, 2 * np.array([0, 0, 1, 4, 5]) / COUNT
    expected = [0, 15 * np.pi, 6 + 15 * np.pi, 24 + 60 * np.pi, 30 + 67.5 * np.pi]
    assert both.displacement(lost) * COUNT / 2 == pytest.approx(expected)


LOSS = SDE(drift={a: -(a**2) * b, b: -(b**2) * a}, noise={a: I * a * V, b: I * b * W})
"""Of pairs of photons, 0.4 to 1 of which are there from one on."""


def losing(observer, scale, **about):
    poles = Poles(scale=scale, strongest=(a * b,), power=2, **about)
    return simulate(
        SymbolicModel(LOSS, {a: 1, b: 1}, poles=poles), W2S4(0.0125), observers=[observer], times=np.arange(41) / 20,
        trajectories=2_000, seed=1, progress=False,
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore:n. no output time")
@pytest.mark.parametrize("about", [{}, {"grows": True}])
def test_nothing_is_certified_in_a_unit_far_larger_than_what_is_seen(about):
    with pytest.warns(UserWarning, match=r"Poles\(scale=40\) is \S+ times what is seen .* nothing is certified"):
        told = losing(TrustHorizon(n=a * b), 40.0, **about)
    assert told.horizon("n") == 0.0
    assert losing(TrustHorizon(n=a * b), 1.0, **about).horizon("n") > 0.4


def test_a_unit_may_be_three_times_what_is_seen_or_a_quantum():
    observer = TrustHorizon(n=a * b)
    assert observer.start(losing(observer, 1.0).problem).seen() == math.inf  # nobody says anything
    assert Unit(3.0, False).told(1.0) == Unit(3.0, True).told(0.01) == {}
    assert list(Unit(3.1, True).told(1.0)) == list(Unit(3.1, False).told(0.0)) == ["caveat"]
    assert list(Unit(1.0, False).told(0.3)) == ["doubt"]
    assert "is 4.2 times what is seen" in Unit(4.2, False).told(1.0)["caveat"]
    assert "is far more than what is seen" in Unit(1.0, False).told(0.0)["doubt"]


@pytest.mark.parametrize(("grows", "told"), [(True, []), (False, ["Poles(scale=1) is 100 times what is seen"])])
def test_of_a_quantum_that_nobody_sees_a_result_tells(grows, told):
    few = SymbolicModel(SDE(drift={x: -x}), {x: 0.01}, poles=Poles(strongest=(x,), grows=grows))
    result = simulate(
        few, W2S4(0.1), observers=[TrustHorizon(m=x)], times=[0.0, 1.0], trajectories=10, seed=1, progress=False
    )
    assert result.horizon("m") == 1.0
    assert [text[:40] for text in result.warnings] == told


def test_parts_without_spread_do_not_count():
    means = Estimates(np.zeros(3, dtype=complex), np.array([0.1 + 0.2j, 0.1 + 0j, 0j]))
    assert smallest_spread(means).tolist() == [0.1, 0.1, math.inf]


def test_no_spread_is_no_alarm_and_no_survivor_is_one():
    """From 1 alone: no spread at all, and at step 24 nobody is within 4."""
    assert growing(TrustHorizon(bound=100.0, low_bound=50.0, m=x), starts=(1,)).horizon("m") == TIMES[-1]
    assert growing(TrustHorizon(bound=8.0, low_bound=4.0, m=x), starts=(1,)).horizon("m") == TIMES[2]


def test_a_single_trajectory_has_no_standard_error_and_no_horizon():
    assert growing(TrustHorizon(m=x), trajectories=1).horizon("m") == 0.0
    late = growing(TrustHorizon(m=x), trajectories=1, times=TIMES[1:])
    assert late.horizon("m") == 0.0


@pytest.mark.parametrize("factor", [1, I])
def test_both_parts_raise_the_alarm(factor):
    result = growing(TrustHorizon(bound=8.0, low_bound=4.0, m=factor * x), poles=Poles())
    assert result.horizon("m") == TIMES[1]


def test_no_observable_outlasts_the_strongest_pole():
    observer = TrustHorizon(bound=8.0, low_bound=4.0, number=2.5)
    assert growing(observer, poles=Poles()).horizon("number") == TIMES[2]
    assert growing(observer, poles=Poles(strongest=(x,))).horizon("number") == TIMES[1]
    named = growing(TrustHorizon(bound=8.0, low_bound=4.0, number=2.5, x_itself=x), poles=Poles(strongest=(x,)))
    assert named.horizon("number") == named.horizon("x_itself") == TIMES[1]


def test_bounds_are_in_units_of_the_model():
    """On x², which is of order 16/9, a bound of 9 is one of 4 on x."""
    poles = Poles(scale=16 / 9, strongest=(x**2,), power=2)
    result = growing(TrustHorizon(bound=36.0, low_bound=9.0, m=x), poles=poles)
    ds = result.dataset
    assert ds["lost"].attrs["bound"] == pytest.approx(8.0)
    assert ds["lost_low"].attrs["bound"] == pytest.approx(4.0)
    assert result.losses["bound"].values.tolist() == [ds["lost"].attrs["bound"]]


@pytest.mark.parametrize(("count", "bound"), [(1, 1e3), (1_000_000, 1e3), (4_000_000, 2e3)])
def test_the_upper_bound_grows_with_large_ensembles(count, bound):
    observer = TrustHorizon(m=x)
    assert freezing_bound(observer, Poles(), count) == pytest.approx(bound)
    assert freezing_bound(observer, Poles(scale=20, power=2), count) == pytest.approx(math.sqrt(20 * bound))
    assert freezing_bound(Moments(bound=5.0, m=x), Poles(scale=20), count) == 5.0


def raised(error=0.1, away=0.0, **rule):
    """Return whether an alarm is raised of a mean 1 + away with an error, where the low survivors' error is 0.1."""
    observer, one = TrustHorizon(m=x, **rule), np.ones(1, dtype=complex)
    low, limits = Estimates(one, one * (0.1 + 0.1j)), (observer.error_ratio, observer.shift)
    (same,) = {
        alarms(Estimates(one + unit * away, one * complex(*parts)), low, *limits).item()
        for unit in (1, -1, 1j, -1j)
        for parts in ((error, 0.1), (0.1, error))
    }
    return same


def test_the_limits_of_the_rule():
    assert not raised(error=0.299)
    assert raised(error=0.301)
    assert not raised(away=0.174)
    assert raised(away=0.176)
    assert raised(away=0.16, shift=1.5)
    assert raised(error=0.21, error_ratio=2.0)
    assert raised(error=math.nan)


@pytest.mark.parametrize(("photons", "start"), [(8.0, "ground"), (0.0, "excited")])
def test_certified_means_of_atoms_are_exact_and_later_ones_are_not(photons, start):
    """At 5 standard errors of the low survivors: false alarms below 6e-7 a time, beside those of the rule."""
    model, times = TavisCummings(8, photons, start=start), np.arange(71) / 10
    result = simulate(
        model, default_scheme(model, times), observers=[TrustHorizon(excited=model.excited, field=model.system()["A"])],
        times=times, trajectories=10_000, seed=19, progress=False,
    )  # fmt: skip
    ds, until = result.dataset, result.horizon("excited")
    off = abs(ds["excited"].values.real - model.exact(times)["excited"])
    wrong = off > 5 * ds["excited_low_se"].values + 1e-3
    first_wrong = times[np.argmax(wrong)]
    assert wrong.any()
    assert 0.7 * first_wrong < until < first_wrong
    assert result.horizon("field") <= until
    assert until < result.runaway_time(0.005)


@pytest.mark.parametrize("photons", [1, 2])
@pytest.mark.parametrize("seed", [1130, 2130])
def test_a_parametric_oscillator_is_not_certified_beyond_its_bias(photons, seed):
    """Both bounds give the same wrong mean: these four were certified for up to 1.5 times as long as they are right."""
    model, times = ParametricOscillator(start=Fock(photons)), np.arange(31) / 10
    off, until = judged(model, "photon_number", W2S4(dt=0.0125), times, 10_000, seed)
    assert (off > 5).any()
    assert 0.5 <= until < times[np.argmax(off > 5)]


@pytest.mark.long
def test_a_driven_kerr_oscillator_is_not_certified_beyond_its_bias():
    """From the vacuum to 20 photons: the scale follows the drive, or nothing is trusted after 1.5.

    Those that were lost are missing at this seed, which was certified to 30 and is 5.2 standard errors off at 26.5.
    """
    model, times = KerrOscillator(interaction=0.05, drive=2.4, detuning=-1.0), np.arange(1, 61) / 2
    off, until = judged(model, "photon_number", W2S4(dt=0.025), times, 2_000, 8006)
    assert (off > 5).any()
    assert 10 < until < times[np.argmax(off > 5)]


def judged(model, name, scheme, times, trajectories, seed):
    """Return how many standard errors of the low survivors, and 1e-3, a mean is off, and the horizon."""
    result = simulate(
        model, scheme, observers=[TrustHorizon(mean=model.observables[name])], times=times, trajectories=trajectories,
        seed=seed, progress=False,
    )  # fmt: skip
    ds, exact = result.dataset, model.exact(times)[name]
    parts = [
        (np.abs(part(ds["mean"].values - exact)) - 1e-3) / np.maximum(ds[f"mean_low_{error}"].values, 1e-12)
        for part, error in ((np.real, "se"), (np.imag, "imag_se"))
    ]
    return np.max(parts, axis=0), result.horizon("mean")


def test_a_file_keeps_the_horizon(tmp_path):
    result = growing(TrustHorizon(bound=8.0, low_bound=4.0, m=x))
    result.save(tmp_path / "run.nc")
    assert sdeframe.load(tmp_path / "run.nc").horizon("m") == TIMES[1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TrustHorizon(), "at least one"),
        (lambda: TrustHorizon(m=x, m_low=x), "'m_low' is written for 'm'"),
        (lambda: TrustHorizon(lost=x), "'lost' is written for all names"),
        (lambda: TrustHorizon(low_bound=1e3, m=x), r"low_bound=1000.0 in TrustHorizon: must be below bound=1000.0"),
        (lambda: TrustHorizon(shift=0, m=x), "shift=0 in TrustHorizon"),
        (lambda: growing(TrustHorizon(m=z)), "TrustHorizon expression z"),
        (lambda: growing(TrustHorizon(m=x), poles=Poles(strongest=(z,))), "TrustHorizon expression z"),
        (lambda: growing(TrustHorizon(m=x), poles=None), "declares no poles"),
        (lambda: Poles(scale=0), "scale=0 in Poles: must be a positive number"),
        (lambda: Poles(power=math.inf), "power=inf in Poles"),
        (lambda: Poles(strongest=("x",)), "strongest holds 'x' in Poles"),
        (lambda: growing(Moments(m=x)).horizon("m"), "'m': this run has no trust horizon; add TrustHorizon"),
        (lambda: growing(TrustHorizon(m=x)).horizon("n"), "'n': this run has horizons of m"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises((TypeError, ValueError), match=message) as refusal:
        make()
    assert "\n" not in str(refusal.value)


def test_models_without_movable_poles_declare_none():
    assert OrnsteinUhlenbeck().poles is None
    model = TavisCummings(10, 1.0)
    assert model.poles == Poles(scale=1.0, strongest=(model.excited,), order=2, grows=True)
