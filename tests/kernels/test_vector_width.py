"""How wide vectors are: timed once for a processor, without a trace in any bit."""

import numpy as np
import pytest

from sdeframe import simulate
from sdeframe.compiled import vectors
from sdeframe.integrators import W2S4
from sdeframe.kernels import lane_count as tuning
from sdeframe.kernels.time_loop import kernel_functions, kernel_source
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments
from sdeframe.running.compose import compose

MODEL = TavisCummings(atoms=10, photons=10.0)


def problem():
    return compose(
        MODEL, W2S4(dt=0.05), observers=[Moments(excited=MODEL.excited)], times=[0.5], trajectories=300, seed=1
    )


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path))
    return tmp_path / "kernels"


@pytest.fixture
def two_widths(monkeypatch):
    """A processor on which two widths can be told apart, which its code need not have."""
    monkeypatch.setattr(vectors, "widths", lambda: (0, 512))
    monkeypatch.setattr(tuning, "widths", lambda: (0, 512))


@pytest.fixture
def clock(monkeypatch):
    """A clock that only kernels move, by what is planted for their width; which were called is noted, in turn."""
    now, calls, seconds = [0.0], [], {}

    def functions(layout, step, bound, lanes, bits, *_):
        def advance(*arguments):
            calls.append((lanes, bits))
            now[0] += seconds.get(bits, 1.0)

        return {"advance": advance}

    monkeypatch.setattr(tuning, "kernel_functions", functions)
    monkeypatch.setattr(tuning, "perf_counter", lambda: now[0])
    return calls, seconds


def choose():
    p = problem()
    tuning.choose_width(64, p.layout, *p.programs, (0.05, *p.parameters))


@pytest.mark.parametrize("fast", [0, 512])
def test_the_fastest_is_stored_and_timed_once(cache, two_widths, clock, fast):
    calls, seconds = clock
    assert vectors.vector_width() == 512  # before anything is known
    seconds[fast] = 0.5
    choose()
    assert vectors.chosen_width() == vectors.vector_width() == fast
    assert calls == [(64, 0), (64, 512)] * tuning.ROUNDS
    calls.clear()
    choose()
    assert not calls


@pytest.mark.parametrize("content", ["", "256", "512.0", "__import__('os')"])
def test_a_file_that_names_no_width_is_no_choice(cache, two_widths, content):
    vectors.store_width(0)
    (file,) = cache.iterdir()
    file.write_text(content, encoding="utf-8")
    assert vectors.chosen_width() is None
    assert vectors.vector_width() == 512


def test_a_processor_with_one_width_times_nothing(cache, monkeypatch, clock):
    monkeypatch.setattr(vectors, "widths", lambda: (0,))
    monkeypatch.setattr(tuning, "widths", lambda: (0,))
    choose()
    assert not clock[0]
    assert vectors.vector_width() == 0


@pytest.mark.long
def test_a_long_run_chooses_and_a_short_one_does_not(monkeypatch):
    chosen = []
    monkeypatch.setattr(tuning, "choose_width", lambda *given: chosen.append(given))
    monkeypatch.setattr(tuning, "read_private_file", lambda *_: None)
    monkeypatch.setattr(tuning, "write_private_file", lambda *_: None)
    assert problem().lanes
    assert not chosen
    monkeypatch.setattr(tuning, "WORTHWHILE", 1)
    monkeypatch.setattr(tuning, "_fastest", lambda advances, *_: min(advances))
    assert problem().lanes
    assert len(chosen) == 1


def test_no_bit_depends_on_the_width(monkeypatch):
    runs = []
    for bits in dict.fromkeys((0, vectors.widths()[-1])):
        monkeypatch.setattr("sdeframe.kernels.time_loop.vector_width", lambda bits=bits: bits)
        kernel_functions.cache_clear()
        runs.append(
            simulate(
                MODEL, W2S4(dt=0.05), observers=[Moments(excited=MODEL.excited)], times=np.arange(1, 5) / 2,
                trajectories=300, seed=1, progress=False, step_error=True,
            )
        )  # fmt: skip
    kernel_functions.cache_clear()
    assert all(run.dataset.identical(runs[0].dataset) for run in runs)


def test_the_key_of_a_result_knows_no_width():
    p = problem()
    assert "vectors of" not in kernel_source(p.layout, *p.programs, 64)
