"""The algebra of operators against dense matrices, and what it refuses."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.physics.quantum.boson import BosonOp

from sdeframe import parameters
from sdeframe.derivation import Boson, Emitters, Master, commutator
from tests.support.dense import Space

f, gamma, N = parameters("f gamma N", positive=True)
a, b = Boson("a"), Boson("b", ("beta", "betad"))
at = Emitters("rho", levels="ge", size=N)
three = Emitters("tau", levels=("g", "e", "s1"), size=2, individual=True)
CUTOFF, LOW = 7, 3  # products of up to four operators never reach the edge from here

factors = st.sampled_from(
    [a, a.dag(), at.sum("eg"), at.sum("ge"), at.sum("ee"), three.on(0, "e", "g"), three.sum("g", "s1")]
)


@st.composite
def operators(draw):
    """A sum of products of two factors."""
    terms = draw(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), factors, factors), min_size=1, max_size=3))
    return sum((p + sp.I * q) * x * y for p, q, x, y in terms)


SPACE = Space({**a.parts, "rho": at, "tau": three}, {"rho": 2}, CUTOFF)


@settings(max_examples=25, deadline=None)
@given(operators(), operators())
def test_products_and_conjugates_are_those_of_matrices(x, y):
    few_photons = slice(0, LOW * 4 * 9)
    X, Y = SPACE.matrix(x), SPACE.matrix(y)
    np.testing.assert_allclose(SPACE.matrix(x * y)[:, few_photons], X @ Y[:, few_photons], atol=1e-9)
    np.testing.assert_allclose(SPACE.matrix(x.dag()), X.conj().T, atol=1e-12)
    np.testing.assert_allclose(SPACE.matrix(x + 2 * y - x), 2 * Y, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("k", [2, 3])
def test_powers_of_collective_operators(n, k):
    space = Space({"rho": at}, {"rho": n})
    J = at.sum("eg") + 2 * at.sum("ge") - at.sum("ee")
    np.testing.assert_allclose(space.matrix(J**k), np.linalg.matrix_power(space.matrix(J), k), atol=1e-12)


def test_textbook_commutators():
    assert commutator(a, a.dag()) == 1 + 0 * a
    assert commutator(a, a.dag() ** 3) == 3 * a.dag() ** 2
    assert commutator(a**2, a.dag() ** 2) == 4 * a.dag() * a + 2
    assert commutator(at.sum("eg"), at.sum("ge")) == at.sum("ee") - at.sum("gg")
    assert commutator(at.sum("ee"), a * b) == 0 * a * b * at.sum("ee")
    assert at.each("eg") * at.each("ge") == at.each("ee")
    assert (at.each("ge") * at.each("ge")).terms == {}


def test_each_meets_the_sum_once():
    """σ_eg on the marked atom times Σ σ_ge: the same atom, or another one."""
    met = at.each("eg") * at.sum("ge")
    assert len(met.terms) == 2
    assert met == at.each("ee") + (met - at.each("ee"))
    assert at.sum("ge") * at.each("eg") == at.each("gg") + (met - at.each("ee"))


def test_a_master_equation_counts_its_channels():
    master = Master(f * a.dag() * a, loss=[(gamma, at.each("ge")), (0, a), (gamma, at.sum("ge"))])
    _, channels = master.counted({"rho": 3})
    assert len(channels) == 4
    space = Space(master.parts, {"rho": 2}, cutoff=4)
    rho = np.random.default_rng(1).normal(size=(16, 16))
    values = {f: 0.3, gamma: 0.7}
    rate = space.right_hand_side(master, rho, values)
    assert np.trace(rate) == pytest.approx(0, abs=1e-12)
    down, one = np.array([[0, 1], [0, 0]]), np.eye(2)
    lowering = [np.kron(np.eye(4), s) for s in (np.kron(down, one), np.kron(one, down))]
    n = np.kron(np.diag(np.arange(4.0)), np.eye(4))
    expected = -0.3j * (n @ rho - rho @ n)
    for L in (*lowering, sum(lowering)):
        expected = expected + 0.7 * (L @ rho @ L.T - (L.T @ L @ rho + rho @ L.T @ L) / 2)
    np.testing.assert_allclose(rate, expected, atol=1e-12)


def test_a_float_is_the_decimal_number_that_it_prints_as():
    (c,) = (0.3 * a).terms.values()
    assert c == sp.Rational(3, 10)
    (c,) = (np.float64(0.1) * a).terms.values()
    assert c == sp.Rational(1, 10)


def test_how_operators_look():
    H = f / sp.sqrt(N) * (at.sum("eg") * a + at.sum("ge") * a.dag())
    assert repr(H) == 'f/sqrt(N)*a*rho.sum("eg") + f/sqrt(N)*a.dag()*rho.sum("ge")'
    assert r"\hat{a}^{\dagger}" in H._repr_latex_()
    assert r"\mathcal{D}" in Master(H, loss=[(gamma, at.each("ge"))])._repr_latex_()


def test_master_equations_are_equal_if_written_alike():
    def written(a=a, f=f, gamma=gamma, at=at, size=2, order=1, losses=1):
        others = Emitters("tau", levels="ge", size=size, individual=True)
        terms = [a.dag() * a, f * (at.sum("eg") * a + at.sum("ge") * a.dag())][::order]
        nothing = 0 * a * at.sum("ge") * others.sum("ge")
        return Master(sum(terms, nothing), loss=[(gamma, at.each("ge")), (gamma, a)][:losses])

    one = written()
    assert one == written()
    assert hash(one) == hash(written())
    reordered = written(order=-1)
    assert reordered.H == one.H
    for other in (
        reordered,
        written(a=Boson("a", ("A", "Ad"))),
        written(f=2 * f),
        written(gamma=sp.Symbol("gamma", positive=True)),
        written(at=Emitters("rho", levels="ge", size=2)),
        written(size=3),
        written(losses=2),
    ):
        assert other != one


E = sp.Symbol("E")
nu = parameters("nu")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Master(E * (a + a.dag())), "is E declared real"),
        (lambda: Master(f * (a.dag() - a)), r"not Hermitian.*a\.dag\(\)"),
        (lambda: Master(a.dag() * a, loss=[(E, a)]), "rate E of loss number 0, L = a"),
        (lambda: Master(a.dag() * a, loss=[(nu, a)]), "positive=True"),
        (lambda: Master(a.dag() * a, loss=[(1, a), (-1, a)]), "rate -1 of loss number 1"),
        (lambda: Master(a.dag() * a, loss=[(sp.I, a)]), "rate I"),
        (lambda: Master(a.dag() * a, loss=[a]), "pairs"),
        (lambda: Master(BosonOp("a") + BosonOp("a").adjoint()), "unknown operator"),
        (lambda: Master("a"), "unknown operator"),
        (lambda: Master(1), "no modes and no emitters"),
        (lambda: Master(at.each("ee")), r"rho\.sum"),
        (lambda: a * Boson("a", ("A", "Ad")), "two different things are called a"),
        (lambda: a.mode.variables[0] * a, "only parameters"),
        (lambda: a * sp.oo, "finite"),
        (lambda: a**-1, "whole number"),
        (lambda: Boson("a b"), "without blanks"),
        (lambda: Emitters("rho", levels="g"), "two different names"),
        (lambda: Emitters("rho", levels="ge", size=0), "size 0"),
        (lambda: Emitters("rho", levels="ge", size=nu), "declared positive"),
        (lambda: Emitters("rho", levels="ge", size=N, individual=True), "whole number for size=N"),
        (lambda: at.sum("gx"), "levels g, e"),
        (lambda: at.on(0, "ge"), "individual=True"),
        (lambda: three.on(2, "g", "e"), "give one of 0 to 1"),
        (lambda: three.each("g", "e") * three.on(0, "g", "e"), "each and on"),
        (lambda: three.each("g", "e") * at.each("ge"), "each of"),
    ],
)
def test_refused(make, says):
    with pytest.raises((TypeError, ValueError), match=says):
        make()
