"""A run of a range of trajectories: each has the bits that it has in a run that begins with the first of them."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
import xarray as xr

from sdeframe import TargetError, difference, simulate
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Correlation, Histogram, Moments, Runaways, Spectrum, Trajectories
from sdeframe.running.compose import compose
from sdeframe.running.ensemble.total import Ensemble
from sdeframe.sampling import Balanced
from tests.support.spread_run import MODEL, SCHEME, run

X = MODEL.observables["x"]
CLOSED = TavisCummings(10, 10.0)


def of_range(first, last, **changes):
    given = {"trajectories": range(first, last), "observers": [Moments(x=X), Runaways(1.0)], **changes}
    return run(**given)


def test_trajectories_are_those_of_the_whole_run(tmp_path):
    whole = run(trajectories=1_000, observers=[Trajectories(range(1_000), path=X)])
    file = tmp_path / "paths.nc"
    chosen = [Trajectories([999, 417, 600], path=X), Trajectories(range(420, 980, 7), file=file, kept=X)]
    for block in (4, 50, 512):
        part = of_range(417, 1_000, observers=chosen, block=block)
        np.testing.assert_array_equal(part.dataset.path, whole.dataset.path.sel(trajectory=[999, 417, 600]))
    with xr.open_dataset(file, engine="h5netcdf") as kept:
        expected = whole.dataset.path.sel(trajectory=range(420, 980, 7)).real.T
        np.testing.assert_array_equal(kept["kept"].values, expected)
    assert part.replay([999, 417]).identical(whole.replay([999, 417]))
    assert part.dataset.attrs["first_trajectory"] == 417
    assert part.dataset.attrs["trajectories"] == 583


def test_a_range_from_0_is_the_run_of_as_many():
    assert of_range(0, 96).dataset.identical(of_range(0, 96, trajectories=96).dataset)


@pytest.mark.parametrize("cut", [1, 64, 1_000])
def test_sums_of_two_ranges_are_the_bits_of_those_of_both(cut):
    """Every observer that sums; on the tree of numbers no cut changes a bit of what is summed on both sides of it."""
    observers = [
        Moments(x=X, bound=1.5), Runaways(2.0), Histogram([-1.0, 0.0, 1.0], h=X), Spectrum(window=(0.0, 2.0), s=(X, X)),
        Correlation(start=0.5, c=(X, X)),
    ]  # fmt: skip
    given = {"observers": observers, "times": np.arange(9) / 4, "seed": 1, "step_error": True}
    parts = [
        compose(OrnsteinUhlenbeck(), EulerMaruyama(dt=0.125), trajectories=t, block=block, **given)
        for t, block in ((range(cut), 32), (range(cut, 1_100), 128), (1_100, 64))
    ]
    one, other, both = (Ensemble(part).span(part.numbers.start, part.numbers.stop) for part in parts)
    summed = one + other
    np.testing.assert_array_equal(summed.losses, both.losses)
    for observer, of_parts, of_all in zip(observers, summed.records, both.records, strict=True):
        assert observer.finish(of_parts).identical(observer.finish(of_all)), observer


def test_it_is_the_same_whatever_executes_it(tmp_path):
    result = of_range(1_000, 1_203)
    for changes in ({"threads": 1}, {"threads": 3, "block": 100}, {"checkpoint": tmp_path / "run", "block": 7}):
        assert of_range(1_000, 1_203, **changes).dataset.identical(result.dataset), changes
    with ProcessPoolExecutor(1) as pool:
        assert of_range(1_000, 1_203, executor=pool).dataset.identical(result.dataset)
    more = of_range(1_000, 1_500, checkpoint=tmp_path / "run")
    assert more.dataset.identical(of_range(1_000, 1_500).dataset)


def test_a_checkpoint_of_another_range_is_refused(tmp_path):
    path = tmp_path / "run.ckpt"
    of_range(100, 200, checkpoint=path)
    with pytest.raises(ValueError, match=r"^checkpoint=.*differs in first_trajectory: give another path, or delete"):
        of_range(0, 200, checkpoint=path)
    with pytest.raises(ValueError, match=r"^trajectories=50: .* holds sums over 100 already"):
        of_range(100, 150, checkpoint=path)


def test_it_ends_within_its_range(tmp_path):
    until = TargetError(x=0.015)
    result = of_range(50_000, 90_000, until=until, block=None)
    number = result.problem.trajectories
    assert 1_280 < number < 4_000
    plain = of_range(50_000, 50_000 + number, block=None).dataset
    assert result.dataset.drop_attrs().identical(plain.drop_attrs())
    again = of_range(50_000, 90_000, until=until, checkpoint=tmp_path / "run", block=100)
    assert again.dataset.identical(result.dataset)
    with pytest.raises(ValueError, match=f"the run has the numbers 50000 to {50_000 + number - 1}$"):
        result.replay([50_000 + number])


def test_bounds_freeze_the_same_trajectories():
    """A system whose trajectories are lost: who it is, and when, does not depend on the range."""
    given = {"observers": [Moments(excited=CLOSED.excited), Runaways(2.0)], "times": [3.0], "seed": 2}
    parts = [
        simulate(CLOSED, EulerMaruyama(dt=0.0625), trajectories=numbers, progress=False, **given).whole
        for numbers in (range(300), range(300, 800), 800)
    ]
    assert parts[2].losses.sum() > 50
    np.testing.assert_array_equal(parts[0].losses + parts[1].losses, parts[2].losses)


def test_a_difference_is_taken_over_a_range():
    given = {"between": {"rate": (1.0, 1.1)}, "of": Moments(x=X), "times": [1.0], "seed": 1, "progress": False}
    whole, one, other = (
        difference(OrnsteinUhlenbeck(), integrator=SCHEME, trajectories=numbers, **given)
        for numbers in (500, range(200), range(200, 500))
    )
    np.testing.assert_allclose((2 * one.x + 3 * other.x) / 5, whole.x, rtol=1e-12)
    assert other.pairs == 300


@pytest.mark.parametrize(
    "numbers", [range(0), range(5, 3), range(0, 10, 2), range(-1, 5), range(9, 2, -1), range(2**63 - 1, 2**63)]
)
def test_a_range_that_is_none_is_refused(numbers):
    told = (
        rf"^trajectories=range\({numbers.start}, .*must be a range in steps of 1 .* such as range\(50_000, 100_000\)$"
    )
    with pytest.raises(ValueError, match=told):
        run(trajectories=numbers)


def test_the_last_trajectories_that_there_are_can_be_run():
    result = of_range(2**63 - 3, 2**63 - 1, observers=[Moments(x=X)])
    assert result.dataset.alive[-1] == 2
    assert result.replay([2**63 - 2]).x.shape == (1, 11)


def test_tied_trajectories_begin_with_the_first():
    told = (
        r"^trajectories=range\(1024, 2048\) with sampling=Balanced\(.*: take trajectories=1024 with another seed, or "
    )
    with pytest.raises(ValueError, match=told):
        run(W2S4(dt=0.1), trajectories=range(1_024, 2_048), sampling=Balanced(), observers=[Moments(x=X)])


def test_observers_of_trajectories_of_another_range_are_refused():
    with pytest.raises(ValueError, match="trajectory 3: the run has the numbers 50 to 96"):
        run(trajectories=range(50, 97))
