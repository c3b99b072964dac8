"""Laws of derived equations, for random master equations: exact ones, and against dense matrices."""

from fractions import Fraction
from math import comb, factorial

import attrs
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeframe import complex_noises, parameters
from sdeframe.conformance import check_derivation
from sdeframe.derivation import Boson, Emitters, Master, Operator, PositiveP, Q, Wigner, derive
from sdeframe.derivation.noise.certificate import certificate
from sdeframe.derivation.noise.factorize import RULES, factorized
from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.derivation.phase_space.keys import ElementKey, Emitter, FieldKey
from sdeframe.derivation.phase_space.moments import applied, symbol
from sdeframe.derivation.phase_space.reductions import remove_eta
from tests.support.dense import Space

a, b = Boson("a"), Boson("b")
atoms = Emitters("rho", levels="ge", size=3, individual=True)
few = settings(max_examples=5, deadline=None)
small = st.integers(-3, 3)
amplitudes = st.builds(lambda x, y: x + sp.I * y, small, small)
rates = st.integers(1, 4).map(lambda k: sp.Rational(k, 3))


def hermitian(x):
    return x + x.dag()


@st.composite
def bosonic(draw):
    """Two modes: any quadratic Hamiltonian, Kerr terms, losses that are linear, of a†a and of a²."""
    words = st.lists(st.sampled_from([a, b, a**2, b**2, a * b, a.dag() * b, a.dag() * a]), min_size=2, max_size=4)
    H = sum(hermitian(draw(amplitudes) * x) for x in draw(words))
    H = H + draw(small) * a.dag() ** 2 * a**2 + draw(small) * a.dag() * a * b.dag() * b
    linear = [sum(draw(amplitudes) * x for x in (a, a.dag(), b)) + draw(small)]
    others = draw(st.lists(st.sampled_from([a.dag() * a, b**2, a * b]), max_size=2))
    return Master(H, loss=[(draw(rates), L) for L in (*linear, *others) if L.terms])


@st.composite
def with_atoms(draw, levels="ge", size=2):
    """A mode and unequal atoms with any couplings, energies, pair interaction, one-atom and collective losses."""
    at = Emitters("rho", levels=levels, size=size, individual=True)
    transitions = [(i, j) for i in levels for j in levels]
    H = draw(small) * a.dag() * a + hermitian(draw(amplitudes) * a)
    for mu in at.numbers:
        X, Y = (draw(amplitudes) * at.on(mu, *draw(st.sampled_from(transitions))) for _ in range(2))
        H = H + hermitian(X * a) + hermitian(Y)
    H = H + hermitian(draw(amplitudes) * at.on(0, *draw(st.sampled_from(transitions))) * at.on(1, "e", "g"))
    single = sum(draw(amplitudes) * at.on(1, *ij) for ij in transitions)
    collective = sum(draw(amplitudes) * at.on(mu, *draw(st.sampled_from(transitions))) for mu in at.numbers)
    jumps = [single, collective + draw(small) * a, at.each("g", "e") * a]
    return Master(H, loss=[(draw(rates), L) for L in jumps if L.terms])


@pytest.mark.parametrize("representation", [PositiveP(), Wigner(), Q()], ids=lambda r: r.name)
@few
@given(bosonic())
def test_modes_obey_the_exact_law(representation, master):
    relaxed = attrs.evolve(representation, beyond="drop")  # Q has third orders too, which second moments do not see
    assert check_derivation(derive(master, relaxed)) == 14


@pytest.mark.long
@few
@given(with_atoms())
def test_atoms_obey_the_exact_law(master):
    assert check_derivation(derive(master, PositiveP())) > 30
    assert check_derivation(derive(master, PositiveP(eta=True))) > 30
    assert check_derivation(derive(master, PositiveP()).reduce_trace("gg")) > 30


@settings(max_examples=2, deadline=None)
@given(with_atoms(levels="gse"))
def test_atoms_of_three_levels_obey_the_exact_law(master):
    check_derivation(derive(master, PositiveP()).reduce_trace("s"))


@pytest.mark.parametrize("rule", RULES)
@few
@given(with_atoms())
def test_noise_has_its_certificate(rule, master):
    g = derive(master, PositiveP()).reduce_trace("gg").generator
    assert certificate(g, factorized(g, rule, None, doubled=True)) == {}


@few
@given(bosonic())
def test_noise_of_modes_has_its_certificate(master):
    g = derive(master, PositiveP()).generator
    assert certificate(g, factorized(g, "structure", None, doubled=True)) == {}


@few
@given(with_atoms())
def test_populations_of_each_atom_add_up_to_one_on_every_trajectory(master):
    """(D1), (D2): drift and noise of Σρ_pp vanish where it is 1."""
    derived = derive(master, PositiveP())
    sde = derived.sde("structure")
    for mu in range(2):
        ee, gg = sde[f"rho_ee_{mu}"], sde[f"rho_gg_{mu}"]
        assert sp.expand(sde.drift[ee] + sde.drift[gg]) == 0
        assert sp.expand((sde.noise[ee] + sde.noise[gg]).subs(gg, 1 - ee)) == 0


@few
@given(with_atoms())
def test_noise_replaces_the_eta_numbers(master):
    """L_A19 f = [L_A34 f] with η² -> 0, on functions that are linear in each atom, of up to three factors."""
    with_eta, without = derive(master, PositiveP(eta=True)).generator, derive(master, PositiveP()).generator
    first, second = ([k for k, key in enumerate(without.keys) if key.emitter == Emitter("rho", mu)] for mu in (0, 1))
    for i in first:
        for j in second:
            for field in ((), (0,), (1,)):
                f = {tuple(sorted((*field, i, j))): sp.S.One}
                assert applied(without, f) == applied(with_eta, f, eta=True)


class Averages:
    """Averages of polynomials in a state: normally ordered in positive-P, symmetrically in Wigner."""

    def __init__(self, derived, space, rho):
        self.derived, self.space, self.rho, self.known = derived, space, rho, {}

    def __call__(self, p):
        return sum(complex(c) * self.of_powers(powers) for powers, c in p.items())

    def of_powers(self, powers):
        if powers not in self.known:
            self.known[powers] = np.sum(self.space.matrix(self.operator(powers)) * self.rho.T)
        return self.known[powers]

    def operator(self, powers):
        g, master, found = self.derived.generator, self.derived.master, Operator({Monomial(): sp.S.One})
        half = sp.Rational(1 - self.derived.representation.s, 2)
        for mode in master.modes:
            n, m = (powers.count(g.number[FieldKey(mode.name, dagger)]) for dagger in (False, True))
            ordered = Operator({}, {mode.name: mode})
            for k in range(1 + min(m, n)):
                c = factorial(k) * comb(m, k) * comb(n, k) * half**k
                one = Monomial(((mode.name, m - k, n - k),)) if m + n > 2 * k else Monomial()
                ordered = ordered + Operator({one: c})
            found = found * ordered
        for k in powers:
            key = g.keys[k]
            if isinstance(key, ElementKey):
                found = found * master.parts[key.emitters].on(key.number, key.q, key.p)
        return found


def low_state(space, low, seed):
    """A random state of at most `low` - 1 photons in each mode."""
    draw = np.random.default_rng(seed)
    modes = [isinstance(x, np.ndarray) for x in space.factors.values()]
    keep = [low if mode else size for mode, size in zip(modes, space.sizes, strict=True)]
    inside = np.zeros(space.sizes, bool)
    inside[tuple(slice(0, k) for k in keep)] = True
    dimension = inside.sum()
    x = draw.normal(size=(dimension, dimension)) + 1j * draw.normal(size=(dimension, dimension))
    rho = np.zeros((inside.size,) * 2, complex)
    rho[np.ix_(inside.ravel(), inside.ravel())] = x @ x.conj().T / np.trace(x @ x.conj().T)
    return rho


def check_against_matrices(derived, operators, space, rho):
    rate, average = space.right_hand_side(derived.master, rho), Averages(derived, space, rho)
    for operator in operators:
        f, matrix = symbol(derived.generator, derived.representation, operator), space.matrix(operator)
        expected = np.sum(matrix * rate.T)
        assert average(f) == pytest.approx(np.sum(matrix * rho.T), abs=1e-10)
        assert average(applied(derived.generator, f)) == pytest.approx(expected, abs=1e-9, rel=1e-9), operator


@pytest.mark.parametrize("representation", [PositiveP(), Wigner()], ids=lambda r: r.name)
@settings(max_examples=3, deadline=None)
@given(bosonic(), st.integers(0, 1000))
def test_modes_against_dense_matrices(representation, master, seed):
    """Second, independent: no operator algebra is in it. Degree two, which is all that truncated Wigner promises."""
    derived, space = derive(master, representation), Space({**a.parts, **b.parts}, cutoff=8)
    rho = low_state(space, 3, seed)
    check_against_matrices(derived, [a, a**2, a.dag() * a, a * b, b.dag() * a, b.dag() ** 2], space, rho)


@settings(max_examples=4, deadline=None)
@given(with_atoms(), st.integers(0, 1000))
def test_atoms_against_dense_matrices(master, seed):
    derived = derive(master, PositiveP())
    at, space = master.parts["rho"], Space(master.parts, cutoff=8)
    rho = low_state(space, 4, seed)
    some = [a, a**2, at.on(0, "eg"), at.on(0, "ee") * at.on(1, "ge"), a * at.on(1, "eg"), a.dag() * at.on(0, "ee")]
    check_against_matrices(derived, some, space, rho)


@pytest.mark.parametrize("n", [2, 3])
def test_identical_and_numbered_atoms_agree_in_the_mean(n):
    """Four derivatives of <σee>, <a†a> and <σeg σge> at the start of equal atoms, all of them the same."""
    f, gamma, kappa = sp.Rational(2, 3), sp.Rational(1, 2), sp.Rational(1, 5)
    numbered = Emitters("rho", levels="ge", size=n, individual=True)
    same = Emitters("rho", levels="ge", size=n)

    def derived(at):
        H = f * (at.sum("eg") * a + at.sum("ge") * a.dag()) + at.sum("ee") / 4 + at.sum("eg") * at.sum("ge") / 7
        return derive(Master(H, loss=[(gamma, at.each("ge")), (kappa, at.sum("ge")), (kappa, a)]), PositiveP())

    one, many = derived(same).generator, derived(numbered).generator
    shared = [key._replace(number=None) if isinstance(key, ElementKey) else key for key in many.keys]
    joint = {k: one.number[key] for k, key in enumerate(shared)}

    def reduced(p):
        found = {}
        for powers, c in p.items():
            k = tuple(sorted(joint[v] for v in powers))
            found[k] = sp.expand(found.get(k, 0) + c)
        return {k: c for k, c in found.items() if c != 0}

    def of_different(at):
        return at.sum("eg") * at.sum("ge") - at.sum("ee")

    for mine, theirs in ((same.sum("ee"), numbered.sum("ee")), (of_different(same), of_different(numbered))):
        p, q = symbol(one, PositiveP(), mine), symbol(many, PositiveP(), theirs)
        for _ in range(4):
            assert reduced(q) == p
            p, q = applied(one, p), applied(many, q)


@pytest.mark.long
def test_symmetric_atoms_in_any_number_obey_the_exact_law():
    N, M = parameters("N M", positive=True)
    first, second = Emitters("rho", levels="ge", size=N), Emitters("tau", levels="gse", size=M)
    H = hermitian(2 * first.sum("eg") * a + sp.I * second.sum("sg") * first.sum("ge") + 3 * second.sum("se") * a)
    H = H + first.sum("ee") ** 2 + hermitian(first.sum("eg"))
    losses = [
        (1, first.sum("ge") + 2 * second.sum("gs") + sp.I * a),
        (3, first.each("ge") * a),
        (2, second.each("ge") - sp.I * second.each("ss")),
        (1, first.sum("ee") - first.sum("gg")),
    ]
    derived = derive(Master(H, loss=losses), PositiveP())
    assert check_derivation(derived) > 100
    for rule in RULES:
        derived.reduce_trace("gg").sde(rule)


# Planted errors


@pytest.mark.parametrize("row", range(4))
@pytest.mark.parametrize("representation", [PositiveP(), Wigner(), Q()], ids=lambda r: r.name)
def test_one_sign_of_the_table_is_caught(representation, row):
    rows = list(representation.modes)
    x, y, c = rows[row]
    rows[row] = (x, y, -c if c else Fraction(1))
    wrong = attrs.evolve(representation, modes=tuple(rows), beyond="drop")
    H = hermitian((1 + sp.I) * a**2 + a.dag() * b) + a.dag() ** 2 * a**2
    with pytest.raises((AssertionError, ValueError), match=r"is wrong by|does not keep the trace"):
        check_derivation(derive(Master(H, loss=[(1, a + 2 * a.dag()), (1, a.dag() * a), (1, b)]), wrong))


def test_the_tail_left_out_is_caught():
    """Without −tρ, (A34) in place of (A19)."""
    at = Emitters("rho", levels="ge", size=2, individual=True)
    master = Master(hermitian(at.on(0, "eg") * a + 2 * at.on(1, "eg") * a))
    with_eta = derive(master, PositiveP(eta=True))
    check_derivation(with_eta)
    with pytest.raises(AssertionError, match="is wrong by"):
        check_derivation(attrs.evolve(with_eta, representation=PositiveP()))
    g = remove_eta(with_eta.generator)
    check_derivation(attrs.evolve(with_eta, representation=PositiveP(), generator=g))


def test_one_noise_shared_by_unequal_atoms_is_caught():
    at = Emitters("rho", levels="ge", size=2, individual=True)
    derived = derive(Master(hermitian(at.on(0, "eg") * a + 2 * at.on(1, "eg") * a)), PositiveP())
    split = derived.sde("split")
    assert split.equal_in_law(derived.sde("field"))
    first, second = complex_noises("S_rho_0 S_rho_1")
    assert {first, second} <= set(split.noises.values())
    shared = split.with_rows({}, {x: row.xreplace({second: first}) for x, row in split.noise.items()})
    assert not shared.equal_in_law(split)


def test_one_correlator_changed_is_caught():
    at = Emitters("rho", levels="ge", size=parameters("N", positive=True))
    derived = derive(Master(hermitian(at.sum("eg") * a), loss=[(1, at.sum("ge"))]), PositiveP())
    for pair in derived.generator.diffusion:
        wrong = {ij: d for ij, d in derived.generator.diffusion.items() if ij != pair}
        with pytest.raises(AssertionError, match="is wrong by"):
            check_derivation(attrs.evolve(derived, generator=derived.generator.evolve(diffusion=wrong)))
