"""The trust horizon of weighted means, on weights of which every number is known, and against an exact solution."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe import SDE, Poles, SymbolicModel, random_choice, real_variables, simulate
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.observers import WeightedMoments, WeightedTrustHorizon
from sdeframe.observers.weighted_trust import within
from sdeframe.studies.validations.references.oscillators import (
    NUMBER,
    PairLossGauge,
    two_photon_loss,
    two_photon_loss_photons,
)

x = real_variables("x")
DT, COUNT = 1 / 16, 200
TIMES = np.array([0.0, 0.25, 1.0, 1.5])
OMEGA = {1: np.exp(TIMES), 3: np.exp(3 * TIMES)}
"""Weights of trajectories at 1 and at 3: within 10 all of them at 0.25, those at 1 only at 1 and 1.5."""


def weighing(*observers, poles=Poles(), **settings):  # noqa: B008 (frozen)
    """Run x = 1 or 3 with the weight exp(x t)."""
    system = SDE(drift={x: 0}, log_weight=(x, 0))
    model = SymbolicModel(system, initial={x: random_choice("c", [1, 3])}, poles=poles)
    options = {"times": TIMES, "trajectories": COUNT, "seed": 1, "progress": False} | settings
    return simulate(model, EulerMaruyama(dt=DT), observers=observers, **options)


def test_low_weights_have_the_ratio_mean_of_numpy():
    ds = weighing(WeightedTrustHorizon(m=x, low_bound=10.0)).dataset
    ones = round(COUNT * (3 - ds["m_unweighted"].values[0].real) / 2)
    threes = COUNT - ones
    assert 60 < ones < 140
    k = 1
    both = (ones * OMEGA[1][k] + 3 * threes * OMEGA[3][k]) / (ones * OMEGA[1][k] + threes * OMEGA[3][k])
    assert ds["m_low"].values == pytest.approx([(ones + 3 * threes) / COUNT, both, 1.0, 1.0], rel=1e-12)
    assert ds["m_low_se"].values[:2] == pytest.approx(ds["m_ratio_se"].values[:2], rel=1e-12)
    assert ds["m_low_se"].values[2:].tolist() == [0.0, 0.0]
    assert ds["beyond_low"].values == pytest.approx([0.0, 0.0, threes / COUNT, threes / COUNT])


def test_the_horizon_is_the_last_time_at_which_the_low_weights_have_the_mean_of_all():
    assert weighing(WeightedTrustHorizon(m=x)).horizon("m") == 0.25
    assert weighing(WeightedTrustHorizon(m=x, low_bound=1e4)).horizon("m") == 1.5


def test_the_strongest_pole_counts_as_well():
    """With |Ωx| instead of |Ω| the bound 6 is passed by those at 3 at 0.25 already."""
    assert weighing(WeightedTrustHorizon(m=x, low_bound=6.0)).horizon("m") == 0.25
    poles = Poles(strongest=(x,))
    assert weighing(WeightedTrustHorizon(m=x, low_bound=6.0), poles=poles).horizon("m") == 0.0
    assert weighing(WeightedTrustHorizon(m=x, low_bound=6.0), poles=Poles(scale=3, strongest=(x,))).horizon("m") == 0.25
    result = weighing(WeightedTrustHorizon(number=2.5, low_bound=6.0), poles=poles)
    assert result.horizon("number") == 0.0
    assert not [name for name in result.dataset if "strongest" in str(name)]
    assert weighing(WeightedTrustHorizon(number=2.5, low_bound=6.0)).horizon("number") == 1.5


def test_nothing_is_certified_in_a_unit_far_larger_than_what_is_seen():
    """Of 1 and 3 in equal parts the root mean square is 2.2 at the start, three times that 6.7."""
    observer = WeightedTrustHorizon(m=x, low_bound=1e4)
    assert weighing(observer, poles=Poles(scale=6.0, strongest=(x,))).horizon("m") == 1.5
    with pytest.warns(UserWarning, match=r"Poles\(scale=10\) is \S+ times what is seen"):
        assert weighing(observer, poles=Poles(scale=10.0, strongest=(x,))).horizon("m") == 0.0


def test_it_writes_what_weighted_moments_write():
    plain, trusted = (weighing(kind(m=x), step_error=True).dataset for kind in (WeightedMoments, WeightedTrustHorizon))
    assert trusted[list(plain.data_vars)].identical(plain.assign_attrs(trusted.attrs))
    assert set(trusted) - set(plain) == {"m_low", "m_low_se", "m_low_imag_se", "m_horizon", "beyond_low"}


def test_where_nobody_carries_a_mean_no_part_of_its_errors_is_a_number():
    ds = weighing(WeightedTrustHorizon(m=x, low_bound=1e-3, bound=0.5)).dataset
    for name in ("m_low", "m_low_se", "m_low_imag_se", "m_ratio_se", "m_ratio_imag_se"):
        values = ds[name].values
        assert np.isnan(values.real).all(), name
        assert np.isnan(values.imag).all() or "se" in name, name


def test_certified_means_of_gauged_two_photon_loss_are_exact():
    """At 5 standard errors of the low weights: false alarms below 6e-7 a time."""
    times = np.arange(21) / 10
    result = simulate(
        two_photon_loss(), W2S4(dt=0.0125), gauge=PairLossGauge(), observers=[WeightedTrustHorizon(n=NUMBER)],
        times=times, trajectories=2_000, seed=3, progress=False, block=2048,
    )  # fmt: skip
    ds, until = result.dataset, times <= result.horizon("n")
    off = abs(ds["n_ratio"].values.real - two_photon_loss_photons(times))
    assert result.horizon("n") >= 1.0
    assert (off <= 5 * ds["n_low_se"].values + 1e-3)[until].all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WeightedTrustHorizon(m=x, m_horizon=x), "'m_horizon' is written for 'm'"),
        (lambda: WeightedTrustHorizon(beyond_low=x), "'beyond_low' is written for all names"),
        (lambda: WeightedTrustHorizon(low_bound=-1, m=x), "low_bound=-1 in WeightedTrustHorizon"),
        (lambda: weighing(WeightedTrustHorizon(m=x), poles=None), "WeightedTrustHorizon: the model declares no poles"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_weighted_moments_beside_it_are_said_to_be_needless():
    for observers in itertools.permutations([WeightedMoments(n=NUMBER), WeightedTrustHorizon(n=NUMBER)]):
        with pytest.raises(
            ValueError, match=r"WeightedTrustHorizon writes all that WeightedMoments does, so leave"
        ) as e:
            simulate(two_photon_loss(), W2S4(dt=0.0125), gauge=PairLossGauge(), observers=observers,
                     times=[0.1], trajectories=10, seed=1, progress=False)  # fmt: skip
        assert "choose another name" not in str(e.value)


@given(seed=st.integers(0, 2**32), scale=st.sampled_from([1e-200, 0.3, 1.0, 1e200]), names=st.integers(0, 3))
def test_who_is_low_is_told_by_squares_as_by_moduli(seed, scale, names):
    """Also within a few last digits of the bound."""
    random, n, bound = np.random.default_rng(seed), 400, 10.0
    log_modulus = random.normal(0, 3, n)
    values = random.normal(size=(2, names, n)) * scale * 10.0 ** random.integers(-1, 3, (names, n))
    edge = random.random(n) < 0.5
    size = np.hypot(*values).max(axis=0, initial=0.0) / scale
    log_modulus[edge] = (np.log(bound) - np.log(np.maximum(size, 1)) + random.integers(-4, 5, n) * 2.0**-52)[edge]
    odd = random.random((1 + 2 * names, n)) < 0.05
    log_modulus[odd[0]] = random.choice([np.nan, np.inf, -np.inf, 1e300, -1e300, -400.0], n)[odd[0]]
    values.reshape(2 * names, n)[odd[1:]] = random.choice([np.nan, np.inf, 1e300, 1e-320, 0.0], (2 * names, n))[odd[1:]]
    with np.errstate(over="ignore", invalid="ignore"):
        size = np.hypot(*values).max(axis=0, initial=0.0) / scale
        expected = log_modulus + np.log(np.maximum(size, 1.0)) <= np.log(bound)
    assert np.array_equal(within(log_modulus, values, scale, bound), expected)
