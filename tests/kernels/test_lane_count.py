"""The lane count: timed for long runs alone, stored once, never trusted blindly, and without a trace in any bit."""

import pickle
from concurrent.futures import Executor, Future

import numpy as np
import pytest

from sdeframe import simulate
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama, StochasticRK2
from sdeframe.interfaces.gauge import Identity
from sdeframe.kernels import lane_count as tuning
from sdeframe.kernels.lane_count import lane_count
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments, Runaways
from sdeframe.running.block import Lanes
from sdeframe.running.compose import compose

MODEL = OrnsteinUhlenbeck()
LONG = tuning.WORTHWHILE // 10
"""Trajectories that make ten steps worth a timing."""


def problem(trajectories=LONG, integrator=None, model=MODEL):
    return compose(
        model, integrator or EulerMaruyama(dt=0.1), observers=[Runaways()], times=[1.0], trajectories=trajectories,
        seed=1,
    )  # fmt: skip


GUESS = lane_count(problem().layout.rows)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path))
    return tmp_path / "kernels"


@pytest.fixture
def timed(monkeypatch, cache):
    """A clock that only kernels move: by 1 s, at the lane count in "fast" by 0.1 s, but there by 20 s in two rounds.

    These are the first and the last. Which kernels were called is noted, in turn.
    """
    now, calls, fast = [0.0], [], {}

    def functions(layout, step, tested, lanes, *_):
        def advance(*arguments):
            calls.append(lanes)
            disturbed = calls.count(lanes) % tuning.ROUNDS < 2
            now[0] += (20.0 if disturbed else 0.1) if lanes == fast.get("lanes") else 1.0

        return {"advance": advance}

    monkeypatch.setattr(tuning, "kernel_functions", functions)
    monkeypatch.setattr(tuning, "choose_width", lambda *_: None)
    monkeypatch.setattr(tuning, "perf_counter", lambda: now[0])
    return calls, fast


@pytest.mark.parametrize("fast", [GUESS // 2, GUESS])
def test_the_fastest_candidate_is_chosen_and_stored(timed, cache, fast):
    calls, planted = timed
    planted["lanes"] = fast
    assert problem().lanes == fast
    assert calls == [GUESS // 2, GUESS] * tuning.ROUNDS  # in turn; twice the guess would be more than 256
    (file,) = cache.iterdir()
    assert file.read_text() == str(fast)
    calls.clear()
    assert problem().lanes == problem(trajectories=1).lanes == fast
    assert not calls  # once for a program


def test_twice_the_guess_is_a_candidate_of_larger_programs(timed):
    calls, planted = timed
    large = problem(model=TavisCummings(atoms=10, photons=1.0))
    guess = lane_count(large.layout.rows)
    planted["lanes"] = 2 * guess
    assert large.lanes == 2 * guess
    assert set(calls) == {guess // 2, guess, 2 * guess}


def test_every_program_has_its_own_choice(timed, cache):
    calls, planted = timed
    planted["lanes"] = GUESS // 2
    assert problem().lanes == GUESS // 2
    assert problem(trajectories=1, integrator=W2S4(dt=0.1)).lanes == GUESS
    calls.clear()
    assert problem(integrator=W2S4(dt=0.1)).lanes == GUESS // 2
    assert calls
    assert len(list(cache.iterdir())) == 2


def test_a_short_run_times_nothing_and_writes_nothing(timed, cache):
    assert problem(trajectories=LONG - 1).lanes == GUESS
    assert not timed[0]
    assert not list(cache.iterdir())


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"0", b"-128", b"8", b"512", b"128.0", b"__import__('os')"])
def test_a_file_that_names_no_candidate_costs_a_timing_alone(timed, cache, content):
    calls, planted = timed
    planted["lanes"] = GUESS // 2
    assert problem().lanes == GUESS // 2
    (file,) = cache.iterdir()
    file.write_bytes(content)
    assert problem(trajectories=1).lanes == GUESS
    calls.clear()
    assert problem().lanes == GUESS // 2
    assert calls
    assert file.read_text() == str(GUESS // 2)


@pytest.mark.parametrize("obstacle", ["file", "shared", "directory"])
def test_a_folder_that_cannot_be_used_costs_a_timing_alone(timed, cache, obstacle):
    calls, planted = timed
    planted["lanes"] = GUESS // 2
    assert problem().lanes == GUESS // 2
    (file,) = cache.iterdir()
    if obstacle == "shared":  # a foreign choice: others could have written it
        cache.chmod(0o755)
    else:
        file.unlink()
    if obstacle == "file":
        cache.rmdir()
        cache.write_text("no folder", encoding="utf-8")
    elif obstacle == "directory":
        file.mkdir()
    calls.clear()
    assert problem(trajectories=1).lanes == GUESS
    assert not calls
    assert problem().lanes == problem().lanes == GUESS // 2
    assert len(calls) == 2 * 2 * tuning.ROUNDS


def test_the_choice_travels_with_the_problem(timed, cache):
    calls, planted = timed
    planted["lanes"] = GUESS // 2
    chosen = problem()
    assert chosen.lanes == GUESS // 2
    (file,) = cache.iterdir()
    file.unlink()
    calls.clear()
    assert pickle.loads(pickle.dumps(chosen)).lanes == GUESS // 2
    assert not calls


class OtherProcess(Executor):
    """Hands over what a worker process would get, and runs it here."""

    def submit(self, function, /, *arguments):
        future = Future()
        future.set_result(function(*pickle.loads(pickle.dumps(arguments))))
        return future


def test_no_bit_depends_on_the_choice_and_workers_time_nothing(monkeypatch):
    """Only the choice is planted. Nothing is stored or found, so that a worker without it would have to time again."""
    model, timings = TavisCummings(atoms=10, photons=10.0), []

    def run(**changes):
        return simulate(
            model, EulerMaruyama(dt=0.02), observers=[Moments(excited=model.excited, bound=10.0), Runaways(bound=20.0)],
            times=np.linspace(0.0, 4.0, 3), trajectories=300, seed=7, progress=False, **changes,
        )  # fmt: skip

    monkeypatch.setattr(tuning, "read_private_file", lambda *_: None)
    monkeypatch.setattr(tuning, "write_private_file", lambda *_: None)
    reference = run(threads=1)
    assert reference.dataset["alive"][-1] < 300
    monkeypatch.setattr(tuning, "WORTHWHILE", 1)
    monkeypatch.setattr(tuning, "choose_width", lambda *_: None)
    for lanes in (reference.problem.lanes // 2, 2 * reference.problem.lanes):
        monkeypatch.setattr(tuning, "_fastest", lambda *given, lanes=lanes: timings.append(given) or lanes)
        result = run(executor=OtherProcess(), block=100)
        assert result.problem.lanes == lanes
        _, layout, parameters = timings.pop()
        assert (layout, parameters) == (result.problem.layout, (0.02, *result.problem.parameters))
        assert not timings
        assert result.dataset.identical(reference.dataset)


@pytest.mark.parametrize(
    ("integrator", "gauge"), [(StochasticRK2(dt=0.01), QuarticDrift()), (W2S4(dt=0.01), Identity())]
)
def test_what_is_timed_is_the_work_of_a_run(monkeypatch, integrator, gauge):
    """Signs and a weight, then bits: the buffers are those of a run, noise and step are made, nobody passes a bound."""
    model = TavisCummings(atoms=10, photons=1.0)
    run = compose(model, integrator, gauge=gauge, observers=[Runaways()], times=[1.0], trajectories=64, seed=1)
    monkeypatch.setattr(tuning, "UPDATES", 64 * run.lanes)
    arguments = tuning._arguments(run.lanes, run.layout, (0.01, *run.parameters))
    real = Lanes(run, np.arange(run.lanes, dtype=np.uint64))
    for made, used in zip(arguments, (real.buffers, real.words, real.ids, real.crossed, real.reason), strict=False):
        assert (made.shape, made.dtype) == (used.shape, used.dtype)
    assert np.array_equal(arguments[5], real.parameters)
    run.advance(*arguments)
    rows, layout = arguments[0].reshape(run.layout.rows, -1), run.layout
    assert np.all(rows[: layout.width] == 0.5)  # the state
    assert np.all(np.ptp(rows[layout.width : layout.path], axis=1) > 0)  # the next state
    assert np.all(np.isfinite(rows[: layout.path]))
    assert np.all(np.ptp(rows[layout.path : layout.signs + layout.sign_count], axis=1) > 0)  # the noises
    assert not np.any(arguments[3])
    assert not np.any(arguments[4])
