"""Spectra of runs: against sums over single trajectories, and the laws that hold exactly."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, complex_noises, complex_variables, random_normal, real_variables, simulate
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments, Spectrum, TimeAverage, Trajectories, WeightedMoments
from sdeframe.observers.spectra.transforms import frequencies, taper_of
from sdeframe.sampling import Balanced

z, y = complex_variables("z y")
F = complex_noises("F")
DETUNED = SymbolicModel(
    SDE(drift={z: -(0.5 + 1j) * z, y: z - y}, noise={z: F}), initial={z: 0.7 + random_normal("r"), y: 1j}
)
PAIRS = {"S": (sp.conjugate(z), z), "C": (z, y), "n": (z * y, sp.conjugate(y))}
TIMES, WINDOW, INSIDE = np.linspace(0, 2, 21), (0.4, 1.5), slice(4, 16)


def run(*observers, model=DETUNED, dt=0.1, times=TIMES, trajectories=40, **options):
    settings = {"seed": 1, "progress": False} | options
    return simulate(
        model, W2S4(dt=dt), observers=observers, times=times, trajectories=trajectories, **settings
    ).dataset  # fmt: skip


@pytest.mark.parametrize("taper", ["none", "hann"])
@pytest.mark.parametrize("bound", [None, 1.2])
def test_means_and_errors_are_those_of_single_trajectories(taper, bound):
    observers = [Spectrum(window=WINDOW, taper=taper, **PAIRS), Trajectories(range(40), z=z, y=y)]
    ds = run(*observers, *([Moments(bound=bound, m=z)] if bound else []))
    path = {z: ds["z"].values, y: ds["y"].values}
    inside = {v: p[:, INSIDE] for v, p in path.items()}
    counted = np.ones(40, dtype=bool)
    if bound is not None:  # who is frozen has no values
        counted = ~np.isnan(inside[z][:, -1])
        assert 5 < counted.sum() < np.count_nonzero(~np.isnan(path[z][:, 0])) <= 40
    weights, t = taper_of(taper, 12), 0.1 * np.arange(12)
    omega = ds["frequency"].values
    assert omega == pytest.approx(frequencies(12, 0.1))
    for name, pair in PAIRS.items():
        A, B = (sp.lambdify((z, y), e)(inside[z], inside[y])[counted] * (1 if weights is None else weights)
                for e in pair)  # fmt: skip
        each = (A @ np.exp(-1j * np.outer(t, omega))) * (B @ np.exp(1j * np.outer(t, omega))) * 0.1 / 12
        n = counted.sum()
        assert ds[f"{name}_alive"] == n
        assert ds[name].values == pytest.approx(each.mean(axis=0), abs=1e-11)
        assert ds[f"{name}_se"].values == pytest.approx(each.real.std(axis=0, ddof=1) / np.sqrt(n), abs=1e-11)
        assert ds[f"{name}_imag_se"].values == pytest.approx(each.imag.std(axis=0, ddof=1) / np.sqrt(n), abs=1e-11)


@pytest.mark.parametrize(("end", "spacing"), [(1.5, 0.1), (2.6, 0.1), (1.5, 0.05)])
def test_the_integral_is_the_mean_of_the_product_at_any_length_and_step(end, spacing):
    times = np.arange(0.4, end + spacing / 2, spacing)
    averages = TimeAverage(window=(0.4, end), **{f"{name}0": a * b for name, (a, b) in PAIRS.items()})
    ds = run(Spectrum(window=(0.4, end), **PAIRS), averages, dt=0.05, times=times)
    step = ds["frequency"].values[1] - ds["frequency"].values[0]
    assert step == pytest.approx(2 * np.pi / (len(times) * spacing))
    assert ds["S"].attrs["resolution"] == pytest.approx(step)
    assert ds["S"].attrs["largest_frequency"] == pytest.approx(np.pi / spacing)
    for name in PAIRS:
        assert ds[name].values.sum() * step / (2 * np.pi) == pytest.approx(ds[f"{name}0"].item(), rel=1e-12)


def test_with_a_taper_the_integral_is_a_mean_with_its_weights():
    ds = run(Spectrum(window=WINDOW, taper="hann", **PAIRS), Trajectories(range(40), z=z, y=y))
    step, w = ds["frequency"].values[1] - ds["frequency"].values[0], taper_of("hann", 12)
    product = ds["z"].values * ds["y"].values
    expected = (w**2 * product[:, INSIDE]).mean()
    assert ds["C"].values.sum() * step / (2 * np.pi) == pytest.approx(expected, rel=1e-12)


def test_a_line_stands_at_its_frequency_with_its_sign():
    delta, length = 2 * np.pi / 0.8, 16
    turning = SymbolicModel(SDE(drift={z: -1j * delta * z, y: 1j * delta * y}), initial={z: 2.0, y: 3.0})
    pairs = {"S": (y, z), "R": (z, y), "A": (z, z)}
    ds = run(Spectrum(window=(0.0, 1.5), **pairs), model=turning, dt=0.001, times=0.1 * np.arange(length))
    step = 2 * np.pi / 1.6
    for name, sign in (("S", 1), ("R", -1)):
        line = np.zeros(length)
        line[ds["frequency"].values.searchsorted(sign * delta - step / 2)] = 6 * 1.6
        assert ds[name].values == pytest.approx(line, abs=1e-4)
    assert np.abs(ds["A"].values).max() < 1e-4  # <a(t) a(t+τ)> turns with t, so that the window averages it away


def test_what_the_step_adds_is_told():
    """(S_2h - S_h)/(2^p - 1), which runs of both steps tell where there is no noise."""
    decaying = SymbolicModel(SDE(drift={z: -(0.5 + 1j) * z, y: z - y}), initial={z: 1.0, y: 1j})
    observer = Spectrum(window=WINDOW, **PAIRS)
    both = run(observer, model=decaying, dt=0.05, trajectories=2, step_error=True)
    fine, coarse = (run(observer, model=decaying, dt=dt, trajectories=2) for dt in (0.05, 0.1))
    for name in PAIRS:
        error = (coarse[name].values - fine[name].values) / 3
        assert np.abs(error).max() > 1e-8
        assert both[f"{name}_step_error"].values == pytest.approx(error, abs=1e-14)
        assert both[f"{name}_extrapolated"].values == pytest.approx(fine[name].values - error, abs=1e-14)


@pytest.mark.parametrize("sampling", [None, Balanced(block=512)], ids=str)
@pytest.mark.parametrize("recording", [0, 2**20])
def test_no_grouping_changes_a_bit(monkeypatch, sampling, recording):
    monkeypatch.setattr("sdeframe.running.problem.RECORDING", recording)
    observers = [Spectrum(window=WINDOW, **PAIRS), TimeAverage(window=WINDOW, m=z), Moments(bound=2.5, z=z)]
    options = {"trajectories": 4096, "step_error": True} | ({} if sampling is None else {"sampling": sampling})
    reference = run(*observers, dt=0.05, threads=1, block=4096, **options)
    assert 0 < reference["S_alive"] < 4096
    for block, threads in ((37, 2), (512, 1)):
        found = run(*observers, dt=0.05, threads=threads, block=block, **options)
        assert found.identical(reference)


def test_a_record_that_travels_holds_no_series():
    ds = simulate(
        DETUNED, W2S4(dt=0.1), observers=[Spectrum(window=WINDOW, **PAIRS)], times=TIMES, trajectories=8, seed=1,
        progress=False,
    )  # fmt: skip
    from sdeframe.running.block import run_trajectories

    (record,) = run_trajectories(ds.problem, 0, 8).records
    assert record.series is None
    assert sum(node.nbytes for node in record.samples.means.moments.tree.nodes.values()) == 8 * 12 * (1 + 4 * 3)


x = real_variables("x")
REFUSED = {
    r"Spectrum\(\) has no pair: give at least one, such as S=\(ad, a\)": {},
    r"S=x in Spectrum: must be a pair of expressions": {"S": x},
    r"S=\(x,\) in Spectrum: must be a pair": {"S": (x,)},
    r"S='x': must be a sympy expression": {"S": ("x", x)},
    r"frequency=\.\.\.\): is the name of a coordinate": {"frequency": (x, x)},
    r"time=\.\.\.: is the name of a coordinate": {"time": (x, x)},
    r"Spectrum\(S=..., S_se=...\): 'S_se' is written for 'S'": {"S": (x, x), "S_se": (x, x)},
    r"taper of Spectrum='flat': must be 'none' or 'hann'": {"S": (x, x), "taper": "flat"},
    r"bound=-1 in Spectrum: must be a positive number": {"S": (x, x), "bound": -1},
    r"bound=5 in Spectrum: must be above 10": {"S": (x, x), "bound": 5},
    r"unweighted='no' in Spectrum: must be True or False": {"S": (x, x), "unweighted": "no"},
}  # fmt: skip


@pytest.mark.parametrize("told", REFUSED)
def test_what_is_no_spectrum_is_refused(told):
    with pytest.raises((TypeError, ValueError), match=told):
        Spectrum(**({"window": WINDOW} | REFUSED[told]))


def test_what_does_not_fit_the_run_is_refused():
    ou = OrnsteinUhlenbeck()
    v = ou.observables["x"]

    def refuses(told, times, pair, window):
        with pytest.raises(ValueError, match=told):
            run(Spectrum(window=window, S=pair), model=ou, times=times)

    refuses("equally spaced: give such as times=np.linspace", [0.0, 0.1, 0.3, 1.0], (v, v), (0, 1))
    refuses("only: give times for all of it", [0.0, 0.5, 1.0], (v, v), (0, 9))
    refuses("q", [0.0, 1.0], (v, sp.Symbol("q")), (0, 1))


def test_a_weight_is_refused_with_the_way_out():
    cavity = TavisCummings(10, 10.0)
    options = {"gauge": QuarticDrift(), "times": [0.0, 0.1, 0.2], "trajectories": 4, "seed": 1, "progress": False}
    for kind, given in ((Spectrum, (cavity.excited, cavity.excited)), (TimeAverage, cavity.excited)):
        with pytest.raises(ValueError, match=rf"{kind.__name__}\(S=...\): this run has a weight.*unweighted=True"):
            simulate(cavity, W2S4(dt=0.05), observers=[kind(window=(0, 0.2), S=given)], **options)
        allowed = kind(window=(0, 0.2), unweighted=True, S=given)
        ds = simulate(cavity, W2S4(dt=0.05), observers=[allowed, WeightedMoments(w=cavity.excited)], **options).dataset
        assert np.isfinite(ds["S"].values).all()
