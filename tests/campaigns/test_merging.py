"""Several results as one: what one run of all their trajectories would tell, or a refusal that names what differs."""

import attrs
import numpy as np
import pytest
import sympy as sp
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeframe import WallTime, load, merge, simulate
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Histogram, Moments, Runaways, Trajectories, TrustHorizon
from sdeframe.observers.runaways import binomial_interval
from sdeframe.sampling import Balanced

MODEL = TavisCummings(10, 10.0)
EXCITED, PHOTONS = MODEL.excited, MODEL.photon_number


def run(model=MODEL, seed=1, trajectories=300, dt=0.0625, **changes):
    options = {
        "observers": [Moments(excited=EXCITED, photons=PHOTONS), Moments(bound=4.0, low=EXCITED)],
        "times": [0.0, 1.0, 1.5],
        **changes,
    }
    return simulate(model, EulerMaruyama(dt=dt), trajectories=trajectories, seed=seed, progress=False, **options)


def paths(seed, trajectories):
    found = run(seed=seed, trajectories=trajectories, observers=[Trajectories(range(trajectories), excited=EXCITED)])
    return found.dataset.excited.values


def test_means_and_errors_are_those_of_all_values():
    sizes = {1: 300, 2: 77, 3: 1, 7: 120}
    bounded = [Moments(bound=1.0, excited=EXCITED)]
    merged = merge([run(seed=s, trajectories=n, observers=bounded) for s, n in sizes.items()]).whole
    alone = [run(seed=s, trajectories=n, observers=bounded).whole for s, n in sizes.items()]
    plain = [Moments(excited=EXCITED)]
    whole = merge([run(seed=s, trajectories=n, observers=plain) for s, n in sizes.items()]).dataset
    values = np.concatenate([paths(s, n) for s, n in sizes.items()])
    np.testing.assert_array_equal(whole.alive, len(values))
    np.testing.assert_allclose(whole.excited, values.mean(axis=0), rtol=1e-12)
    for part, error in ((values.real, whole.excited_se), (values.imag, whole.excited_imag_se)):
        expected = part.std(axis=0, ddof=1) / len(values) ** 0.5
        np.testing.assert_allclose(error, expected, rtol=1e-10)
    assert whole.excited_se[0] == 0.0
    np.testing.assert_array_equal(merged.excited_alive, sum(ds.excited_alive for ds in alone))
    weighted = sum(ds.excited_alive * ds.excited.fillna(0.0) for ds in alone) / sum(ds.excited_alive for ds in alone)
    np.testing.assert_allclose(merged.excited, weighted, rtol=1e-12)
    assert merged.excited_alive[-1] < len(values)
    np.testing.assert_array_equal(merged.losses, sum(ds.losses for ds in alone))


def test_results_of_files_and_of_merging_are_merged_as_well(tmp_path):
    one, two, three = (run(seed=seed, trajectories=100 * seed) for seed in (1, 2, 3))
    one.save(tmp_path / "one.nc")
    merged = merge([merge([load(tmp_path / "one.nc"), two]), three])
    assert merged.dataset.attrs["seed"] == "1, 2, 3"
    assert merged.dataset.attrs["trajectory_ranges"] == "0 to 99 of seed 1, 0 to 199 of seed 2, 0 to 299 of seed 3"
    assert merged.dataset.attrs["trajectories"] == 600
    xr.testing.assert_allclose(merged.dataset, merge([one, two, three]).dataset, rtol=1e-12)
    merged.save(tmp_path / "all.nc")
    assert load(tmp_path / "all.nc").dataset.identical(merged.dataset)
    with pytest.raises(ValueError, match="was read from a file or merged"):
        merged.replay([0])
    assert np.isfinite(merged.total_error("excited")).all()


@pytest.fixture(scope="module")
def whole():
    return run(trajectories=400)


@given(cuts=st.sets(st.integers(1, 399), min_size=1, max_size=4), order=st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_ranges_in_any_order_are_the_run_of_all_of_them(whole, cuts, order):
    ends = [0, *sorted(cuts), 400]
    parts = [run(trajectories=range(*ends[k : k + 2]), block=64) for k in range(len(ends) - 1)]
    order.shuffle(parts)
    merged = merge(parts).whole
    again = merge([merge(parts[:2]), *parts[2:]]) if len(parts) > 2 else None
    for found in (merged, *([again.whole] if again else [])):
        check_is_that_of(whole.whole, found)


def check_is_that_of(whole, merged):
    """Counts are the same, means and errors but for rounding, and it says of which trajectories it is."""
    for name in ("alive", "losses", "low_alive"):
        np.testing.assert_array_equal(merged[name], whole[name])
    for name in ("excited", "photons", "low"):
        np.testing.assert_allclose(merged[name], whole[name], rtol=1e-12)
        for error in (f"{name}_se", f"{name}_imag_se"):
            np.testing.assert_allclose(merged[error], whole[error], rtol=1e-9)
    told = {name: merged.attrs[name] for name in ("seed", "trajectories", "trajectory_ranges")}
    assert told == {"seed": "1", "trajectories": 400, "trajectory_ranges": "0 to 399 of seed 1"}
    assert "first_trajectory" not in merged.attrs


def test_seeds_and_ranges_with_gaps_are_told_apart(tmp_path):
    parts = [(10, range(50, 90)), (2, range(30)), (10, range(20)), (10, range(20, 30))]
    found = [run(seed=seed, trajectories=numbers) for seed, numbers in parts]
    found[0].save(tmp_path / "part.nc")
    merged = merge([load(tmp_path / "part.nc"), *found[1:]])
    told = "0 to 29 of seed 2, 0 to 29 of seed 10, 50 to 89 of seed 10"
    assert merged.dataset.attrs["trajectory_ranges"] == told
    assert merged.dataset.attrs["seed"] == "2, 10"
    assert merged.dataset.alive[0] == 100
    merged.save(tmp_path / "all.nc")
    gap = run(seed=10, trajectories=range(30, 50))
    told = "0 to 29 of seed 2, 0 to 89 of seed 10"
    assert merge([gap, load(tmp_path / "all.nc")]).dataset.attrs["trajectory_ranges"] == told
    inside = run(seed=10, trajectories=range(29, 51))
    with pytest.raises(ValueError, match=r"^merge: trajectories 29 to 29 of seed 10 are there twice"):
        merge([inside, load(tmp_path / "all.nc")])


def test_a_result_of_an_older_version_begins_with_the_first():
    one, other = run(trajectories=range(100)), run(trajectories=range(100, 300))
    older = without(one, "first_trajectory")
    assert merge([older, other]).dataset.attrs["trajectory_ranges"] == "0 to 299 of seed 1"
    with pytest.raises(ValueError, match="trajectories 0 to 99 of seed 1 are there twice"):
        merge([older, without(other, "first_trajectory")])
    merged = merge([one, run(seed=2)])
    for changed in (without(merged, "trajectory_ranges"), attrs.evolve(merged, dataset=merged.dataset.assign_attrs(
        trajectory_ranges="9 to 3 of seed 1"
    ))):  # fmt: skip
        with pytest.raises(ValueError, match=r"merged by another version, .*: merge those that it was made of"):
            merge([changed, run(seed=3)])


def without(result, name):
    """Return a result that lacks an attribute."""
    kept = {key: value for key, value in result.dataset.attrs.items() if key != name}
    return attrs.evolve(result, dataset=result.dataset.drop_attrs(deep=False).assign_attrs(kept))


OTHER = {
    "parameter": (lambda: run(TavisCummings(10, 9.0), seed=2), "model_description .*photons=9"),
    "step": (lambda: run(seed=2, dt=0.03125), r"dt \(0.0625, 0.03125\)"),
    "times": (lambda: run(seed=2, times=[0.0, 1.0, 1.25]), "step|time"),
    "names": (
        lambda: run(seed=2, observers=[Moments(excited=EXCITED), Moments(bound=4.0, low=EXCITED)]),
        "what is there: photons, photons_imag_se, photons_se",
    ),
    "expressions": (
        lambda: run(seed=2, observers=[Moments(excited=PHOTONS, photons=PHOTONS), Moments(bound=4.0, low=EXCITED)]),
        "differs in excited$",
    ),
    "bounds": (
        lambda: run(seed=2, observers=[Moments(excited=EXCITED, photons=PHOTONS), Moments(bound=5.0, low=EXCITED)]),
        "bound",
    ),
    "seed": (lambda: run(trajectories=301), "trajectories 0 to 299 of seed 1 are there twice"),
    "range": (lambda: run(trajectories=range(299, 400)), "trajectories 299 to 299 of seed 1 are there twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_another_problem_is_refused_by_what_differs(name):
    make, text = OTHER[name]
    with pytest.raises(ValueError, match=text):
        merge([run(), make()])


def test_what_results_do_not_hold_is_refused_by_name():
    for observer, text in (
        (TrustHorizon(excited=EXCITED), "excited_horizon"),
        (Runaways(10.0), "merge: remaining_10, remaining_10_low, remaining_10_high cannot be told"),
        (Trajectories([1], path=EXCITED), "path cannot be told"),
    ):
        with pytest.raises(ValueError, match=text):
            merge([run(seed=seed, observers=[observer]) for seed in (1, 2)])
    with pytest.raises(ValueError, match="excited_step_error"):
        merge([run(seed=seed, step_error=True) for seed in (1, 2)])
    both = [run(seed=seed, observers=[Moments(excited=EXCITED), Runaways(10.0)]) for seed in (1, 2)]
    names = ["remaining_10", "remaining_10_low", "remaining_10_high"]
    kept = merge([attrs.evolve(r, dataset=r.dataset.drop_vars(names)) for r in both])
    assert kept.dataset.alive[0] == 600


def test_histograms_are_those_of_all_trajectories():
    """Two seeds, then the same trajectories as if all were of one run."""
    edges = np.linspace(-1, 1, 5)
    observers = [Histogram(edges, x=sp.re(EXCITED)), Histogram((edges, edges), u=sp.re(EXCITED), v=sp.im(EXCITED))]
    parts = [run(seed=seed, trajectories=n, observers=observers) for seed, n in ((1, 300), (2, 77))]
    merged = merge(parts).dataset
    assert merged["u_v"].sum() + merged["u_v_outside"].sum() == 3 * 377
    for name in ("x", "u_v"):
        assert (merged[name] == sum(part.dataset[name] for part in parts)).all()
        low, high = binomial_interval(merged[name].values, 377)
        np.testing.assert_allclose(merged[f"{name}_low"], 377 * low, rtol=1e-12)
        np.testing.assert_allclose(merged[f"{name}_high"], 377 * high, rtol=1e-12)
    tied = {"sampling": Balanced(replicates=8), "trajectories": 8192}
    model = OrnsteinUhlenbeck()
    few = {"times": [0.5], "observers": [Histogram(edges, x=model.observables["x"])]}
    with pytest.raises(ValueError, match="merge: x_low, x_high cannot be told"):
        merge([simulate(model, W2S4(dt=0.25), seed=seed, progress=False, **few, **tied) for seed in (1, 2)])


@pytest.mark.parametrize("given", [1, [], [1, 2], "ab"])
def test_what_is_no_list_of_results_is_refused(given):
    with pytest.raises((TypeError, ValueError), match="results"):
        merge(given)


def test_what_is_of_one_run_only_is_not_said_of_all():
    """Why it ended, what the command line was told, and the number of replicates."""
    parts = [run(seed=seed, until=WallTime(1e6)) for seed in (1, 2)]
    marked = [attrs.evolve(p, dataset=p.dataset.assign_attrs(experiment=f"seed = {k}")) for k, p in enumerate(parts)]
    found = merge(marked)
    assert "experiment" not in found.dataset.attrs
    assert found.ended == "after 600 trajectories: they were all that were asked for"
    tied = [merge_ready(seed, replicates) for seed, replicates in ((1, 24), (2, 48))]
    assert merge(tied).dataset.attrs["replicates"] == 72


def merge_ready(seed, replicates):
    """Return a tied run of so many replicates of 256, without the floors, which cannot be merged."""
    size = {"trajectories": 256 * replicates, "sampling": Balanced(block=256)}
    model, scheme = OrnsteinUhlenbeck(), W2S4(dt=0.25)
    found = simulate(
        model, scheme, observers=[Moments(x=model.observables["x"])], times=[0.5], seed=seed, progress=False, **size
    )
    return attrs.evolve(found, dataset=found.dataset.drop_vars(["x_floor", "x_imag_floor"]))
