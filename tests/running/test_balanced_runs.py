"""Runs of tied trajectories: the bits of their rule whatever the work, replayed, coarse, cut, and in pieces."""

import itertools
import math
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from sdeframe import simulate
from sdeframe.compiled.random_numbers import LAYOUT
from sdeframe.integrators import W2S4, EulerMaruyama, StochasticRK2
from sdeframe.interfaces import FourPoint, Octagon
from sdeframe.running.block import Lanes, run_trajectories
from sdeframe.running.compose import compose
from sdeframe.sampling import Balanced, Independent
from tests.support.tied_bits import TiedBits
from tests.support.tied_runs import CHOSEN, MODEL, OPTIONS, run

SCHEME = {name: value for name, value in OPTIONS.items() if name != "progress"}
LARGER = {"trajectories": 16_384, "sampling": Balanced(block=2048)}
"""Octagons have half as many codes."""


@pytest.fixture(scope="module")
def result():
    return run()


@pytest.mark.parametrize(
    "changes",
    [
        {"threads": 1},
        {"threads": 2, "block": 100},
        {"block": 1024},
        {"block": 5000},
        {"block": 8192},
        {"executor": ThreadPoolExecutor(3), "block": 512},
    ],
    ids=lambda changes: ", ".join(changes),
)
def test_the_bits_depend_on_problem_and_seed_alone(result, changes):
    assert result.dataset["alive"][-1] < 8192  # somebody is lost
    assert run(**changes).dataset.identical(result.dataset)


@pytest.mark.long
def test_another_process_gives_the_same_bits(result):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert run(executor=pool, block=4096).dataset.identical(result.dataset)


def test_a_problem_that_was_pickled_gives_the_same_block(result):
    there = pickle.loads(pickle.dumps(result.problem))
    assert there.sampling == Balanced(block=1024)
    assert np.array_equal(there.columns, result.problem.columns)
    here, there = (run_trajectories(p, 0, p.block).records[0].sums.estimates(0)[1] for p in (result.problem, there))
    assert np.array_equal(here.mean, there.mean)


@pytest.mark.long
def test_the_bits_do_not_depend_on_the_lane_width(monkeypatch):
    """A replicate is sixteen buffers, or one."""
    options = {**OPTIONS, "trajectories": 2048, "times": [0.4, 4.0], "sampling": Balanced(block=256)}
    options["observers"] = OPTIONS["observers"][:3]
    found = []
    for lanes in (16, 256):
        monkeypatch.setattr("sdeframe.running.problem.choose_lanes", lambda *_, lanes=lanes: lanes)
        found.append(simulate(MODEL, EulerMaruyama(dt=0.1, increments=FourPoint()), **options))
        assert found[-1].problem.lanes == lanes
    assert found[0].dataset.identical(found[1].dataset)


def test_a_replay_gives_the_paths_that_an_observer_saw(result):
    replayed = result.replay(CHOSEN)
    at = [int(np.abs(replayed["time"].values - t).argmin()) for t in result.dataset["time"].values]
    for name in ("x", "a"):
        seen = result.dataset[f"{name}_path"].values
        kept = np.isfinite(seen)
        assert kept.sum() > 20
        assert np.array_equal(replayed[name].values[:, at][kept], seen[kept])


def test_a_replay_of_some_is_that_of_all(result):
    every, order = result.replay(np.arange(1000, 1200)), np.random.default_rng(1).permutation(200)[:7]
    some = result.replay(1000 + order, window=(1.0, 4.0))
    for name in ("x", "a", "dW", "dF", "s_W", "s_F"):
        wanted = every[name].values[order]
        assert np.array_equal(some[name].values, wanted[:, wanted.shape[1] - some[name].shape[1] :])


def steps_of(problem):
    """Return the length of every step."""
    times = [problem.time(k) for k in range(problem.steps[-1] + 1)]
    return np.diff(times)


@pytest.mark.parametrize(
    ("scheme", "octagon", "multiply"),
    [
        (W2S4(dt=0.1), False, True),
        (W2S4(dt=0.1, increments=Octagon()), True, True),
        (StochasticRK2(dt=0.1, increments=FourPoint()), False, False),
        (EulerMaruyama(dt=0.1, increments=FourPoint()), False, False),
    ],
    ids=str,
)
def test_increments_and_signs_are_those_of_the_rule(scheme, octagon, multiply):
    """From the words through the kernel to what the scheme is given, in steps that are cut too."""
    result = simulate(
        MODEL, scheme, **{**OPTIONS, "observers": OPTIONS["observers"][:1], **(LARGER if octagon else {})}
    )
    ids, problem = [0, 1, 2049, 5003, 8191], result.problem
    path = result.replay(ids)
    signs = 3 * scheme.signs
    twin = TiedBits(5, problem.plan.exponent, 4 if octagon else 3, 2 if octagon else 3, signs, multiply, mirrored=True)
    for (k, i), step in itertools.product(enumerate(ids), (0, 1, 12, 13, 15, 31, 32, 41)):
        h = math.sqrt(steps_of(problem)[step])
        if octagon:
            dF, dW = h * twin.octagon(i, step, 0, 0), h * twin.real(i, step, 1, 4)
        else:
            dF = h * math.sqrt(0.5) * (twin.real(i, step, 0, 0) + 1j * twin.real(i, step, 1, 3))
            dW = h * twin.real(i, step, 2, 6)
        assert path["dF"].values[k, step] == pytest.approx(dF, rel=1e-12)
        assert path["dW"].values[k, step] == pytest.approx(dW, rel=1e-12)
        if scheme.signs:
            one, two, three = (1 - 2 * twin.sign_bit(i, step, q) for q in range(3))
            assert path["s_F"].values[k, step] == pytest.approx(h * math.sqrt(0.5) * (one + 1j * two), rel=1e-12)
            assert path["s_W"].values[k, step] == pytest.approx(h * three, rel=1e-12)


@pytest.mark.parametrize(
    ("scheme", "changes"), [(W2S4(dt=0.1), {}), (W2S4(dt=0.1, increments=Octagon()), LARGER)], ids=str
)
def test_the_coarse_run_has_the_same_noise(scheme, changes):
    """Increments are sums of two fine ones, signs those of the first, through a cut pair of steps and two windows."""
    problem = compose(MODEL, scheme, **{**SCHEME, **changes})
    layout, ids = problem.layout, np.arange(1000, 1100, dtype=np.uint64)
    fine, coarse = Lanes(problem, ids), Lanes(problem, ids, ratio=2)
    for step in range(0, problem.steps[-1], 2):
        parts = []
        for k in (1, 2):
            fine.advance(step + k)
            parts.append([fine.complex_rows(layout.noise_rows(row)) for row in (layout.path, layout.signs)])
        coarse.advance(step + 2)
        path, signs = (coarse.complex_rows(layout.noise_rows(row)) for row in (layout.path, layout.signs))
        assert np.allclose(path, parts[0][0] + parts[1][0], rtol=1e-13, atol=1e-15)
        assert np.allclose(signs, math.sqrt(2) * parts[0][1], rtol=1e-13)


@pytest.mark.parametrize("cuts", [[42], [1, 2, 3, 31, 32, 33, 42], [5, 40, 42], range(2, 43, 2)], ids=str)
@pytest.mark.parametrize("ratio", [1, 2])
def test_it_does_not_matter_in_which_pieces_a_run_is_made(cuts, ratio):
    problem = compose(MODEL, W2S4(dt=0.1), **SCHEME)
    whole, parts = (Lanes(problem, np.arange(900, 1200, dtype=np.uint64), ratio) for _ in range(2))
    whole.advance(42)
    for cut in cuts:
        parts.advance(cut if ratio == 1 else cut // 2 * 2)
    assert np.array_equal(whole.buffers, parts.buffers)
    assert np.array_equal(whole.crossed, parts.crossed)


def test_a_buffer_that_is_filled_up_has_the_bits_of_a_full_one():
    problem = compose(MODEL, W2S4(dt=0.1), **SCHEME)
    full, few = (
        Lanes(problem, np.arange(512, 1024, dtype=np.uint64)),
        Lanes(problem, np.arange(512, 519, dtype=np.uint64)),
    )
    for lanes in (full, few):
        lanes.advance(40)
    rows = range(problem.layout.width)
    assert np.array_equal([full.row(k)[:7] for k in rows], [few.row(k) for k in rows])


def test_independent_is_what_it_was():
    plain = {name: value for name, value in OPTIONS.items() if name != "sampling"}
    default = simulate(MODEL, W2S4(dt=0.1), **plain)
    assert run(sampling=Independent()).dataset.identical(default.dataset)
    assert default.dataset.attrs["random_numbers"] == LAYOUT
    assert default.dataset.attrs["sampling"] == "Independent()"
    assert not {"replicates", "replicate_size", "codes_until"} & {*default.dataset.attrs}
    assert not any(str(name).endswith("_floor") for name in default.dataset)
    assert default.problem.replicate_size == 1
    assert default.problem.columns is None


def test_another_sampling_or_seed_is_another_ensemble(result):
    others = [run(seed=6), run(sampling=Balanced(block=2048), trajectories=16_384), run(sampling=Independent())]
    means = [r.dataset["x"].values[1] for r in (result, *others)]
    assert len(set(means)) == 4
