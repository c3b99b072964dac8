"""Drift of invariants along trajectories: quantiles, order in the step, and a record that adds."""

import attrs
import numpy as np
import pytest
from sympy import I

from sdeframe import SDE, SymbolicModel, complex_variables, conformance, real_variables, simulate
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.models.ornstein_uhlenbeck import x as position
from sdeframe.models.tavis_cummings.model import bloch_length
from sdeframe.observers import Runaways, Trajectories
from sdeframe.observers.conserved import BINS, Conserved, bin_middles, bin_numbers
from sdeframe.running.block import run_trajectories

x, z = real_variables("x"), complex_variables("z")
CLOSED = TavisCummings(atoms=10, photons=10, form="A39")


def run(model, observers, integrator=None, times=(0.0, 0.5, 1.0), trajectories=1000, **settings):
    scheme = integrator or EulerMaruyama(dt=1 / 16)
    return simulate(
        model, scheme, observers=observers, times=times, trajectories=trajectories, seed=4, progress=False,
        **settings,
    ).dataset  # fmt: skip


def test_quantiles_and_largest_are_those_of_the_trajectories():
    """The bins are at most 1/32 of a value wide: the middle is off by at most 1/64."""
    named = {"sum": 3 * position, "mixed": position + 2 * I * position**2}
    times = (0.25, 0.5, 1.0)
    ds = run(OrnsteinUhlenbeck(), [Conserved(**named), Trajectories(range(1000), **named)], times=times)
    for name in named:
        path = ds[name].values
        drift = np.abs(path - path[:, :1])
        assert ds[f"{name}_drift_largest"].values == pytest.approx(drift.max(axis=0), rel=1e-14)
        exact = np.quantile(drift, [0.5, 0.9, 0.99], axis=0, method="inverted_cdf")
        assert exact[:, 1:].min() > 0.1
        assert ds[f"{name}_drift"].values == pytest.approx(exact, rel=1 / 64)
    assert ds["quantile"].values.tolist() == [0.5, 0.9, 0.99]
    assert ds["sum_drift"].dims == ("quantile", "time")
    assert ds["sum_drift"].values[:, 0].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("form", "low", "high"), [("A39", 3.0, 5.5), ("A46", 0.8, 1.25)])
def test_the_bloch_length_drifts_by_the_strong_order_in_a39_and_whatever_the_step_in_a46(form, low, high):
    """Strong order ½ divides drifts by 4 at a sixteenth of the step; the median of 1000 is known to some 4 %."""
    model, drifts = attrs.evolve(CLOSED, form=form), []
    for dt in (1 / 32, 1 / 512):
        ds = run(model, [Conserved(length=bloch_length())], StochasticRK2(dt=dt), times=(0.0, 0.5))
        drifts.append(ds["length_drift"].values[:2, 1])
    ratio = drifts[0] / drifts[1]
    assert ((low < ratio) & (ratio < high)).all()


def test_what_is_declared_is_what_is_observed():
    ds = run(CLOSED, [Conserved(**CLOSED.invariants)], times=(0.0,))
    assert set(ds) == {"bloch_length_drift", "bloch_length_drift_largest", "alive"}
    assert ds["bloch_length_drift_largest"].values.tolist() == [0.0]


def test_only_the_live_count():
    model = SymbolicModel(SDE(drift={x: x}), initial={x: 1})
    ds = run(model, [Conserved(x=x), Runaways(2.0)], times=(0.0, 0.5, 1.0), trajectories=20)
    assert ds["alive"].values.tolist() == [20, 20, 0]
    growth = (1 + 1 / 16) ** 8 - 1
    assert ds["x_drift"].values[:, 1] == pytest.approx([growth] * 3, rel=1 / 64)
    assert ds["x_drift_largest"].values[:2] == pytest.approx([0, growth], rel=1e-12)
    assert np.isnan(ds["x_drift"].values[:, 2]).all()
    assert np.isnan(ds["x_drift_largest"].values[2])


@pytest.mark.parametrize("start", [-1, 0])
def test_an_infinite_value_or_no_number_counts_as_infinite(start):
    """From -1, 1/x is infinite at the end alone; from 0 at the start, where its drift is no number."""
    model = SymbolicModel(SDE(drift={x: 1}), initial={x: start})
    ds = run(model, [Conserved(inverse=1 / x)], times=(0.0, 1.0), trajectories=3)
    infinite = [start == 0, True]
    assert np.isinf(ds["inverse_drift"].values).tolist() == [infinite] * 3
    assert np.isinf(ds["inverse_drift_largest"].values).tolist() == infinite


def test_bins_hold_their_middles_and_what_is_out_of_range():
    middles = bin_middles()
    assert middles.shape == (BINS,)
    assert (np.diff(middles) > 0).all()
    assert np.array_equal(bin_numbers(middles), np.arange(BINS))
    values = np.random.default_rng(1).lognormal(sigma=12, size=100_000)
    inside = (values > 2.0**-64) & (values < 2.0**64)
    off = np.abs(middles[bin_numbers(values)] / values - 1)[inside]
    assert inside.mean() > 0.99
    assert 0.015 < off.max() <= 1 / 64
    assert bin_numbers(np.array([0.0, 1e-30, 5e-324])).tolist() == [0, 0, 0]
    assert bin_numbers(np.array([1e30, np.inf])).tolist() == [BINS - 1] * 2


def test_the_record_adds_for_any_grouping():
    conformance.check_observer(Conserved(**CLOSED.invariants), CLOSED, EulerMaruyama(dt=1 / 64), [0.0, 0.5, 1.0])


def test_no_record_of_a_block_or_sum_keeps_trajectories():
    problem = simulate(
        OrnsteinUhlenbeck(), EulerMaruyama(dt=1 / 16), observers=[Conserved(x=position)], times=[0.0, 1.0],
        trajectories=64, seed=1, progress=False, block=32,
    ).problem  # fmt: skip
    left, right = (run_trajectories(problem, number * problem.block, problem.block).records[0] for number in (0, 1))
    assert left.start is None is right.start
    left.start = right.start = np.zeros((1, 32), dtype=complex)
    assert (left + right).start is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conserved(), "declares no invariants"),
        (lambda: Conserved(**TavisCummings(atoms=2, photons=1).invariants), "declares no invariants"),
        (lambda: Conserved(m="x"), "must be a sympy expression"),
        (lambda: Conserved(time=x), "name of a coordinate"),
        (lambda: run(OrnsteinUhlenbeck(), [Conserved(m=z)]), "Conserved expression z"),
    ],
)
def test_what_it_refuses(make, message):
    with pytest.raises((TypeError, ValueError), match=message) as refusal:
        make()
    assert "\n" not in str(refusal.value)
