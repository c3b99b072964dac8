"""Means over a window of time."""

import numpy as np
import pytest

from sdeframe import TargetError, merge, simulate
from sdeframe.integrators import W2S4
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Spectrum, TimeAverage, Trajectories

MODEL = OrnsteinUhlenbeck(start=0.5)
X = MODEL.observables["x"]
TIMES = [0.0, 0.4, 0.8, 1.0, 1.2, 2.0]


def run(*observers, trajectories=64, seed=3, **options):
    return simulate(
        MODEL, W2S4(dt=0.1), observers=observers, times=TIMES, trajectories=trajectories, seed=seed, progress=False,
        **options,
    )  # fmt: skip


def test_a_trajectory_is_one_sample():
    ds = run(TimeAverage(window=(0.4, 1.2), m=X, i=1j * X**2), Trajectories(range(64), path=X)).dataset
    each = ds["path"].values[:, 1:5].mean(axis=1).real
    square = (ds["path"].values[:, 1:5].real ** 2).mean(axis=1)
    assert ds["m"].dims == ds["m_se"].dims == ()
    assert ds["m"].item() == pytest.approx(each.mean(), rel=1e-12)
    assert ds["m_se"].item() == pytest.approx(each.std(ddof=1) / 8, rel=1e-9)
    assert ds["i"].item() == pytest.approx(1j * square.mean(), rel=1e-12)
    assert (ds["i_se"].item(), ds["m_imag_se"].item()) == (0.0, 0.0)
    assert ds["i_imag_se"].item() == pytest.approx(square.std(ddof=1) / 8, rel=1e-9)
    assert ds["m_alive"] == 64


def test_results_of_several_seeds_merge():
    observers = [TimeAverage(window=(0.4, 1.2), m=X), Spectrum(window=(0.8, 1.2), S=(X, X))]
    parts = [run(*observers, seed=seed) for seed in (1, 2, 3)]
    whole = merge(parts).dataset
    for name in ("m", "S"):
        assert whole[f"{name}_alive"] == 192
        means = np.array([p.dataset[name].values for p in parts])
        errors = np.array([p.dataset[f"{name}_se"].values for p in parts])
        squares = (errors**2 * 64 * 63).sum(axis=0) + 64 * ((means - means.mean(axis=0)).real ** 2).sum(axis=0)
        assert whole[name].values == pytest.approx(means.mean(axis=0), rel=1e-12)
        assert whole[f"{name}_se"].values == pytest.approx(np.sqrt(squares / 191 / 192), rel=1e-9)


@pytest.mark.parametrize("name", ["m", "S"])
def test_a_run_ends_once_their_errors_are_small_enough(name):
    observers = [TimeAverage(window=(0.4, 1.2), m=X), Spectrum(window=(0.8, 1.2), S=(X, X))]
    result = run(*observers, trajectories=20_000, until=TargetError(**{name: 0.01}))
    assert result.dataset.attrs["trajectories"] < 20_000
    assert result.dataset[f"{name}_se"].max() <= 0.01


def test_what_is_no_average_is_refused():
    with pytest.raises(ValueError, match=r"TimeAverage\(\) has no expression"):
        TimeAverage(window=(0.0, 1.0))
    with pytest.raises(ValueError, match=r"window=1 in TimeAverage"):
        TimeAverage(window=1, m=X)
    with pytest.raises(ValueError, match=r"TimeAverage\(window=\(3, 4\)\): holds 0"):
        run(TimeAverage(window=(3.0, 4.0), m=X))
