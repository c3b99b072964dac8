"""Photon statistics against laws that are known, other solutions, and a slow literal twin."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy import special, stats

from sdeframe import SDE, SymbolicModel, TargetError, complex_noises, complex_variables, random_complex_normal, simulate
from sdeframe.derivation import (
    Boson,
    Coherent,
    Fock,
    Master,
    PositiveP,
    Q,
    Squeezed,
    Thermal,
    Wigner,
    derive,
    exact_photon_distribution,
    initial_values,
)
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.models import ParametricOscillator, TavisCummings
from sdeframe.observers import PhotonStatistics, TrustHorizon
from sdeframe.observers.distributions.photon_kernels import TAME, fill
from sdeframe.observers.trust import alarms
from sdeframe.sampling import Balanced
from sdeframe.sums.estimates import Estimates

a, z, w = Boson("a"), *complex_variables("z w")
F = complex_noises("F")
n = a.dag() * a
EMPTY = Master(0 * n, [(1, a)])
CAVITY = TavisCummings(10, 10.0)


def kernels(name, number, largest):
    """Return what is averaged for every photon number, by the formulas themselves."""
    k = np.arange(largest + 1)[:, None]
    if name == "normal":
        with np.errstate(divide="ignore"):
            return np.exp(k * np.log(number + 0j) - number - special.gammaln(k + 1))
    x = number.real + 0.5
    return 2.0 * (-1.0) ** k * special.eval_laguerre(k, 4 * x) * np.exp(-2 * x) + 0j


def filled(name, number, largest):
    start = np.exp(-number) if name == "normal" else np.exp(-number - 0.5)
    rows = np.array([number.real, start.real, number.imag, start.imag])[None]
    many = (largest + 1) * (4 if name == "normal" else 2)
    out = np.full((1, 1 + many, number.size), np.nan)
    fill(name, largest, np.arange(4), 1, rows, out)
    real, imaginary = out[0, 1:].reshape(2, -1, number.size)
    return real + 1j * imaginary


def test_what_is_averaged():
    rng = np.random.default_rng(1)
    number = rng.uniform(-3, 40, 64) + 1j * rng.uniform(-10, 10, 64)
    found = filled("normal", number, 60)
    expected = kernels("normal", number, 60)
    assert found[:61] == pytest.approx(expected, rel=1e-11)
    k = np.arange(61)
    limit = TAME * np.array([1.0, *stats.poisson.pmf(k[1:], k[1:])])
    assert found[61:] == pytest.approx(np.where(np.abs(expected) <= limit[:, None], expected, 0), rel=1e-11)
    assert 0 < np.count_nonzero(found[61:] == 0) < found[61:].size
    field = rng.uniform(0, 30, 64) - 0.5 + 0j
    assert filled("symmetric", field, 60) == pytest.approx(kernels("symmetric", field, 60), abs=1e-11)


def test_many_photons():
    number = np.array([400.0, 745.0, 800.0]) + 0j
    with np.errstate(all="ignore"):
        found = filled("normal", number, 500)[:501].real
    k = np.arange(501)
    for values, mean in zip(found.T, number.real, strict=True):
        assert values == pytest.approx(stats.poisson.pmf(k, mean), abs=1e-13)


def test_many_photons_in_wigner():
    """Over the Wigner function of a coherent state, where 4|α|² has a noncentral chi-square law of two degrees."""
    square = np.linspace(200, 740, 4001)
    found = filled("symmetric", square - 0.5 + 0j, 500).real
    weight = stats.ncx2.pdf(4 * square, 2, 4 * 440) * 4 * (square[1] - square[0])
    assert found @ weight == pytest.approx(stats.poisson.pmf(np.arange(501), 440), abs=1e-11)


def run(master, start, representation, *, largest=12, times=(0.0, 0.5), trajectories=4000, name=None, **options):
    derivation = derive(master, representation)
    system, initial = derivation.sde(), initial_values(master, representation, start)
    model = SymbolicModel(system, {x: initial[x] for x in system.variables.values()})
    observer = PhotonStatistics(largest, representation=name or representation.name, P=derivation.average(n))
    return simulate(
        model, W2S4(dt=1 / 64), observers=[observer], times=times, trajectories=trajectories, seed=2, progress=False,
        **options,
    ).dataset  # fmt: skip


@pytest.mark.parametrize("representation", [PositiveP(), Wigner()], ids=lambda r: r.name)
@pytest.mark.parametrize("state", [Coherent(2), Thermal(0.5), Squeezed(0.4, photons=0.5)], ids=str)
def test_states_under_loss(representation, state):
    """Probabilities above 0.01, about 30 independent normal numbers: one passes 6.2 with a chance below 2e-8."""
    ds = run(EMPTY, {a: state}, representation)
    exact = np.pad(exact_photon_distribution(EMPTY, a, {a: state}, [0.0, 0.5]), ((0, 0), (0, 20)))[:, :13]
    off, seen = np.abs(ds["P"].values.real - exact), exact > 0.01
    assert (off <= 6.2 * ds["P_se"].values + 1e-6)[seen].all()
    assert (off < 0.05).all()
    assert ds["P"].dims == ds["P_se"].dims == ("time", "photons")
    assert ds["photons"].values.tolist() == list(range(13))
    assert ("P_horizon" in ds) == (representation.name == "positive-P")


def test_a_coherent_state_has_no_spread_in_positive_p():
    ds = run(EMPTY, {a: Coherent(2)}, PositiveP())
    assert ds["P"][0].values == pytest.approx(stats.poisson.pmf(np.arange(13), 4), rel=1e-12)
    assert ds["P_se"].values == pytest.approx(0, abs=1e-15)
    assert (ds["P_horizon"] == 0.5).all()


def test_p_with_conjugates():
    """A thermal field of half a photon; 6.2 standard errors are passed by one of 20 with a chance below 2e-8."""
    model = SymbolicModel(SDE({z: -z / 2}, {z: F / sp.sqrt(2)}), {z: random_complex_normal("g") / sp.sqrt(2)})
    observer = PhotonStatistics(6, representation="P", P=z * sp.conjugate(z))
    ds = simulate(
        model, W2S4(dt=0.125), observers=[observer], times=[0, 2], trajectories=4000, seed=1, progress=False
    ).dataset  # fmt: skip
    exact = stats.geom.pmf(np.arange(7) + 1, 1 / 1.5)
    assert (np.abs(ds["P"].values.real - exact) <= 6.2 * ds["P_se"].values).all()
    assert "P_horizon" not in ds


def test_errors_are_those_of_collected_values():
    model, times = CAVITY, [0.5, 1.0]
    result = simulate(
        model, W2S4(dt=0.125), observers=[PhotonStatistics(20, P=model.photon_number)], times=times, trajectories=2100,
        seed=3, progress=False, step_error=True, block=700,
    )  # fmt: skip
    ds, paths = result.dataset, result.replay(np.arange(2100))
    A, Ad = (paths[name].sel(time=times).values.T for name in ("A", "Ad"))
    for at in range(2):
        values = kernels("normal", 10 * A[at] * Ad[at], 20)
        assert ds["P"][at].values == pytest.approx(values.mean(axis=1), rel=1e-9, abs=1e-12)
        for part, suffix in ((np.real, "_se"), (np.imag, "_imag_se")):
            error = part(values).std(axis=1, ddof=1) / math.sqrt(2100)
            assert ds[f"P{suffix}"][at].values == pytest.approx(error, rel=1e-6, abs=1e-12)
    assert ds["P_step_error"].dims == ds["P_extrapolated_se"].dims == ("time", "photons")
    assert ds["P_extrapolated"].values == pytest.approx((ds["P"] - ds["P_step_error"]).values, rel=1e-6, abs=1e-9)


TIMES = np.linspace(0.1, 2.0, 20)


def cavity(seed, trajectories=2000, **options):
    observers = [PhotonStatistics(25, P=CAVITY.photon_number), TrustHorizon(n=CAVITY.photon_number)]
    return simulate(
        CAVITY, W2S4(dt=0.025), observers=observers, times=TIMES, trajectories=trajectories, seed=seed, progress=False,
        **options,
    )  # fmt: skip


def deviations(result, exact):
    """Return how far certified probabilities are off in their standard errors, and beyond 5 of them."""
    ds = result.dataset
    certified = TIMES[:, None] <= ds["P_horizon"].values
    off, error = ds["P"].values.real - exact, ds["P_se"].values
    frequent = certified & (exact * ds.attrs["trajectories"] > 20)
    return off[frequent] / error[frequent], np.where(certified, np.abs(off) - 5 * error, 0).max()


@pytest.fixture(scope="module")
def exact():
    return CAVITY.photon_distribution(TIMES)[:, :26]


def test_ten_atoms_within_the_horizon(exact):
    result = cavity(5)
    horizons = result.dataset["P_horizon"].values
    assert 0.3 < result.horizon("P") == horizons.min() <= horizons.max() < result.horizon("n")
    _, beyond = deviations(result, exact)
    assert beyond < 1e-3
    late = np.abs(result.dataset["P"].values.real - exact)[-1]
    assert not late.max() < 1  # what the horizon keeps out


@pytest.mark.long
def test_errors_of_ten_atoms_are_honest(exact):
    """200 seeds: no certified probability off by more than 5 standard errors and 1e-3, and these of unit spread."""
    found = [deviations(cavity(1000 + seed, (2000, 10_000)[seed % 2]), exact) for seed in range(200)]
    assert max(beyond for _, beyond in found) < 1e-3
    z = np.concatenate([z for z, _ in found])
    assert 0.93 < z.std() < 1.05
    assert np.mean(np.abs(z) > 1.96) < 0.06


@pytest.mark.long
@pytest.mark.parametrize("name", ["positive-P", "Wigner"])
@pytest.mark.parametrize("state", [Thermal(0.5), Squeezed(0.4, photons=0.5)], ids=str)
def test_errors_of_states_are_honest(name, state):
    """200 seeds of 10 numbers or so: the spread of 2000 standardised deviations is 1 within 0.1, 6 of its errors."""
    representation = PositiveP() if name == "positive-P" else Wigner()
    derivation, initial = derive(EMPTY, representation), initial_values(EMPTY, representation, {a: state})
    system = derivation.sde()
    model = SymbolicModel(system, {x: initial[x] for x in system.variables.values()})
    (exact,) = exact_photon_distribution(EMPTY, a, {a: state}, [0.5])
    z = []
    for seed in range(200):
        observer = PhotonStatistics(9, representation=name, P=derivation.average(n))
        ds = simulate(
            model, W2S4(dt=0.125), observers=[observer], times=[0.5], trajectories=1000, seed=seed, progress=False
        ).dataset  # fmt: skip
        z.append(((ds["P"].values.real[0] - exact[:10]) / ds["P_se"].values[0])[exact[:10] > 0.01])
    assert np.std(z, axis=0) == pytest.approx(1, abs=0.35)
    assert np.std(z) == pytest.approx(1, abs=0.1)


def test_a_heavy_tail_raises_the_alarm():
    """From one photon positive-P has N below 0 from the start, where e^(-N) is large: the horizon is 0."""
    model = ParametricOscillator(start=Fock(1))
    observer = PhotonStatistics(5, P=model.observables["photon_number"])
    result = simulate(
        model, W2S4(dt=0.025), observers=[observer], times=[0.1, 0.5], trajectories=10_000, seed=1, progress=False
    )  # fmt: skip
    assert result.horizon("P") == 0
    assert np.abs(result.dataset["P"].values).max() > 100


def test_tame_values_alone_would_not_raise_the_alarm():
    """The rule is that of two bounds: equal means and errors are quiet, a tail is not."""
    honest = Estimates(np.array([[0.2 + 0j]]), np.array([[0.01 + 0.01j]]))
    tail = Estimates(np.array([[0.25 + 0j]]), np.array([[0.05 + 0.01j]]))
    assert not alarms(honest, honest, 3.0, 1.75).any()
    assert alarms(tail, honest, 3.0, 1.75).all()


def test_truncated_wigner_of_a_weak_interaction():
    """A few percent of an interaction, of which nothing is seen in 4000 trajectories; 6.2 as above."""
    master = Master(sp.Rational(1, 50) * a.dag() ** 2 * a**2, [(1, a)])
    ds = run(master, {a: Coherent(2)}, Wigner())
    exact = exact_photon_distribution(master, a, {a: Coherent(2)}, [0.0, 0.5])[:, :13]
    assert (np.abs(ds["P"].values.real - exact) <= 6.2 * ds["P_se"].values + 1e-3).all()


@pytest.mark.long
def test_tied_trajectories_have_floors():
    ds = cavity(1, 16_384, sampling=Balanced(block=1024)).dataset
    assert {"P_floor", "P_imag_floor"} <= set(ds)
    assert (ds["P_se"] >= ds["P_floor"]).values[0].all()
    assert (ds["P_floor"] > 0).values[0].all()


def test_a_run_ends_at_an_error_of_all_probabilities():
    result = cavity(1, 50_000, until=TargetError(at=[0.1, 0.2], P=5e-3))
    errors = result.dataset["P_se"].values[:2]
    assert errors.max() <= 5e-3
    assert result.dataset.attrs["trajectories"] < 50_000
    assert "5e-03" in result.ended or "0.005" in result.ended
    assert "P_horizon" in result.dataset


def test_weights_are_refused():
    with pytest.raises(ValueError, match=r"PhotonStatistics\(P=...\): this run has a weight"):
        simulate(
            CAVITY, EulerMaruyama(dt=0.1), observers=[PhotonStatistics(3, P=CAVITY.photon_number)], times=[1.0],
            trajectories=10, seed=1, gauge=QuarticDrift(), progress=False,
        )  # fmt: skip


def test_the_run_is_as_it_is_beside_another_observer_where_no_poles_are_declared():
    """A bound in units of a scale that is not known would freeze trajectories that are well."""
    model = SymbolicModel(SDE({z: -z / 2}, {z: F}), {z: 2000.0})
    observer = PhotonStatistics(6, representation="P", P=z * sp.conjugate(z))
    ds = simulate(
        model, W2S4(dt=0.125), observers=[observer], times=[1], trajectories=10, seed=1, progress=False
    ).dataset
    assert ds["alive"].item() == 10


CONJUGATE = z * sp.conjugate(z)


@pytest.mark.parametrize(
    ("largest", "options", "message"),
    [
        (0, {"P": z * w}, "largest=0 .*1 to 500"),
        (501, {"P": z * w}, "largest=501"),
        (2.0, {"P": z * w}, "largest=2.0"),
        (5, {}, "has no expression"),
        (5, {"P": z * w, "representation": "Q"}, "representation='Q' .*derivatives of delta functions.*in positive-P"),
        (5, {"P": z * w, "representation": "wigner"}, "must be 'positive-P' or 'P' or 'Wigner'"),
        (5, {"P": CONJUGATE}, "holds a conjugate: say representation='Wigner'"),
        (5, {"P": CONJUGATE, "representation": "Wigner"}, "is 0 without a field, not -1/2; in Wigner give"),
        (5, {"P": CONJUGATE - 1, "representation": "P"}, "is -1 without a field, not 0"),
        (5, {"P": sp.Integer(2)}, "holds no variable"),
        (5, {"P": z}, "is not of degree 2 in the fields; in positive-P give"),
        (5, {"P": z**2 * w**2}, "is not of degree 2"),
        (5, {"P": sp.re(z), "representation": "P"}, "is not of degree 2"),
        (5, {"P": z * w, "representation": "P"}, "is not real"),
        (5, {"P": z * w - sp.S.Half, "representation": "Wigner"}, "is not real"),
        (5, {"photons": z * w}, "'photons' is written for all names"),
        (5, {"P": z * w, "P_horizon": z}, "is written for 'P'"),
    ],
)
def test_bad_input(largest, options, message):
    with pytest.raises(ValueError, match=message):
        PhotonStatistics(largest, **options)


def test_q_gives_an_expression_that_no_representation_takes():
    number = derive(Master(0 * n, [(1, a)]), Q()).average(n)
    for representation in ("P", "Wigner"):
        with pytest.raises(ValueError, match="is -1 without a field"):
            PhotonStatistics(5, representation=representation, P=number)
