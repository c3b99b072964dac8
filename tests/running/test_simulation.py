"""The run as a whole: the same bits everywhere, losses, files, replay, step error, interrupts, bad input."""

import io
import math
import os
import pickle
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
    complex_noises,
    complex_variables,
    parameters,
    random_choice,
    random_complex_normal,
    random_normal,
    random_uniform,
    real_noises,
    real_variables,
    simulate,
)  # fmt: skip
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.interfaces.integrator import Integrator
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments, Runaways, Trajectories

MODEL = TavisCummings(atoms=10, photons=10.0)
TIMES = np.linspace(0.0, 4.0, 9)


def run(**changes):
    settings = {
        "observers": [
            Moments(excited=MODEL.excited, photon_number=MODEL.photon_number),
            Moments(bound=10.0, excited_low=MODEL.excited),
            Runaways(bound=10.0), Runaways(bound=1e3),
        ],
        "times": TIMES, "trajectories": 2_000, "seed": 7, "progress": False,
    }  # fmt: skip
    return simulate(MODEL, StochasticRK2(dt=0.0125), **{**settings, **changes})


@pytest.fixture(scope="module")
def result():
    return run()


@pytest.mark.parametrize(
    "changes", [{"threads": 1}, {"threads": 2, "block": 7}, {"block": 1000}, {"executor": ThreadPoolExecutor(3)}]
)
def test_the_bits_depend_on_problem_and_seed_alone(result, changes):
    assert run(**changes).dataset.identical(result.dataset)


def test_another_seed_gives_another_ensemble(result):
    assert not np.array_equal(run(seed=8).dataset["excited"], result.dataset["excited"])


def test_a_file_gives_back_what_was_written(result, tmp_path):
    path = tmp_path / "run.nc"
    result.save(path)
    loaded = sdeframe.load(path)
    assert loaded.dataset.identical(result.dataset)
    assert dict(loaded.dataset.attrs) == dict(result.dataset.attrs)
    assert loaded.runaway_time(0.005) == result.runaway_time(0.005)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="run simulate again to replay"):
        loaded.replay([0])


def test_one_definition_of_loss(result):
    ds = result.dataset
    lost = np.cumsum(ds["losses"].sel(bound=1e3).values)
    assert np.array_equal(ds["alive"], 2_000 - lost[np.rint(TIMES / 0.0125).astype(int)])
    assert np.array_equal(ds["remaining_1000"], ds["alive"] / 2_000)
    low = 1 - np.cumsum(ds["losses"].sel(bound=10.0).values)[np.rint(TIMES / 0.0125).astype(int)] / 2_000
    assert np.allclose(ds["remaining_10"], low, rtol=0, atol=1e-15)
    assert np.array_equal(ds["excited_low_alive"], np.rint(2_000 * ds["remaining_10"]))
    assert result.runaway_time(0.005, bound=10.0) < result.runaway_time(0.005) < 4.0
    step = round(result.runaway_time(0.005) / 0.0125)
    assert lost[step] >= 10 > lost[step - 1]
    assert math.isinf(result.runaway_time(1.0))


def test_replay_gives_the_bits_of_the_run():
    path = run(observers=[Trajectories([3, 1999], excited=MODEL.excited), Runaways()])
    replayed = path.replay([1999, 3], window=(0.5, 2.0))
    assert replayed.sizes == {"trajectory": 2, "time": 121, "step_time": 120}
    for i in (3, 1999):
        recorded = path.dataset["excited"].sel(trajectory=i)
        assert recorded[1] == replayed["rho_ee"].sel(trajectory=i)[0]
        assert recorded[4] == replayed["rho_ee"].sel(trajectory=i)[-1]
    assert np.abs(replayed["s_F"].values.real) == pytest.approx(math.sqrt(0.0125 / 2))


def test_lost_trajectories_keep_their_last_state_in_bounds():
    result = run(observers=[Runaways(bound=2.0), Trajectories(range(2_000), excited=MODEL.excited)])
    lost = np.flatnonzero(np.isnan(result.dataset["excited"].values[:, -1]))
    assert lost.size == 2_000 - result.dataset["alive"][-1]
    early = np.flatnonzero(np.isnan(result.dataset["excited"].values[:, -2]))  # lost by 3.5
    states = result.replay(early, window=(3.5, 4.0))["rho_ee"].values
    assert early.size
    assert (np.abs(states) <= 2.0).all()
    assert (states == states[:, :1]).all()


def test_who_starts_beyond_the_bound_is_lost_before_the_first_step():
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: -x}), initial={x: random_choice("c", [0.5, 3.0])})
    observers = [Runaways(bound=2.0), Moments(x=x)]
    ds = simulate(model, EulerMaruyama(dt=0.5), observers=observers, times=[0.0, 0.5], trajectories=100, seed=1).dataset
    count = int(ds["losses"].sel(bound=2.0, step=0))
    assert 20 < count < 80
    assert ds["alive"].values.tolist() == [100 - count] * 2
    assert ds["x"].values == pytest.approx([0.5, 0.25])


def test_a_state_that_is_not_finite_is_lost_without_a_bound():
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: x**3}), initial={x: 2})
    result = simulate(model, EulerMaruyama(dt=0.1), observers=[Moments(x=x)], times=[0.1, 5.0], trajectories=3, seed=1)
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


def test_random_initial_states_have_their_moments():
    """Each comparison is at 5 standard errors: false alarms below 6e-7."""
    x, y, c = real_variables("x y c")
    z, spread = complex_variables("z"), parameters("spread")
    g, u, n = random_complex_normal("g"), random_uniform("u"), random_normal("n")
    model = SymbolicModel(
        SDE(drift={x: 0, y: 0, c: 0, z: 0}),
        initial={x: 1 + spread * n, y: u, c: random_choice("k", [-1, 3], [0.75, 0.25]), z: g},
        parameters={spread: 2.0},
    )
    named = {
        "x": x,
        "xx": x**2,
        "y": y,
        "yy": y**2,
        "c": c,
        "cc": c**2,
        "z": z,
        "zz": z**2,
        "n": z * sp.conjugate(z),
        "xy": x * y,
    }
    ds = simulate(
        model, EulerMaruyama(dt=1.0), observers=[Moments(**named)], times=[0.0], trajectories=20_000, seed=2
    ).dataset.isel(time=0)
    expected = {"x": 1, "xx": 5, "y": 0.5, "yy": 1 / 3, "c": 0, "cc": 3, "z": 0, "zz": 0, "n": 1, "xy": 0.5}
    for name, value in expected.items():
        assert abs(ds[name].item().real - value) <= 5 * ds[f"{name}_se"].item(), name
        assert abs(ds[name].item().imag) <= 5 * ds[f"{name}_imag_se"].item(), name


def test_a_problem_pickles_without_its_compiled_code(result):
    assert pickle.loads(pickle.dumps(result.problem)).sde == result.problem.sde


def test_the_attributes_say_what_was_converted():
    z, W = complex_variables("z"), real_noises("W")
    kubo = SDE(drift={z: 0}, noise={z: sp.I * z * W}, interpretation="stratonovich")
    result = simulate(
        SymbolicModel(kubo, initial={z: 1}), EulerMaruyama(dt=0.1), observers=[Moments(z=z)],
        times=[1.0], trajectories=10, seed=1,
    )  # fmt: skip
    assert result.dataset.attrs["conversion"].startswith("stratonovich system converted to ito")


class Terminal(io.StringIO):
    """What a terminal is to a progress bar."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, True), (io.StringIO, False)])
def test_the_progress_bar_is_for_terminals(monkeypatch, stream, shown):
    screen = stream()
    monkeypatch.setattr("sys.stderr", screen)
    run(times=[0.5], progress=True)
    assert ("2.00k/2.00k" in screen.getvalue()) == shown


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
    import numpy as np, os, signal, threading, time
    from sdeframe import simulate
    from sdeframe.integrators import EulerMaruyama
    from sdeframe.models import OrnsteinUhlenbeck
    from sdeframe.observers import Moments
    model = OrnsteinUhlenbeck()
    def run(trajectories):
        return simulate(model, EulerMaruyama(dt=1e-3), observers=[Moments(**model.observables)], times=[1000.0],
                        trajectories=trajectories, seed=1)
    run_small = simulate(model, EulerMaruyama(dt=1e-3), observers=[Moments(**model.observables)], times=[1.0],
                         trajectories=10, seed=1)
    threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    begin = time.perf_counter()
    try:
        run(10_000_000)
    except KeyboardInterrupt:
        print("interrupted", time.perf_counter() - begin)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_an_interrupt_ends_a_long_run_promptly():
    out = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED)], capture_output=True, text=True, check=True, timeout=120
    ).stdout.split()
    assert out[0] == "interrupted"
    assert float(out[1]) < 10  # the run would have taken an hour


class OnlyReal(Integrator):
    """Takes real noises only."""

    strong_order, weak_order, interpretation = 0.5, 1.0, "ito"
    noise_kinds = frozenset({"real"})

    def step(self, f, x, t, dW):
        return x + dW.dt * f.drift(x, t)


def run_only_real():
    return simulate(MODEL, OnlyReal(dt=0.1), observers=EXCITED, times=[1.0], trajectories=1, seed=1)


q = sp.Symbol("q")
EXCITED = [Moments(excited=MODEL.excited)]

BAD = [
    (lambda: TavisCummings(atoms=0, photons=1.0), "atoms of TavisCummings=0: must be a positive integer"),
    (lambda: TavisCummings(atoms=-3, photons=1.0), "atoms of TavisCummings=-3"),
    (lambda: TavisCummings(atoms=2.5, photons=1.0), "atoms of TavisCummings=2.5"),
    (lambda: TavisCummings(atoms="ten", photons=1.0), "atoms of TavisCummings='ten'"),
    (lambda: TavisCummings(atoms=1, photons=-1.0), "photons of TavisCummings=-1.0: must be a finite"),
    (lambda: TavisCummings(atoms=1, photons=math.nan), "photons of TavisCummings=nan"),
    (lambda: TavisCummings(atoms=1, photons=math.inf), "photons of TavisCummings=inf"),
    (lambda: TavisCummings(atoms=1, photons=1.0, decay=-0.1), "decay of TavisCummings=-0.1"),
    (lambda: TavisCummings(atoms=1, photons=1.0, start="up"), "='up': must be 'ground' or 'excited'"),
    (lambda: TavisCummings(atoms=1, photons=1.0, form="A40"), "form of TavisCummings='A40': must be 'A46' or 'A39'"),
    (lambda: EulerMaruyama(dt=0), "dt=0 in EulerMaruyama: must be a positive finite number"),
    (lambda: EulerMaruyama(dt=-1e-3), "dt=-0.001 in EulerMaruyama"),
    (lambda: EulerMaruyama(dt=math.nan), "dt=nan in EulerMaruyama"),
    (lambda: EulerMaruyama(dt="small"), "dt='small' in EulerMaruyama"),
    (lambda: Runaways(bound=0), "bound=0 in Runaways: must be a positive number"),
    (lambda: Moments(bound=-1.0, x=MODEL.excited), "bound=-1.0 in Moments"),
    (lambda: Runaways(bound=1e200), "1e-150 to 1e150"),
    (lambda: Moments(), "no expression"),
    (lambda: Moments(x="rho_ee"), "x='rho_ee': must be a sympy expression"),
    (lambda: Moments(x=q, x_se=q), "'x_se' is written for 'x'"),
    (lambda: Moments(time=q), "time=...: is the name of a coordinate"),
    (lambda: run(times=[]), "times=[]: must be a plain list of at least one time"),
    (lambda: run(times=[1.0, 0.5]), "times hold 0.5 after 1: they must increase"),
    (lambda: run(times=[0.5, 0.5]), "times hold 0.5 after 0.5"),
    (lambda: run(times=[-1.0, 0.5]), "times begin at -1"),
    (lambda: run(times=[0.0, math.nan]), "times hold nan"),
    (lambda: run(times="soon"), "times='soon': must be increasing numbers"),
    (lambda: run(times=[0.0, 0.03]), "time 0.03 is not a multiple of 0.0125"),
    (lambda: run(times=[0.0, 0.01]), "dt=0.0125 is larger than the output spacing 0.01"),
    (lambda: run(times=[0.0, 0.0125], step_error=True), "twice that for step_error"),
    (lambda: run(trajectories=0), "trajectories=0: must be a positive integer"),
    (lambda: run(trajectories=1.5), "trajectories=1.5"),
    (lambda: run(seed=-1), "seed=-1: must be an integer from 0"),
    (lambda: run(threads=0), "threads=0: must be a positive integer"),
    (lambda: run(block=0), "block=0"),
    (lambda: run(threads=1, executor=ThreadPoolExecutor(1)), "give one of them"),
    (lambda: Trajectories([1.5], x=q), "trajectory_ids=(1.5,): must be at least one integer, each once"),
    (lambda: Trajectories([1, 1], x=q), "trajectory_ids=(1, 1)"),
    (lambda: run(executor="dask"), "executor='dask': must be a concurrent.futures Executor"),
    (lambda: run(observers=[]), "observers=[]: nothing would be recorded"),
    (lambda: run(observers=EXCITED[0]), "must be a list"),
    (lambda: run(observers=["moments"]), "observers hold 'moments'"),
    (lambda: run(observers=EXCITED * 2), "Moments writes 'excited', and so does Moments"),
    (lambda: run(observers=[Moments(alive=MODEL.excited)]), "'alive', and so does the run itself"),
    (lambda: run(observers=[Moments(q=q)]), "Moments expression q: q has no value here"),
    (lambda: run(observers=[Moments(q=sp.gamma(MODEL.excited))]), "gamma in gamma(rho_ee) is not supported"),
    (lambda: run(observers=[Trajectories([2_000], e=MODEL.excited)]), "trajectory 2000: the run has"),
    (lambda: run(observers=[Trajectories([i], **{f"e{i}": MODEL.excited}) for i in (0, 1)]), "use one observer"),
    (lambda: run(gauge="identity"), "gauge='identity': must be an object of class Gauge"),
    (lambda: run_only_real(), "OnlyReal takes real noises only, but F of TavisCummings is complex"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_named_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bad_models_are_named():
    x, W, F, k = real_variables("x"), real_noises("W"), complex_noises("F"), parameters("k", positive=True)
    sde = SDE(drift={x: -k * x}, noise={x: W})
    cases = [
        (SymbolicModel(sde, initial={}, parameters={k: 1}), "variable x has no initial value"),
        (SymbolicModel(sde, initial={x: 0}), "parameter k has no value"),
        (SymbolicModel(sde, initial={x: 0}, parameters={k: -1}), "parameter k=-1: must be positive"),
        (SymbolicModel(sde, initial={x: 0}, parameters={k: "one"}), "parameter k='one': must be a real number"),
        (SymbolicModel(sde, initial={x: sp.I}, parameters={k: 1}), "of the real variable x is not real"),
        (SymbolicModel(sde, initial={x: sp.sqrt(-k)}, parameters={k: 1}), "of the real variable x is not real"),
        (SymbolicModel(sde, initial={x: sp.sqrt(random_normal("a"))}, parameters={k: 1}), "x is not real: take re"),
        (SymbolicModel(sde, initial={x: math.nan}, parameters={k: 1}), "initial value of x is nan: give finite"),
        (SymbolicModel(sde, initial={x: 1 / (k - 1)}, parameters={k: 1}), "of x is zoo: must be finite"),
        (SymbolicModel(sde, initial={x: random_normal("k")}, parameters={k: 1}), "another symbol has this name"),
        (
            SymbolicModel(sde, initial={x: random_normal("a") + random_uniform("a")}, parameters={k: 1}),
            "another symbol",
        ),
        (SymbolicModel(sde, initial={x: 0}, parameters={k: 1}, initial_log_weight=5), "initial value of C0"),
        (SymbolicModel(sde, initial={x: F}, parameters={k: 1}), "initial value of x holds F"),
        (SymbolicModel(sde, initial={x: "0"}, parameters={k: 1}), "give a number or an expression"),
        (SymbolicModel(sde, initial={x: 0, q: 1}, parameters={k: 1}), "initial value of q: the system has no such"),
        (SymbolicModel(sde, initial={x: 0}, parameters={k: 1}, runaway_variables=(q,)), "runaway variable q"),
    ]
    for model, message in cases:
        with pytest.raises((ValueError, TypeError), match=message):
            simulate(model, EulerMaruyama(dt=0.1), observers=[Moments(x=x)], times=[1.0], trajectories=1, seed=1)


def test_files_are_refused_with_a_reason(result, tmp_path):
    with pytest.raises(ValueError, match="cannot write to its folder"):
        result.save(tmp_path / "missing" / "run.nc")
    with pytest.raises(ValueError, match="is a folder"):
        result.save(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        sdeframe.load(tmp_path / "none.nc")
    text = tmp_path / "text.nc"
    text.write_text("no file of this kind", encoding="utf-8")
    with pytest.raises(ValueError, match="is no result file of sdeframe"):
        sdeframe.load(text)
    result.dataset.drop_vars(["excited", "photon_number", "excited_low"]).assign_attrs(sdeframe_format="x").to_netcdf(
        tmp_path / "other.nc", engine="h5netcdf"
    )
    with pytest.raises(ValueError, match="its format is not"):
        sdeframe.load(tmp_path / "other.nc")


@pytest.mark.parametrize(("share", "bound", "message"), [(0, None, "share=0"), (0.1, 5.0, "recorded are 10, 1000")])
def test_what_was_not_recorded_has_no_loss_time(result, share, bound, message):
    with pytest.raises(ValueError, match=message):
        result.runaway_time(share, bound)


@pytest.mark.parametrize(
    ("ids", "window", "message"),
    [([5_000], None, "trajectory 5000"), ([0.5], None, "integers"), ([0], (3, 9), "window")],
)
def test_a_replay_outside_the_run_is_refused(result, ids, window, message):
    with pytest.raises(ValueError, match=message):
        result.replay(ids, window)
