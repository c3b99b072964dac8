"""Quantum averages from kets, over pairs of different groups."""

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import expm
from scipy.special import gammaln

from sdeframe import simulate
from sdeframe.derivation import Boson, Emitters, Ket, Master
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.groups import Groups
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces.kets import Field, NumberBasis, Spinor, occupations
from sdeframe.observers import Moments, PairMoments
from sdeframe.observers.pairs.all_pairs import jackknife, pair_sums
from sdeframe.observers.pairs.features import group_vector
from sdeframe.sampling.errors import student_limit
from sdeframe.symbolic.symbols import complex_variables

a, b, atoms = Boson("a"), Boson("b"), Emitters("atoms", "ge", 2)
x, g, e, f = complex_variables("x g e f")


def kets(*names, count, seed=1):
    draw = np.random.default_rng(seed)
    return {name: draw.normal(size=count) + 1j * draw.normal(size=count) for name in names}


def test_elements_are_those_of_the_kets():
    basis, count = NumberBasis((Field(x, 5, True), Spinor((g, e, f), 3))), 300
    state = kets(x, g, e, f, count=count)
    state[x][0] = state[e][1] = 0
    C = np.linspace(-1, 1, count) + 1j
    found, squares = group_vector(basis, state, C)
    field = [state[x] ** n * np.exp(-gammaln(n + 1) / 2) for n in range(5)]
    ways = [
        np.exp((gammaln(4) - gammaln(k + 1).sum()) / 2)
        * np.prod([state[v] ** n for v, n in zip((g, e, f), k, strict=True)], axis=0)
        for k in occupations(3, 3)
    ]
    wanted = [np.mean(np.exp(C) * here * way) for here in field for way in ways]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    norm = np.abs(state[x]) ** 2 + 3 * np.log(np.abs(state[g]) ** 2 + np.abs(state[e]) ** 2 + np.abs(state[f]) ** 2)
    assert squares == pytest.approx(np.mean(np.exp(2 * C.real + norm)))


def test_large_kets_do_not_overflow():
    basis = NumberBasis((Field(x, 1400, True), Spinor((g, e), 500)))
    state = {x: np.array([33.0 + 0j]), g: np.array([1e3 + 0j]), e: np.array([1e3j])}
    log_weight = np.array([-(33.0**2) / 2 - 250 * np.log(2e6) + 0j])
    found, squares = group_vector(basis, state, log_weight)
    assert squares == pytest.approx(1)
    assert np.vdot(found, found).real == pytest.approx(1, abs=1e-9)


def test_pairs_are_of_different_groups():
    draw = np.random.default_rng(2)
    vectors = draw.normal(size=(5, 4)) + 1j * draw.normal(size=(5, 4))
    matrix = draw.normal(size=(4, 4)) + 1j * draw.normal(size=(4, 4))

    def direct(members):
        return sum(np.vdot(vectors[i], matrix @ vectors[j]) for i in members for j in members if i != j)

    wanted = [direct(range(5)), *(direct([i for i in range(5) if i != k]) for k in range(5))]
    np.testing.assert_allclose(pair_sums(vectors, matrix), wanted, rtol=1e-12)


def test_errors_are_those_of_means_where_the_ratio_is_one():
    values = np.random.default_rng(3).normal(size=12)
    of_all = np.array([values.sum(), *(values.sum() - values)])[:, np.newaxis] + 0j
    count = np.array([12, *[11] * 12])[:, np.newaxis]
    found = jackknife(of_all, count)
    assert found.mean[0] == pytest.approx(values.mean())
    assert found.error[0].real == pytest.approx(values.std(ddof=1) / np.sqrt(12))
    few = jackknife(of_all[:8], count[:8])
    assert np.isnan(few.error[0])


def model(H, start, cutoffs=(), **observables):
    return QuantumModel(Master(H), Ket(dict(cutoffs)), start=start, observables=observables)


def run(q, dt=0.02, times=(0.0, 0.2, 0.4), trajectories=4000, size=200, scheme=W2S4, **options):
    return simulate(
        q, scheme(dt), gauge=Decoupled(q.log_norm), observers=[PairMoments(**q.observables)], times=times,
        trajectories=trajectories, groups=Groups(size), seed=5, progress=False, **options,
    )  # fmt: skip


EXCHANGE = a * atoms.sum("eg") + a.dag() * atoms.sum("ge")
CASES = {
    "atoms": model(EXCHANGE, {a: 1.0, atoms: "g"}, n=a.dag() * a, e=atoms.sum("ee"), field=a),
    "kerr": model(a.dag() ** 2 * a**2 / 2, {a: 1.5}, n=a.dag() * a, field=a),
    "hubbard": model(a.dag() * b + b.dag() * a + a.dag() ** 2 * a**2 / 4, {a: 1.0, b: 0}, n=a.dag() * a, field=b),
}


def assert_exact(q, result):
    """Within 7 standard errors of 20 groups, or 6 of the norm: false alarms below 1e-6 each."""
    ds, exact = result.dataset, q.exact(result.dataset["time"].values)
    limit = student_limit(20, 5.2)
    for name in q.observables:
        off = ds[name].values - exact[name]
        assert np.all(abs(off.real) <= limit * ds[f"{name}_se"] + 1e-3), name
        assert np.all(abs(off.imag) <= limit * ds[f"{name}_imag_se"] + 1e-3), name
    assert np.all(abs(ds["norm"].values.real - 1) <= limit * ds["norm_se"] + 1e-3)


def test_averages_of_atoms_are_exact():
    result = run(CASES["atoms"])
    assert_exact(CASES["atoms"], result)
    assert 1.0 < float(result.dataset["sum_w2"][-1]) < 3.0
    limit = result.total_error("e", 5.0) / (result.dataset["e_se"] + 1j * result.dataset["e_imag_se"])
    assert limit.values[-1].real == pytest.approx(student_limit(20, 5.0))


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_averages_are_exact(name):
    times = (0.0, 0.1, 0.2) if name == "kerr" else (0.0, 0.2, 0.4)  # where no ket of 40,000 runs away
    assert_exact(CASES[name], run(CASES[name], trajectories=40_000, size=2000, times=times))


@pytest.mark.long
def test_the_mean_weighted_ket_is_the_state():
    """E[exp(C0)|z>] = exp(−iHt)|z(0)>, element by element: within 7 standard errors, of 58 numbers."""
    q = model(EXCHANGE, {a: 1.0, atoms: "g"}, energy=EXCHANGE)
    observer = PairMoments(**q.observables)
    kept = []

    class Kept(PairMoments):
        def finish(self, record):
            kept.append(record)
            return super().finish(record)

    simulate(
        q, W2S4(0.01), gauge=Decoupled(q.log_norm), observers=[Kept(**q.observables)], times=[0.0, 0.5],
        trajectories=40_000, groups=Groups(400), seed=6, progress=False,
    )  # fmt: skip
    vectors = np.array([kept[-1].vectors[k][:, :] for k in range(100)])
    H = q.observables["energy"].matrix().toarray()
    wanted = expm(-0.5j * H) @ vectors[0, 0]
    mean, error = vectors[:, 1].mean(axis=0), vectors[:, 1].std(axis=0, ddof=1) / 10
    assert observer.basis.length == len(wanted)
    assert np.all(abs(mean - wanted) <= 7 * error + 2e-4)


def test_what_must_be_known_is_said():
    q = CASES["atoms"]
    with pytest.warns(UserWarning, match="7 groups of kets tell no standard error"):
        few = run(q, trajectories=140, size=20, dt=0.1, scheme=EulerMaruyama)
    assert np.isnan(few.dataset["n_se"]).all()
    small = model(a.dag() * a, {a: 2.0}, {"a": 6}, n=a.dag() * a)
    with pytest.warns(UserWarning, match="the last number state of a mode holds more than 0.001"):
        run(small, trajectories=160, size=20, dt=0.1, scheme=EulerMaruyama)


def test_what_does_not_fit_is_refused():
    q = CASES["atoms"]
    with pytest.raises(ValueError, match=r"GiB, and 2 are allowed: take larger groups or fewer times"):
        run(q, trajectories=2_000_000, size=2, times=np.arange(50) * 0.02)
    with pytest.raises(TypeError, match="must be an operator"):
        PairMoments(n=sp.Symbol("n"))
    with pytest.raises(ValueError, match="'norm' is written for all names"):
        PairMoments(norm=a)
    both = PairMoments(n=q.observables["n"], m=CASES["kerr"].observables["n"])
    with pytest.raises(ValueError, match="operators stand in different number states"):
        _ = both.basis
    with pytest.raises(TypeError, match="averages are taken between two kets"):
        simulate(q, W2S4(0.1), observers=[Moments(n=a.dag() * a)], times=[0.1], trajectories=10, seed=1)
    other = model(a.dag() * a, {a: 1.0}, n=a.dag() * a)
    with pytest.raises(ValueError, match="the system has no atoms_g"):
        simulate(
            other, EulerMaruyama(0.1), observers=[PairMoments(**q.observables)], times=[0.1], trajectories=20, seed=1,
            groups=Groups(10),
        )  # fmt: skip


def test_operators_are_taken_as_they_are():
    q = CASES["atoms"]
    given = simulate(
        q, EulerMaruyama(0.1), gauge=Decoupled(q.log_norm), observers=[PairMoments(n=a.dag() * a)], times=[0.1],
        trajectories=160, groups=Groups(20), seed=1, progress=False,
    )  # fmt: skip
    assert given.dataset["n"].values[0] == pytest.approx(1.0, abs=0.1)
