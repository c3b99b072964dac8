"""The algebra of systems against hand results on the systems of the source paper."""

import pytest
import sympy as sp

from sdeframe.symbolic.algebra import equal, tidy
from sdeframe.symbolic.symbols import log_weight, parameters
from sdeframe.symbolic.system import SDE
from sdeframe.symbolic.wirtinger import wirtinger
from tests.support.paper_forms import A, Ad, F, Fd, N, S, a19, a34, a39, a46, g, rho_ee, rho_eg, rho_ge

conj, sqrt, i = sp.conjugate, sp.sqrt, sp.I
half = sp.Rational(1, 2)
k = parameters("k")
BLOCH = (2 * rho_ee - 1) ** 2 + 4 * rho_eg * rho_ge


def test_both_symmetric_forms_are_equal_in_law():
    assert a46().equal_in_law(a39())
    assert not a34(1).equal_in_law(a19(1))


@pytest.mark.parametrize("form", [a46, a39])
def test_the_diffusion_matrix_of_the_symmetric_forms(form):
    expected = {
        (A, rho_ee): i * rho_ee * rho_eg / N,
        (A, rho_eg): i * rho_eg**2 / N,
        (A, rho_ge): i * (rho_eg * rho_ge - rho_ee) / N,
        (Ad, rho_ee): -i * rho_ee * rho_ge / N,
        (Ad, rho_eg): i * (rho_ee - rho_eg * rho_ge) / N,
        (Ad, rho_ge): -i * rho_ge**2 / N,
    }
    sde = form()
    D = sde.diffusion()
    for j, u in enumerate(sde.state):
        for m, v in enumerate(sde.state):
            entry = expected.get((u, v), expected.get((v, u), sp.S.Zero))
            assert equal(D[j, m], entry)
            assert equal(sde.correlator(u, v), entry)


def test_a_planted_sign_in_one_noise_term_changes_the_law():
    noise = dict(a46().noise)
    noise[rho_ge] = noise[rho_ge].subs(S, -S)
    assert not SDE(a46().drift, noise).equal_in_law(a39())


def test_spreads_of_the_two_forms_differ():
    assert a39().diffusion_conjugate()[0, 0] == 1 / N
    assert equal(a46().diffusion_conjugate()[0, 0], (sp.Abs(rho_ee) + sp.Abs(rho_eg) ** 2) / N)


@pytest.mark.parametrize("form", [a46, a39])
def test_balance_laws_in_the_mean(form):
    sde = form()
    assert equal(sde.generator(A * Ad + rho_ee), -g * rho_ee)
    assert equal(sde.generator(BLOCH), -4 * g * (2 * rho_ee**2 - rho_ee + rho_eg * rho_ge))
    assert sde.generator(BLOCH).subs(g, 0) == 0


@pytest.mark.parametrize("form", [a46, a39])
def test_the_generator_twice_on_the_excitation(form):
    """(E3), with its 1/N terms, which are the commutators."""
    twice = form().generator(form().generator(rho_ee)).subs(g, 0)
    assert equal(twice, -2 * ((2 * rho_ee - 1) * A * Ad + rho_ee / N + rho_eg * rho_ge * (1 - 1 / N)))


def test_bloch_length_is_pathwise_in_a39_only():
    """(D3): dB = 2(1 - B) q."""

    def noise_of_bloch(sde):
        return tidy(sp.Add(*[wirtinger(BLOCH, u) * sde.noise[u] for u in sde.state]))

    q = (rho_eg * conj(F) + rho_ge * conj(Fd)) / sqrt(N)
    assert equal(noise_of_bloch(a39()), 2 * (1 - BLOCH) * q)
    assert noise_of_bloch(a46()).subs({rho_ee: 0, rho_eg: 0, rho_ge: 0}) == 0
    assert noise_of_bloch(a46()).subs({rho_ee: half, rho_eg: half, rho_ge: half}) != 0


def test_populations_of_each_atom_add_up_to_one():
    """(D1), (D2): d(rho_ee + rho_gg) = (1 - rho_ee - rho_gg) q."""
    sde = a19(2)
    for ee, gg, eg, ge in zip(*(sde.family(f"rho_{s}") for s in ("ee", "gg", "eg", "ge")), strict=True):
        q = (eg * conj(F) + ge * conj(Fd)) / sqrt(N)
        assert sp.expand(sde.drift[ee] + sde.drift[gg]) == 0
        assert equal(sde.noise[ee] + sde.noise[gg], (1 - ee - gg) * q)


def test_the_correction_of_a46():
    c = a46().correction()
    assert dict(c) == {A: i * rho_eg / (2 * N), Ad: -i * rho_ge / (2 * N), rho_ee: 0, rho_eg: 0, rho_ge: 0}
    converted = a46().to_stratonovich()
    assert converted.interpretation == "stratonovich"
    assert equal(converted.drift[A], -i * rho_eg * (1 + 1 / (2 * N)))
    assert equal(converted.drift[Ad], +i * rho_ge * (1 + 1 / (2 * N)))


def test_a46_read_as_stratonovich_is_another_process():
    read = SDE(a46().drift, a46().noise, interpretation="stratonovich")
    assert equal(read.to_ito().drift[A], -i * rho_eg * (1 - 1 / (2 * N)))
    assert not read.equal_in_law(a46())


@pytest.mark.parametrize("sde", [a39(), a19(1), a19(2), a34(1), a34(2)], ids=["a39", "a19", "a19x2", "a34", "a34x2"])
def test_systems_without_correction(sde):
    assert set(sde.correction().values()) == {0}
    assert SDE(sde.drift, sde.noise, interpretation="stratonovich").equal_in_law(sde)


def test_without_noise_energy_bloch_length_and_hermiticity_are_kept():
    sde = a46().noiseless()
    assert set(sde.noise.values()) == {0}
    assert not sde.noises
    assert sde.drift == a46().drift
    hermitian = {Ad: conj(A), rho_ge: conj(rho_eg), conj(Ad): A, conj(rho_ge): rho_eg, conj(rho_ee): rho_ee}
    for law in (rho_ee - half + A * Ad, BLOCH):
        assert sde.generator(law).subs(g, 0) == 0
    for law in (Ad - conj(A), rho_ge - conj(rho_eg), rho_ee - conj(rho_ee)):
        assert sp.expand(sde.generator(law).xreplace(hermitian)) == 0


# The drift gauge on these systems, from its kernel alone (C1-C5)


def gauged(sde, kernel):
    drift = {u: sde.drift[u] - sde.correlation(sde.noise[u], kernel) for u in sde.state}
    return SDE(drift, sde.noise, log_weight=(-sde.correlation(kernel, kernel) / 2, kernel))


def test_the_w4_gauge_on_a46():
    """(21), (24) with the paper's switch, and the correction of its weight."""
    at = sp.re(rho_ee)
    s, x1, x2 = parameters("s x1 x2")
    kappa = 1 + (sp.tanh(s * (x1 - at)) + sp.tanh(s * (at - x2))) / 2
    slope = s * (sp.tanh(s * (x1 - at)) ** 2 - sp.tanh(s * (at - x2)) ** 2) / 2
    sde = gauged(a46(), kappa * sqrt(N) * at * conj(S))
    assert equal(sde.drift[A], -i * rho_eg * (1 - kappa * at))
    assert equal(sde.drift[Ad], +i * rho_ge * (1 - kappa * at))
    assert all(equal(sde.drift[u], a46().drift[u]) for u in (rho_ee, rho_eg, rho_ge))
    assert sde.drift[log_weight] == 0
    assert equal(sde.to_stratonovich().drift[log_weight], (kappa + at * slope) * conj(rho_ee) / 4)
    assert equal(sde.correction()[A], i * rho_eg / (2 * N))


def test_the_w4_gauge_on_a39():
    kernel = k * sqrt(N) * sp.re(rho_ee) * (rho_eg * conj(F) + rho_ge * conj(Fd))
    sde = gauged(a39(), kernel)
    assert equal(sde.drift[A], -i * rho_eg * (1 - k * sp.re(rho_ee)))
    expected = k * conj(rho_ee) * (sp.Abs(rho_eg) ** 2 + sp.Abs(rho_ge) ** 2) / 4
    assert equal(sde.to_stratonovich().drift[log_weight], expected)


@pytest.mark.parametrize("kernel", [k * rho_ee * F + sp.re(A) * conj(F) + Ad * S, conj(S) + i * rho_eg * S])
def test_a_drift_gauge_keeps_weighted_averages_of_analytic_functions(kernel):
    """L'[e^C0 f] = e^C0 L[f]."""
    for f in (rho_ee, A * Ad, rho_eg * rho_ge * A):
        with_weight = gauged(a46(), kernel).generator(sp.exp(log_weight) * f)
        assert equal(with_weight, sp.exp(log_weight) * a46().generator(f))
    wrong = gauged(a46(), kernel)
    wrong = SDE({u: wrong.drift[u] for u in a46().state}, a46().noise, log_weight=(0, -kernel))
    assert not equal(wrong.generator(sp.exp(log_weight) * A), sp.exp(log_weight) * a46().generator(A))
