"""The run as a whole: the same bits everywhere, who is lost, step error, progress, interrupts."""

import io
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sympy as sp

import sdeframe
from sdeframe import (
    SDE,
    SymbolicModel,
    parameters,
    random_choice,
    real_noises,
    real_variables,
    simulate,
)  # fmt: skip
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, Runaways, Trajectories
from tests.support.screens import Terminal
from tests.support.small_run import MODEL, run


@pytest.mark.parametrize(
    "changes", [{"threads": 1}, {"threads": 2, "block": 7}, {"block": 1000}, {"executor": ThreadPoolExecutor(3)}]
)
def test_the_bits_depend_on_problem_and_seed_alone(result, changes):
    assert run(**changes).dataset.identical(result.dataset)


def test_another_seed_gives_another_ensemble(result):
    assert not np.array_equal(run(seed=8).dataset["excited"], result.dataset["excited"])


def test_lost_trajectories_keep_their_last_state_in_bounds():
    result = run(observers=[Runaways(bound=2.0), Trajectories(range(2_000), excited=MODEL.excited)])
    lost = np.flatnonzero(np.isnan(result.dataset["excited"].values[:, -1]))
    assert lost.size == 2_000 - result.dataset["alive"][-1]
    early = np.flatnonzero(np.isnan(result.dataset["excited"].values[:, -2]))  # lost by 3.5
    replayed = result.replay(early, window=(3.5, 4.0))
    states = replayed["rho_ee"].values
    assert early.size
    assert not replayed["alive"].any()
    assert (np.abs(states) <= 2.0).all()
    assert (states == states[:, :1]).all()


def test_a_replay_marks_the_states_that_lost_trajectories_keep():
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: x}), initial={x: random_choice("c", [1.0, 3.0])})
    result = simulate(
        model, EulerMaruyama(dt=0.5), observers=[Runaways(bound=4.0), Trajectories(range(20), start=x)],
        times=[0.0, 2.0], trajectories=20, seed=1, progress=False,
    )  # fmt: skip
    starts = result.dataset["start"].values[:, 0].real
    replayed = result.replay(range(20))  # 3 passes 4 at the first step, 1 at the fourth: 1.5, 2.25, 3.375, 5.0625
    known = {1.0: [True, True, True, True, False], 3.0: [True, False, False, False, False]}
    assert set(starts) == set(known)
    assert replayed["alive"].dims == ("trajectory", "time")
    assert replayed["alive"].values.tolist() == [known[start] for start in starts]
    assert (replayed["x"].values[:, 2:][starts == 3.0] == replayed["x"].values[:, 1:2][starts == 3.0]).all()


def test_an_infinite_part_of_an_expression_leaves_the_other_one_as_it_is():
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: -x}), initial={x: 0.0})
    path = simulate(
        model, EulerMaruyama(dt=0.5), observers=[Trajectories([0], z=2 + sp.I * sp.exp(1000 + x))], times=[0.5],
        trajectories=1, seed=1, progress=False,
    ).dataset["z"].item()  # fmt: skip
    assert (path.real, path.imag) == (2.0, np.inf)


def test_who_starts_beyond_the_bound_is_lost_before_the_first_step():
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: -x}), initial={x: random_choice("c", [0.5, 3.0])})
    observers = [Runaways(bound=2.0), Moments(x=x)]
    result = simulate(model, EulerMaruyama(dt=0.5), observers=observers, times=[0.0, 0.5], trajectories=100, seed=1)
    ds, count = result.dataset, int(result.losses["losses"].sel(bound=2.0, step=0))
    assert 20 < count < 80
    assert ds["alive"].values.tolist() == [100 - count] * 2
    assert ds["x"].values == pytest.approx([0.5, 0.25])


@pytest.mark.filterwarnings("ignore:dt=0.1 is too large")
def test_a_state_that_is_not_finite_is_lost_without_a_bound():
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: x**3}), initial={x: 2})
    with pytest.warns(UserWarning, match="3 of 3 trajectories left the range"):
        result = simulate(
            model, EulerMaruyama(dt=0.1), observers=[Moments(x=x)], times=[0.1, 5.0], trajectories=3, seed=1
        )
    assert result.dataset["alive"].values.tolist() == [3, 0]
    assert result.dataset["x"][0] == pytest.approx(2.8)
    assert np.isnan(result.dataset["x"][1])


def test_the_step_error_tells_the_distance_from_the_limit():
    model = OrnsteinUhlenbeck(start=1.0)
    result = simulate(
        model, EulerMaruyama(dt=0.05), observers=[Moments(**model.observables)],
        times=[1.0], trajectories=2_000, seed=3, step_error=True, progress=False,
    )  # fmt: skip
    ds = result.dataset
    # (1 - h)^(1/h) for both steps, whose noise is common: the estimate is (m_2h - m_h), the truth e^-1 - (1 - h)^20
    assert ds["x_step_error"].item().real == pytest.approx(0.9**10 - 0.95**20, abs=5 * ds["x_step_error_se"].item())
    assert ds["x_step_error_se"].item() < 0.2 * ds["x_se"].item()
    assert ds.attrs["step_error"] == "yes"


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, True), (io.StringIO, False)])
def test_the_progress_bar_is_for_terminals(monkeypatch, stream, shown):
    screen = stream()
    monkeypatch.setattr("sys.stderr", screen)
    run(times=[0.5], progress=True)
    assert ("2.00k/2.00k" in screen.getvalue()) == shown


@pytest.mark.long
def test_a_weighted_system_carries_its_log_weight():
    """dC0 = -g²/2 dt + g dW makes <Ω> = 1 and <Ω x> = g t; 5 standard errors, false alarms below 6e-7."""
    x, W, strength = real_variables("x"), real_noises("W"), parameters("strength")
    sde = SDE(drift={x: 0}, noise={x: W}, log_weight=(-(strength**2) / 2, strength * W))
    model = SymbolicModel(sde, initial={x: 0}, parameters={strength: 0.5}, initial_log_weight=sp.log(2))
    omega = sp.exp(sdeframe.log_weight)
    ds = simulate(
        model,
        EulerMaruyama(dt=0.1),
        observers=[Moments(weight=omega, x=x * omega)],
        times=[1.0],
        trajectories=20_000,
        seed=1,
    ).dataset.isel(time=0)
    assert abs(ds["weight"].item() - 2) <= 5 * ds["weight_se"].item()
    assert abs(ds["x"].item() - 1) <= 5 * ds["x_se"].item()


@pytest.mark.long
def test_a_cache_that_cannot_be_used_costs_time_alone(tmp_path):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    script = (
        "from sdeframe import simulate; from sdeframe.models import OrnsteinUhlenbeck as M;"
        "from sdeframe.integrators import EulerMaruyama as E; from sdeframe.observers import Moments;"
        "m = M(); o = [Moments(**m.observables)];"
        "simulate(m, E(dt=0.1), observers=o, times=[1.0], trajectories=9, seed=1)"
    )
    environment = {**os.environ, "SDEFRAME_CACHE_DIR": str(tmp_path / "file")}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True)


INTERRUPTED = """
    import os, signal, threading
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is started without it
    import xarray as xr
    from sdeframe import simulate
    from sdeframe.integrators import EulerMaruyama
    from sdeframe.interfaces import Observer
    from sdeframe.models import OrnsteinUhlenbeck
    begun = threading.Event()
    class Begun(Observer):
        def start(self, ensemble):
            return 0
        def update(self, record, snapshot):
            begun.set()
        def finish(self, record):
            return xr.Dataset()
    def interrupt():
        begun.wait()
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        simulate(OrnsteinUhlenbeck(), EulerMaruyama(dt=1e-3), observers=[Begun()], times=[0.0, 1000.0],
                 trajectories=10_000_000, seed=1)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_an_interrupt_ends_a_long_run_promptly():
    """The interrupt comes when the first block runs; the run would take an hour, the process may take two minutes."""
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED)]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert out == "interrupted\n"
