"""Differences of two points on common random numbers: their values, their errors, their bits, what is refused."""

import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from sdeframe import SDE, SymbolicModel, difference, parameters, random_choice, real_variables, simulate
from sdeframe.campaigns.differences import Pair
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments, Trajectories, WeightedMoments
from sdeframe.sampling import Balanced

MODEL = OrnsteinUhlenbeck(start=1.0)
X = MODEL.observables["x"]
BOTH = Moments(x=X, square=X**2)
DT = 1 / 16
STEPS = np.array([0, 8, 32])
RATES = (1.0, 1.1)
STEP = 2e-4
"""What steps of W2S4 add."""
RUN = {"times": STEPS * DT, "trajectories": 1_000, "seed": 3, "progress": False}


SCHEME = EulerMaruyama(dt=DT)


def between(integrator=SCHEME, rates=RATES, of=BOTH, model=MODEL, **changes):
    return difference(model, {"rate": rates}, integrator, of, **(RUN | changes))


def paths(rate, **changes):
    model, observers = OrnsteinUhlenbeck(rate=rate, start=1.0), [Trajectories(range(1_000), x=X)]
    return simulate(model, EulerMaruyama(dt=DT), observers=observers, **(RUN | changes)).dataset["x"].values.real


def test_it_is_the_mean_of_the_differences_with_their_error():
    ds, (one, other) = between(), map(paths, RATES)
    for name, d in (("x", other - one), ("square", other**2 - one**2)):
        assert ds[name].values == pytest.approx(d.mean(axis=0), rel=1e-9, abs=1e-15)
        assert ds[f"{name}_se"].values == pytest.approx(d.std(axis=0, ddof=1) / np.sqrt(1_000), rel=1e-9)
        assert not ds[f"{name}_imag_se"].any()
    assert ds["pairs"].values.tolist() == [1_000] * 3
    assert ds.attrs["difference"] == "rate = 1.1 less 1.0"
    assert "parameter_theta" not in ds.attrs
    assert ds.attrs["parameter_sigma"] == 1.0


def test_common_numbers_make_the_error_small():
    ds = between()
    runs = [
        simulate(OrnsteinUhlenbeck(rate=rate, start=1.0), EulerMaruyama(dt=DT), observers=[BOTH], **RUN).dataset
        for rate in RATES
    ]
    for name, gain in (("x", 15), ("square", 8)):
        apart = np.hypot(*(run[f"{name}_se"].values for run in runs))
        assert (ds[f"{name}_se"].values * gain < apart)[1:].all()


def exact(rate):
    """Return mean and mean square under Euler's rule."""
    c = (1 - rate * DT) ** STEPS
    return {"x": c, "square": c**2 + DT * (1 - c**2) / (1 - (1 - rate * DT) ** 2)}


def check_errors(seeds):
    """Hold the deviations against a χ² law of as many degrees; its limits are passed once in 5 million times."""
    one, other = map(exact, RATES)
    found = [between(seed=seed) for seed in range(seeds)]
    low, high = stats.chi2.ppf([1e-7, 1 - 1e-7], seeds)
    for name in ("x", "square"):
        off = [(ds[name].values.real - (other[name] - one[name]))[1:] / ds[f"{name}_se"].values[1:] for ds in found]
        squares = np.sum(np.square(off), axis=0)
        assert ((low < squares) & (squares < high)).all()


def test_errors_are_right():
    check_errors(30)


@pytest.mark.long
def test_errors_are_right_over_two_hundred_seeds():
    check_errors(200)


@pytest.mark.long
def test_the_bits_are_the_same_wherever_it_runs():
    ds = between()
    assert between(threads=1).identical(ds)
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as pool:
        assert between(executor=pool).identical(ds)


def test_tied_trajectories_have_errors_of_replicates():
    run = {"integrator": W2S4(dt=DT), "sampling": Balanced(block=256), "trajectories": 8_192}
    tied = between(**run)
    assert {"x_floor", "square_floor"} <= set(tied)
    assert tied.attrs["replicates"] == 32
    one, other = (OrnsteinUhlenbeck(rate=rate, start=1.0).exact(STEPS * DT)["x"] for rate in RATES)
    assert (np.abs(tied["x"].values.real - (other - one)) < 8 * tied["x_se"].values + STEP).all()


def test_only_pairs_that_live_at_both_points_count():
    y, k = real_variables("y"), parameters("k")
    model = SymbolicModel(
        SDE(drift={y: k * y}, noise={y: 0}), initial={y: random_choice("c", [1, 3])}, parameters={k: 1.0}
    )
    of = Moments(bound=5.0, y=y)
    found = difference(
        model, {"k": (1.0, 0.0)}, EulerMaruyama(dt=DT), of, times=[0.5, 1.0, 2.0], trajectories=300, seed=1,
        progress=False,
    )  # fmt: skip
    ones = found["pairs"].values[1]  # 3 e passes 5 before time 1, e² after it
    assert 100 < ones < 200
    assert found["pairs"].values.tolist() == [300, ones, 0]
    grown = (1 + DT) ** np.array([8, 16])
    assert found["y"].values[:2] == pytest.approx((1 - grown) * [(ones + 3 * (300 - ones)) / 300, 1], rel=1e-12)
    assert np.isnan(found["y"].values[2])


def test_a_step_may_depend_on_the_point():
    ds = between(integrator=lambda model: EulerMaruyama(dt=DT if model.rate == 1.0 else DT / 2))
    assert "dt" not in ds.attrs
    assert (ds["pairs"] == 1_000).all()


def test_what_is_foreseen_is_said():
    with pytest.warns(UserWarning, match="is too large for the fastest mode"):
        ds = between(rates=(1.0, 30.0), integrator=EulerMaruyama(dt=0.25), times=[0.5])
    assert "is too large for the fastest mode" in ds.attrs["warnings"]


def test_what_was_lost_is_said():
    y, k = real_variables("y"), parameters("k")
    model = SymbolicModel(SDE({y: k * y**3}, {y: 0}), {y: random_choice("c", [1, 3])}, {k: 0.0})
    options = {"times": [0.5], "trajectories": 300, "seed": 1, "progress": False}
    with pytest.warns(UserWarning, match=r"of 300 trajectories left the range of numbers .* were frozen") as seen:
        ds = difference(model, {"k": (0.0, 0.5)}, EulerMaruyama(dt=DT), Moments(y=y), **options)
    assert [warning.filename for warning in seen] == [__file__]
    assert f"{300 - ds['pairs'].item()} of 300 trajectories left" in ds.attrs["warnings"]
    assert 100 < ds["pairs"].item() < 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"of": WeightedMoments(x=X)}, "of=WeightedMoments(.*) in difference: must be means, such as Moments"),
        ({"of": Moments(pairs=X)}, "'pairs' is written for all names"),
        ({"rates": (1.0,)}, r"between={'rate': \(1.0,\)}: must be two values a parameter, such as "),
        ({"rates": "ab"}, "between={'rate': 'ab'}: must be two values"),
        ({"rates": (1.0, -1.0)}, "^rate=-1.0: rate of OrnsteinUhlenbeck=-1.0: must be a finite number above 0"),
        ({"times": [0.3]}, "^rate=1.0: .*0.3"),
        ({"threads": 0}, "threads=0"),
        ({"progress": 1}, "progress=1: must be True or False"),
    ],
)  # fmt: skip
def test_refusals(changes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        between(**changes)


def test_parameters_are_named():
    with pytest.raises(TypeError, match=re.escape("between=3: must be a mapping of parameters to two values, such as")):
        difference(MODEL, 3, EulerMaruyama(dt=DT), BOTH, **RUN)
    with pytest.raises(ValueError, match="speed=1: OrnsteinUhlenbeck has no parameter 'speed'"):
        difference(MODEL, {"speed": (1, 2)}, EulerMaruyama(dt=DT), BOTH, **RUN)


def test_weights_are_refused_unless_they_are_to_be_left_out():
    model = TavisCummings(10, 10.0)
    run = {"times": [0.5], "trajectories": 256, "seed": 1, "progress": False, "gauge": QuarticDrift()}
    with pytest.raises(ValueError, match="this run has a weight"):
        difference(model, {"photons": (10.0, 11.0)}, W2S4(dt=0.05), Moments(n=model.excited), **run)
    plain = Moments(n=model.excited, unweighted=True)
    assert isinstance(difference(model, {"photons": (10.0, 11.0)}, W2S4(dt=0.05), plain, **run), xr.Dataset)


def test_replicates_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"ties 64 trajectories at the first point and 128 at the second: say"):
        Pair.of(Fixed(64), Fixed(128))


class Fixed:
    """A run of which only ties are known."""

    sampling = Balanced()

    def __init__(self, size):
        self.replicate_size = size
