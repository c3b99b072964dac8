"""What a result of tied trajectories says of itself: attributes, warnings, marks, files, and total errors."""

import re

import attrs
import numpy as np
import pytest
import xarray as xr

from sdeframe import SDE, SymbolicModel, load, random_normal, real_noises, real_variables, simulate
from sdeframe.integrators import W2S4, EulerMaruyama, Heun, Milstein, StochasticRK2
from sdeframe.interfaces import FourPoint, Gaussian, Observer
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, Runaways, WeightedMoments
from sdeframe.running.compose import compose
from sdeframe.sampling import Balanced, Draws, Independent, Sampling, student_limit
from tests.support import tied_runs, weighted_systems
from tests.support.replicate_means import ReplicateMeans

x, W = real_variables("x"), real_noises("W")
MODEL = OrnsteinUhlenbeck(start=0.5)
SCHEME = EulerMaruyama(dt=0.1, increments=FourPoint())


class Total(Observer):
    """Knows nothing of replicates."""

    def start(self, ensemble):
        return np.zeros(len(ensemble.times))

    def update(self, record, snapshot):
        record[snapshot.index] += np.count_nonzero(snapshot.alive)

    def finish(self, record):
        return xr.Dataset({"total": ("time", record, {"long_name": "all"})}, attrs={"kind": "count"})


def run(model=MODEL, scheme=SCHEME, **changes):
    options = {
        "observers": [Moments(**MODEL.observables), Runaways(3.0)], "times": [0.0, 1.0, 2.0], "trajectories": 24 * 256,
        "seed": 1, "progress": False, "sampling": Balanced(),
    }  # fmt: skip
    return simulate(model, scheme, **{**options, **changes})


def test_attributes_say_how_trajectories_were_tied():
    attributes = run(trajectories=24 * 64, times=[0.0, 0.8]).dataset.attrs
    assert attributes["sampling"] == "Balanced(block=None, replicates=24)"
    assert attributes["replicates"] == 24
    assert attributes["replicate_size"] == 64
    assert attributes["random_numbers"] == "sdeframe-philox4x32-10/1+balanced/1"
    assert "codes_until" not in attributes


def test_attributes_say_from_when_on_codes_are_shared():
    """64 trajectories have codes for eight increments, 128 for sixteen."""
    attributes = run(sampling=Balanced(block=64)).dataset.attrs
    assert attributes["codes_until"] == pytest.approx(0.8)
    assert attributes["replicates"] == 96
    assert run(sampling=Balanced(block=128)).dataset.attrs["codes_until"] == pytest.approx(1.6)
    assert "codes_until" not in run(sampling=Balanced(block=256)).dataset.attrs


def test_codes_that_are_shared_are_warned_of():
    """20 increments of eight codes; where the block was asked for nothing is said."""
    told = (
        "increments share codes with earlier ones from t = 0.8 on: means then can have several times the variance of "
        "independent trajectories, unless damping forgets what is so long ago: take trajectories=6144 at least, or "
        "2048 and Balanced(256), or say Balanced(block=64) where this is known"
    )
    with pytest.warns(UserWarning, match=re.escape(told)):
        result = run(trajectories=24 * 64)
    assert result.warnings == (told,)
    assert result.dataset.attrs["codes_until"] == pytest.approx(0.8)
    for n, sampling in ((6144, Balanced()), (2048, Balanced(256)), (24 * 64, Balanced(block=64))):
        assert run(trajectories=n, sampling=sampling).warnings == ()
    with pytest.warns(UserWarning, match=r"codes with earlier ones from t = 1.6 on: .* Balanced\(block=128\) where"):
        run(trajectories=24 * 128)  # four of sixteen


def test_an_observer_that_knows_nothing_of_replicates_is_marked():
    with pytest.warns(UserWarning, match="Total knows nothing of replicates: errors that it tells are those of indep"):
        result = run(observers=[Moments(x=x), Total()])
    assert result.dataset["total"].attrs == {
        "long_name": "all", "errors": "those of independent trajectories, if any, which these are not",
    }  # fmt: skip
    assert "errors" not in result.dataset["x"].attrs
    assert result.warnings[0].endswith("which balanced ones are not; see docs/plugins")
    assert result.dataset["total"].values.tolist() == [6144] * 3
    free = run(observers=[Moments(x=x), Total()], sampling=Independent())
    assert free.warnings == ()
    assert free.dataset["total"].attrs == {"long_name": "all"}


def test_a_file_keeps_everything(tmp_path):
    with pytest.warns(UserWarning, match="Total"):
        result = run(observers=[Moments(x=x), Total(), Runaways(3.0)], sampling=Balanced(block=64), step_error=True)
    result.save(tmp_path / "run.nc")
    read = load(tmp_path / "run.nc")
    assert read.dataset.identical(result.dataset)
    assert read.warnings == result.warnings
    assert read.dataset["total"].attrs["errors"].startswith("those of independent")
    for name in ("x", "x_extrapolated"):
        assert np.array_equal(read.total_error(name), result.total_error(name))


def test_the_total_error_is_by_student_and_twice_the_step_error():
    result = run(step_error=True)
    ds, limit = result.dataset, student_limit(24)
    assert 6.7 < limit < 6.9
    found = result.total_error("x")
    expected = limit * ds["x_se"].values + 2 * np.abs(ds["x_step_error"].values.real)
    assert found.name == "x_total_error"
    assert found.values.real == pytest.approx(expected)
    assert (found.values.imag == 0).all()
    better = result.total_error("x_extrapolated", sigmas=2.0)
    assert better.values.real == pytest.approx(student_limit(24, 2.0) * ds["x_extrapolated_se"].values)
    free = run(sampling=Independent(), step_error=True)
    expected = 5 * free.dataset["x_se"].values + 2 * np.abs(free.dataset["x_step_error"].values.real)
    assert free.total_error("x").values.real == pytest.approx(expected)
    plain = run()
    assert plain.total_error("x").values.real == pytest.approx(limit * plain.dataset["x_se"].values)
    with pytest.raises(ValueError, match=r"name='y': this run has means of x, x_squared$"):
        plain.total_error("y")
    with pytest.raises(ValueError, match=r"name='alive': this run has means of x, x_squared$"):
        plain.total_error("alive")


def test_a_mean_whose_step_error_is_not_told_has_no_total_error():
    """A ratio, in a run that told step errors; in one that told none, sampling alone is asked for."""
    observers = [WeightedMoments(x=weighted_systems.x)]
    result = weighted_systems.run(weighted_systems.girsanov(), observers, step_error=True)
    assert result.total_error("x").values.real == pytest.approx(
        5 * result.dataset["x_se"].values + 2 * np.abs(result.dataset["x_step_error"].values.real)
    )
    result.total_error("x_extrapolated")
    for name in ("x_ratio", "x_unweighted"):
        with pytest.raises(ValueError, match=f"^name='{name}': its step error is not told, only that of other means$"):
            result.total_error(name)
    plain = weighted_systems.run(weighted_systems.girsanov(), observers)
    assert plain.total_error("x_ratio").values.real == pytest.approx(5 * plain.dataset["x_ratio_se"].values)
    with pytest.raises(ValueError, match=r"^sigmas=0: must be above 0 and at most 30"):
        plain.total_error("x", sigmas=0)


def test_the_total_error_holds():
    """Of the linear process at the fine step: the bias is what remains, and twice the step error bounds it."""
    result = run(scheme=W2S4(dt=0.1), step_error=True)
    for name, exact in MODEL.exact([0.0, 1.0, 2.0]).items():
        off = np.abs(result.dataset[name].values.real - exact)
        assert (off <= result.total_error(name).values.real + 1e-15).all()


def test_more_replicates_than_groups_are_taken_together():
    """1000 replicates of 64: pairs of neighbours are 500 groups, whose errors are those that are told."""
    observers = [Moments(x=x), ReplicateMeans(group=x)]
    ds = run(trajectories=1000 * 64, sampling=Balanced(block=64), times=[2.0], observers=observers).dataset
    assert ds.attrs["replicates"] == ds.sizes["replicate"] == 500
    assert ds.attrs["replicate_size"] == 128
    assert ds["x_se"].item() == pytest.approx(np.hypot(ds["group_se"].item(), ds["x_floor"].item()), rel=1e-9)
    whole = run(trajectories=512 * 64, sampling=Balanced(block=64), times=[0.5])
    assert whole.dataset.attrs["replicates"] == 512
    uneven = run(trajectories=513 * 64, sampling=Balanced(block=64), times=[0.5])
    assert uneven.dataset.attrs["replicates"] == 257


@pytest.mark.parametrize(
    ("scheme", "told"),
    [
        (EulerMaruyama(dt=0.1), "EulerMaruyama(dt=0.1, increments=FourPoint())"),
        (Heun(dt=1e-3), "Heun(dt=0.001, increments=FourPoint())"),
        (StochasticRK2(dt=0.1), "StochasticRK2(dt=0.1, increments=FourPoint())"),
        (W2S4(dt=0.1, increments=Gaussian()), "W2S4(dt=0.1, increments=FourPoint())"),
        (Milstein(dt=0.1), "W2S4(dt=0.1)"),
    ],
    ids=str,
)
def test_normal_increments_are_refused_with_the_way_out(scheme, told):
    whole = f"sampling={Balanced()}: needs increments that are made of bits: take {told}"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        run(scheme=scheme)


class OfNormal(Sampling):
    """Of another package; ties nothing."""

    needs_bits = False

    def plan(self, draws):
        return None


class OfBits(OfNormal):
    needs_bits = True


def test_a_sampling_says_whether_it_needs_bits():
    scheme, observers = EulerMaruyama(dt=0.1), [Moments(x=x)]
    found, free = (run(scheme=scheme, sampling=s, observers=observers) for s in (OfNormal(), Independent()))
    assert np.array_equal(found.dataset["x"], free.dataset["x"])
    with pytest.raises(ValueError, match=r"needs increments that are made of bits: take EulerMaruyama\(dt=0.1, incr"):
        run(scheme=scheme, sampling=OfBits())
    assert Sampling.needs_bits
    assert Balanced.needs_bits
    assert not Independent.needs_bits


def test_where_nothing_is_random_there_is_nothing_to_tie():
    certain = SymbolicModel(SDE({x: -x}), {x: 1})
    with pytest.raises(ValueError, match="nothing is random in this run"):
        run(certain, observers=[Moments(x=x)])
    random = attrs.evolve(certain, initial={x: random_normal("n")})
    for scheme in (EulerMaruyama(dt=0.1), SCHEME):  # normal increments that there are none of
        assert run(random, scheme, observers=[Moments(x=x)]).dataset.attrs["replicates"] == 24
    with pytest.raises(ValueError, match="nothing is random"):
        run(certain, EulerMaruyama(dt=0.1), observers=[Moments(x=x)])


@pytest.mark.parametrize("sampling", ["balanced", Balanced, None, 24])
def test_what_is_no_sampling_is_refused(sampling):
    with pytest.raises(TypeError, match=r"sampling=.*: must be an object of class Sampling, such as Balanced"):
        run(sampling=sampling)


def test_odd_sizes_are_refused_before_anything_runs():
    with pytest.raises(ValueError, match=r"trajectories=100000: must be a multiple of 4096 .* 98304 or 102400"):
        run(trajectories=100_000, sampling=Balanced(block=4096))


def test_the_steps_that_count_are_those_that_are_made():
    """A run of the first output time alone makes none; of steps that are cut both parts count."""
    assert run(times=[0.0]).problem.plan.draws.steps == 0
    driven = compose(tied_runs.MODEL, SCHEME, **{k: v for k, v in tied_runs.OPTIONS.items() if k != "progress"})
    assert driven.plan.draws == Draws(8192, 42, 3, 3, 0, False, 2, 1)


def test_columns_take_no_more_memory_than_a_word_a_row_window_and_bit():
    """28 rows and 1000 steps of replicates of 4096 are 46 kB."""
    problem = compose(
        MODEL, W2S4(dt=0.01), observers=[Moments(x=x)], times=[10.0], trajectories=24 * 4096, seed=1,
        sampling=Balanced(block=4096),
    )  # fmt: skip
    layout = problem.layout
    rows = 4 * (layout.sign_groups + layout.bit_groups)
    assert problem.columns.nbytes == rows * -(-1000 // 32) * 12 * 4
    assert problem.columns.dtype == np.uint32
