"""Correlations from whole trajectories in plain numpy: values, errors, who counts, windows, and what is refused."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    Poles,
    SymbolicModel,
    TargetError,
    complex_noises,
    complex_variables,
    conformance,
    random_normal,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe.integrators import W2S4, EulerMaruyama, StochasticRK2
from sdeframe.observers import Correlation, Moments, Trajectories
from sdeframe.sampling import Balanced

x, y, W, V = *real_variables("x y"), *real_noises("W V")
z, F = complex_variables("z"), complex_noises("F")
LINEAR = SymbolicModel(SDE({x: -x + y / 2, y: -y / 3 + sp.Rational(1, 5)}, {x: W, y: V + W / 2}), {x: 1, y: 1})
RUNAWAY = SymbolicModel(
    SDE({x: x**3 / 4 - x, y: -y}, {x: W, y: V}), {x: 1, y: 1}, poles=Poles(scale=1.0, strongest=(x,))
)
N, TIMES = 240, np.linspace(0, 2, 9)
PAIRS = {"A": (x + sp.I * y, x - 2 * sp.I * y), "B": (x**2 + 1, 2 + y)}


def run(observers, model=LINEAR, **options):
    options = {"integrator": EulerMaruyama(dt=1 / 32), "times": TIMES, "trajectories": N} | options
    return simulate(model, observers=observers, seed=4, progress=False, **options)


@pytest.fixture(scope="module")
def paths():
    """Return x and y of every trajectory at the output times, shape (n, times)."""
    found = run([Trajectories(range(N), x=x, y=y)]).dataset
    return found["x"].values, found["y"].values


def twin(E0, L0, E, L, both):
    """Return the correlation and the normalised one with errors, from samples of shape (n,)."""
    G = (E0 * L).mean()
    D0, D1 = (E0 * L0, E * L) if both else (E0, L)
    return G, error(E0 * L), *normalised(E0 * L, D0, D1, both)


def normalised(G, D0, D1, both):
    """Return the normalised correlation with its error, to first order in means of samples of shape (n,)."""
    d0, d1 = D0 / D0.mean(), D1 / D1.mean()
    below = D0.mean() * (np.sqrt(np.abs(D1.mean() / D0.mean())) if both else D1.mean())
    R = G.mean() / below
    slope = G / below - R * (d0 + (d1.real - d0.real) / 2 if both else d0 + d1)  # up to a constant
    return R, error(slope)


def error(samples):
    root = np.sqrt(len(samples))
    return samples.real.std(ddof=1) / root + 1j * np.asarray(samples).imag.std(ddof=1) / root


def told(ds, name, **at):
    """Return a correlation, its errors, the normalised one, its errors."""
    found = ds.sel(**at)
    return [
        x
        for key in (name, f"{name}_normalised")
        for x in (complex(found[key]), complex(found[f"{key}_se"], found[f"{key}_imag_se"]))
    ]


def both_values(X, Y):
    return {"A": (X + 1j * Y, X - 2j * Y), "B": (X**2 + 1, 2 + Y)}


@pytest.mark.parametrize("name", PAIRS)
def test_values_and_errors_from_whole_trajectories(paths, name):
    ds = run([Correlation(start=[0.5, 1.0], **PAIRS)]).dataset
    assert ds[name].dims == ("start", "delay")
    E, L = both_values(*paths)[name]
    for i, start in ((2, 0.5), (4, 1.0)):
        for k in range(1, 9 - i):
            expected = twin(E[:, i], L[:, i], E[:, i + k], L[:, i + k], name == "A")
            assert np.allclose(told(ds, name, start=start, delay=k / 4), expected, rtol=1e-9, atol=1e-12)
    assert np.isnan(ds[name].sel(start=1.0).values[-2:]).all()
    assert "untold" not in ds[f"{name}_normalised"].attrs


@pytest.mark.parametrize("name", PAIRS)
def test_a_window_averages_each_trajectory_first(paths, name):
    ds = run([Correlation(window=(0.5, 1.0), **PAIRS)]).dataset
    assert ds[name].dims == ("delay",)
    assert np.array_equal(ds["delay"], np.arange(5) / 4)
    E, L = both_values(*paths)[name]
    amplitudes = name == "A"
    for k in range(5):
        starts, ends = slice(2, 5), slice(2 + k, 5 + k)
        G = (E[:, starts] * L[:, ends]).mean(axis=1)
        D0, D1 = ((E * L if amplitudes else of)[:, at].mean(axis=1) for of, at in ((E, starts), (L, ends)))
        expected = [G.mean(), error(G), *normalised(G, D0, D1, amplitudes)]
        assert np.allclose(told(ds, name, delay=k / 4), expected, rtol=1e-9, atol=1e-8)


def test_one_start_has_no_dimension_of_its_own():
    ds = run([Correlation(start=0.5, c=(x, x)), Moments(m=x)]).dataset
    many = run([Correlation(start=[0.5], c=(x, x))]).dataset
    assert ds["c"].dims == ("delay",)
    assert ds["c"].identical(many["c"].isel(start=0, drop=True))
    assert np.allclose(ds["delay"], TIMES[2:] - 0.5)


def test_delays_are_written_as_numbers_are():
    ds = run([Correlation(start=0.7, c=(x, x))], times=np.arange(12) / 10, integrator=EulerMaruyama(dt=0.1)).dataset
    assert ds["delay"].values.tolist() == [0.0, 0.1, 0.2, 0.3, 0.4]


def test_who_is_lost_up_to_the_later_time_does_not_count():
    """Values at t₀ are those of the trajectories that live at t₀ + τ."""
    options = {"model": RUNAWAY, "integrator": StochasticRK2(dt=1 / 32)}
    result = run([Correlation(start=0.5, bound=12.0, c=(x, y + 3))], **options)
    ds = result.dataset
    path = run([Trajectories(range(N), x=x, y=y), Correlation(start=0.5, bound=12.0, c=(x, y + 3))], **options).dataset
    X, Y = path["x"].values, path["y"].values
    alive = ~np.isnan(X)
    assert 0.05 * N < N - alive[:, -1].sum() < 0.8 * N
    for k in range(7):
        lives = alive[:, 2 + k]
        expected = (X[lives, 2] * (Y[lives, 2 + k] + 3)).mean()
        assert np.allclose(ds["c"].values[k], expected, rtol=1e-9)
    assert 0 < float(ds["c_horizon"]) < 2.0


@pytest.mark.filterwarnings("ignore:.*left the range of numbers")
def test_the_lost_overflow_without_a_word():
    unbounded = SymbolicModel(SDE({x: x**3 - x}, {x: W}), {x: 1})
    ds = run([Correlation(window=(0.5, 1.0), c=(x**4, x**4))], model=unbounded).dataset
    assert 0 < ds["alive"].values[-1] < N


def test_step_errors_are_those_of_the_coarse_run():
    ds = run([Correlation(start=0.5, c=(x, y))], step_error=True).dataset
    coarse = run([Correlation(start=0.5, c=(x, y))], integrator=EulerMaruyama(dt=1 / 16)).dataset
    assert np.isfinite(ds["c_normalised_step_error_se"]).all()
    assert np.allclose(ds["c_extrapolated"], ds["c"] - ds["c_step_error"])
    assert not np.allclose(ds["c_step_error"], 0)
    assert set(coarse.data_vars) < set(ds.data_vars)


@pytest.mark.parametrize(
    ("when", "model"),
    [({"start": [0.25, 1.0]}, LINEAR), ({"window": (0.25, 1.0)}, RUNAWAY)],
    ids=["several starts", "window with poles"],
)
def test_the_law_of_observers(when, model):
    conformance.check_observer(Correlation(**when, **PAIRS), model, EulerMaruyama(dt=1 / 32), TIMES)


def test_folded_blocks_give_the_same_bits():
    """Blocks that buffers divide are summed in compiled code."""
    found = [
        run(
            [Correlation(window=(0.25, 1.0), **PAIRS), *([Trajectories([1], x=x)] * alone)],
            model=RUNAWAY,
            trajectories=4096,
            block=block,
        ).dataset
        for block, alone in ((4096, False), (2048, True), (1000, False))
    ]
    assert found[0].identical(found[1].drop_vars(["x", "trajectory"]))
    assert found[0].identical(found[2])


def test_tied_trajectories_have_errors_of_replicates():
    tied = {"sampling": Balanced(block=256), "trajectories": 256 * 16}
    ds = run([Correlation(start=0.5, **PAIRS)], integrator=W2S4(dt=1 / 16), **tied).dataset
    plain = run([Correlation(start=0.5, **PAIRS)], integrator=W2S4(dt=1 / 16), trajectories=256 * 16).dataset
    for name in ("A", "B_normalised"):
        assert f"{name}_floor" in ds
        assert (ds[f"{name}_se"].values[1:] < 2 * plain[f"{name}_se"].values[1:]).all()
        off = np.abs(ds[name] - plain[name]) / np.hypot(ds[f"{name}_se"], plain[f"{name}_se"])
        assert off.values[1:].max() < 6


def test_what_divides_must_be_away_from_zero():
    """<z> of thermal light is zero: no infinite bar, not a number, with its reason."""
    thermal = SymbolicModel(SDE({z: -z / 2}, {z: F / sp.sqrt(2)}), {z: 0})
    ds = run([Correlation(start=1.0, zero=(z**2, z), n=(sp.conjugate(z), z))], model=thermal).dataset
    assert np.isnan(ds["zero_normalised"]).all()
    assert np.isnan(ds["zero_normalised_se"]).all()
    assert ds["zero_normalised"].attrs["untold"].startswith("not a number at 5 of 5 delays, where what divides lies")
    assert np.isfinite(ds["zero"]).all()
    assert complex(ds["n_normalised"][0]) == pytest.approx(1)


def test_the_sign_of_a_normalised_correlation_does_not_jump():
    """<zz> turns by -4 a unit of time: a root of <zz>(t)/<zz>(t0) that is cut would change its sign on the way."""
    turning = SymbolicModel(SDE({z: -2 * sp.I * z}, {z: 0}), {z: 1 + random_normal("u") / 20})
    ds = run([Correlation(start=0.0, c=(z, z))], model=turning, integrator=StochasticRK2(dt=1 / 64)).dataset
    assert np.allclose(ds["c_normalised"], np.exp(-2j * TIMES), atol=2e-3)


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"start": 1.0}, ValueError, "has no expression"),
        ({"g": (x, x)}, ValueError, "start=None, window=None in Correlation: give one of them"),
        ({"start": 1.0, "window": (1, 2), "g": (x, x)}, ValueError, "give one of them"),
        ({"start": -1.0, "g": (x, x)}, ValueError, "start=-1.0 in Correlation: must be an output time"),
        (
            {"window": (2.0, 1.0), "g": (x, x)},
            ValueError,
            "window=.* must be its first and its last time",
        ),
        ({"start": 1.0, "g": x}, TypeError, "must be a pair"),
        ({"start": 1.0, "g": (x, "x")}, TypeError, "must be a sympy expression"),
        ({"start": 1.0, "g": (x, x), "g_normalised": (x, x)}, ValueError, "is written for"),
        ({"start": 1.0, "delay": (x, x)}, ValueError, "'delay' is written for all names"),
        ({"start": 1.0, "bound": 0, "g": (x, x)}, ValueError, "bound=0 in Correlation: must be a positive number"),
    ],
)
def test_refusals(arguments, error, match):
    with pytest.raises(error, match=match):
        Correlation(**arguments)


@pytest.mark.parametrize(
    ("observer", "times", "match"),
    [
        (Correlation(start=0.3, g=(x, x)), TIMES, "start=0.3 .*is no output time of this run; the nearest one is 0.25"),
        (Correlation(window=(0.3, 0.4), g=(x, x)), TIMES, "holds 0 of the run's output times"),
        (Correlation(window=(0, 9), g=(x, x)), TIMES, "output times within it go from 0 to 2 only"),
        (Correlation(window=(0.5, 2), g=(x, x)), TIMES, "ends with the last output time, so that nothing comes after"),
        (Correlation(start=[0.5, 0.5], g=(x, x)), TIMES, "two of these are one output time"),
        (Correlation(start=[0.5, 0.5 + 1e-12], g=(x, x)), TIMES, "two of these are one output time; give each once"),
        (Correlation(start=[0.25, 0.5], g=(x, x)), [0.25, 0.5, 1.0], "do not come at the same delays"),
        (Correlation(start=0.5, g=(z, x)), TIMES, "z"),
    ],
)
def test_what_does_not_fit_a_run(observer, times, match):
    with pytest.raises(ValueError, match=match):
        run([observer], times=times)


def test_different_delays_in_one_run_are_refused_before_it():
    with pytest.raises(ValueError, match="Correlation writes over other values of 'delay' than an observer before it"):
        run([Correlation(start=0.5, g=(x, x)), Correlation(start=1.0, h=(x, x))])
    run([Correlation(start=0.5, g=(x, x)), Correlation(start=0.5, h=(x, y))], trajectories=8)


def test_a_run_ends_once_errors_of_correlations_are_small_enough():
    ds = run([Correlation(start=0.5, g=(x, x))], until=TargetError(g=0.05), trajectories=20_000).dataset
    assert ds.attrs["trajectories"] < 20_000
    assert ds.g_se.max() <= 0.05


def test_weighted_runs_are_refused():
    weighted = SymbolicModel(SDE({x: -x}, {x: W}, log_weight=(-sp.Rational(1, 8), W / 2)), {x: 0})
    with pytest.raises(ValueError, match=r"Correlation: this run has a weight .* run it without a gauge"):
        run([Correlation(start=0.5, g=(x, x))], model=weighted)
