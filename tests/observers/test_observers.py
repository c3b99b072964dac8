"""What observers write: means, shares and paths, on processes of which every number is known."""

from typing import ClassVar

import attrs
import numpy as np
import pytest
import xarray as xr
from scipy import stats
from sympy import I

from sdeframe import SDE, SymbolicModel, complex_variables, random_choice, real_variables, simulate
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces import Observer
from sdeframe.models import GeometricBrownianMotion
from sdeframe.models.geometric_brownian_motion import x as price
from sdeframe.observers import Moments, Runaways, Trajectories
from sdeframe.observers.runaways import binomial_interval

x, z = real_variables("x"), complex_variables("z")
DT, COUNT = 1 / 16, 200
STEPS = np.array([0, 4, 16, 24, 32])
GROWTH = (1 + DT) ** STEPS
"""A trajectory from 1 under Euler's rule: 4 and 8 are passed by none from 1 and 3 at steps but 23, 5 and 17."""


def growing(**settings):
    """Run dx = x dt from 1 or 3."""
    model = SymbolicModel(SDE(drift={x: x}), initial={x: random_choice("c", [1, 3])})
    scheme = settings.pop("integrator", EulerMaruyama(dt=DT))
    return simulate(model, scheme, times=STEPS * DT, trajectories=COUNT, seed=1, progress=False, **settings).whole


@pytest.fixture(scope="module")
def starts():
    path = growing(observers=[Trajectories(range(COUNT), start=x)])
    return path["start"].values[:, 0].real


def test_means_over_the_live_and_over_those_within_a_bound_of_their_own(starts):
    ds = growing(observers=[Moments(mean=x), Moments(bound=4.0, low=x), Runaways(bound=8.0)])
    n, ones = COUNT, np.count_nonzero(starts == 1)
    assert 60 < ones < 140
    both = (ones + 3 * (n - ones)) / n
    assert ds["alive"].values.tolist() == [n, n, n, ones, ones]
    assert ds["mean"].values == pytest.approx(GROWTH * [both, both, both, 1, 1], rel=1e-12)
    assert ds["low_alive"].values.tolist() == [n, n, ones, 0, 0]
    assert ds["low"].values[:3] == pytest.approx(GROWTH[:3] * [both, both, 1], rel=1e-12)
    assert np.isnan(ds["low"].values[3:]).all()
    assert np.isnan(ds["low_se"].values[3:]).all()
    spread = np.std(starts, ddof=1) / np.sqrt(n)
    assert ds["mean_se"].values == pytest.approx(GROWTH * [spread, spread, spread, 0, 0], rel=1e-12)
    assert ds["mean_se"].values[3:].tolist() == [0.0, 0.0]
    assert ds["mean_imag_se"].values.tolist() == [0.0] * 5
    assert "mean_alive" not in ds


def test_standard_errors_of_both_parts_are_those_of_numpy():
    observers = [Moments(m=price + I * price**2), Trajectories(range(500), path=price)]
    ds = simulate(
        GeometricBrownianMotion(), EulerMaruyama(dt=DT), observers=observers, times=[0.5, 1.0], trajectories=500,
        seed=2, progress=False,
    ).dataset  # fmt: skip
    paths = ds["path"].values.real
    for part, error, values in ((np.real, "m_se", paths), (np.imag, "m_imag_se", paths**2)):
        assert part(ds["m"].values) == pytest.approx(values.mean(axis=0), rel=1e-12)
        assert ds[error].values == pytest.approx(values.std(axis=0, ddof=1) / np.sqrt(500), rel=1e-12)


def test_an_expression_may_hold_time_parameters_and_conjugates():
    model = SymbolicModel(SDE(drift={z: I * z}), initial={z: 1 + 2 * I})
    ds = simulate(
        model, EulerMaruyama(dt=DT), observers=[Moments(norm=z * z.conjugate(), number=2.5)], times=[0.0, DT],
        trajectories=3, seed=1, progress=False,
    ).dataset  # fmt: skip
    assert ds["norm"].values == pytest.approx([5, 5 * (1 + DT**2)], rel=1e-14)
    assert ds["number"].values.tolist() == [2.5, 2.5]


class SecondOrder(EulerMaruyama):
    """Euler's rule under another declaration, by which the step error is divided."""

    weak_order: ClassVar[float] = 2.0


@pytest.mark.parametrize(("scheme", "share"), [(EulerMaruyama, 1), (SecondOrder, 3)])
def test_the_step_error_is_the_difference_of_the_steps_over_pairs_alive_in_both(starts, scheme, share):
    observers = [Moments(m=x), Moments(bound=4.0, low=x), Runaways(bound=100.0)]
    ds = growing(observers=observers, integrator=scheme(dt=DT), step_error=True)
    difference = (1 + 2 * DT) ** (STEPS / 2) - GROWTH
    expected = difference * starts.mean() / share
    assert ds["m_step_error"].values == pytest.approx(expected, rel=1e-12)
    spread = np.abs(difference) * np.std(starts, ddof=1) / np.sqrt(COUNT) / share
    assert ds["m_step_error_se"].values == pytest.approx(spread, rel=1e-12)
    assert ds["m_step_error_imag_se"].values.tolist() == [0.0] * 5
    better = starts * (GROWTH - difference / share)[:, None]
    assert ds["m_extrapolated"].values == pytest.approx(better.mean(axis=1), rel=1e-12)
    assert ds["m_extrapolated_se"].values == pytest.approx(better.std(axis=1, ddof=1) / np.sqrt(COUNT), rel=1e-12)
    # 4 is passed from 3 at step 5 by the one and 6 by the other, from 1 at step 23 and at 24: gone by then in both
    assert ds["low_step_error"].values[2] == pytest.approx(difference[2] / share, rel=1e-12)
    assert ds["low_alive"].values.tolist()[3:] == [0, 0]
    assert np.isnan(ds["low_step_error"].values[3:]).all()


def test_names_of_what_moments_write():
    own = {"m", "m_se", "m_imag_se"}
    error = {f"m{kind}{part}" for kind in ("_step_error", "_extrapolated") for part in ("", "_se", "_imag_se")}
    run = {"alive", "losses"}
    assert set(growing(observers=[Moments(m=x)])) == own | run
    assert set(growing(observers=[Moments(m=x)], step_error=True)) == own | error | run
    assert set(growing(observers=[Moments(bound=4.0, m=x)])) == own | {"m_alive"} | run


def test_the_remaining_share(starts):
    ds = growing(observers=[Runaways(bound=8.0), Runaways(bound=4.0)])
    ones = np.count_nonzero(starts == 1) / COUNT
    assert ds["remaining_8"].values.tolist() == [1, 1, 1, ones, ones]
    assert ds["remaining_4"].values.tolist() == [1, 1, ones, 0, 0]
    assert np.flatnonzero(ds["losses"].sel(bound=8.0)).tolist() == [17]
    assert np.flatnonzero(ds["losses"].sel(bound=4.0)).tolist() == [5, 23]
    assert (ds["remaining_8_low"] < ds["remaining_8_high"]).all()


@pytest.mark.parametrize("lost", [0, 1, 50, 99, 100])
def test_the_limits_leave_a_fortieth_on_each_side(lost):
    """Clopper and Pearson's definition: at the limits, what was counted or more extreme has probability 0.025."""
    n, k = 100, 100 - lost
    low, high = (limit.item() for limit in binomial_interval(np.array([k]), np.array([n])))
    if k > 0:
        assert stats.binom.sf(k - 1, n, low) == pytest.approx(0.025, rel=1e-9)
    if k < n:
        assert stats.binom.cdf(k, n, high) == pytest.approx(0.025, rel=1e-9)
    assert low == 0.0 or k > 0
    assert high == 1.0 or k < n


def test_paths_end_where_trajectories_are_lost(starts):
    ds = growing(observers=[Trajectories([7, 3, 150, 11], path=x, double=2 * x), Runaways(bound=8.0)])
    assert ds["trajectory"].values.tolist() == [7, 3, 150, 11]
    for i in (7, 3, 150, 11):
        path = ds["path"].sel(trajectory=i).values
        kept = 5 if starts[i] == 1 else 3
        assert path[:kept] == pytest.approx(starts[i] * GROWTH[:kept], rel=1e-12)
        assert np.isnan(path[kept:].real).all()
        assert np.isnan(path[kept:].imag).all()
        assert np.array_equal(ds["double"].sel(trajectory=i).values, 2 * path, equal_nan=True)
    assert {starts[i] for i in (7, 3, 150, 11)} == {1.0, 3.0}


def test_paths_of_many_blocks_stand_where_they_were_asked_for():
    ids = [199, 7, 8, 3, 150, 63, 64]
    whole = growing(observers=[Trajectories(range(COUNT), path=x, double=2 * x)])
    some = growing(observers=[Trajectories(ids, path=x, double=2 * x)], block=8)
    for name in ("path", "double"):
        np.testing.assert_array_equal(some[name], whole[name].values[ids])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Moments(), "at least one"),
        (lambda: Moments(m="x"), "must be a sympy expression"),
        (lambda: Moments(time=x), "name of a coordinate"),
        (lambda: Moments(m=x, m_se=x), "'m_se' is written for 'm'"),
        (lambda: Moments(bound=0, m=x), "bound=0 in Moments"),
        (lambda: Runaways(bound=-1.0), "bound=-1.0 in Runaways"),
        (lambda: Runaways(bound=True), "bound=True in Runaways"),
        (lambda: Trajectories([], m=x), "at least one integer"),
        (lambda: Trajectories([1, 1], m=x), "each once"),
        (lambda: Trajectories([1]), "at least one, such as"),
        (lambda: growing(observers=[Trajectories([COUNT], m=x)]), "the run has the numbers 0 to 199"),
        (lambda: growing(observers=[Moments(m=z)]), "Moments expression z"),
    ],
)
def test_what_an_observer_refuses(make, message):
    with pytest.raises((TypeError, ValueError), match=message) as refusal:
        make()
    assert "\n" not in str(refusal.value)


@attrs.frozen(eq=False)
class Late(Observer):
    """Keeps snapshots without reading them."""

    seen: list = attrs.field(factory=list)

    def start(self, ensemble):
        return []

    def update(self, record, snapshot):
        self.seen.append(snapshot)

    def finish(self, record):
        return xr.Dataset()


def test_a_snapshot_that_trajectories_have_left_behind_says_so():
    late = Late()
    growing(observers=[late])
    for snapshot in late.seen[:-1]:
        for read in (lambda s: s.state, lambda s: s.parts((x,)), lambda s: s.evaluate((x,))):
            with pytest.raises(RuntimeError, match="gone on since this snapshot: copy in update"):
                read(snapshot)
    last = late.seen[-1]
    assert np.array_equal(last.evaluate((x,)), last.state[:1])
    assert np.array_equal(last.parts((x, x**2))[:2].T, np.stack([last.state[0].real, last.state[0].real ** 2], axis=1))
