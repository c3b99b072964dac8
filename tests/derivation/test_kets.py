"""Kets in place of density matrices: what H does to them from the left."""

import numpy as np
import pytest
import sympy as sp

from sdeframe.derivation import Boson, Coherent, Emitters, Fock, Ket, Master, PositiveP, derive
from sdeframe.derivation.kets.quanta import quanta
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.interfaces.kets import Field, occupations
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import log_weight, parameters

a, b = Boson("a"), Boson("b")
U, J, N = parameters("U J N", positive=True)
three, pair, levels = Emitters("s", "ge", 3), Emitters("z", "ge", 2, individual=True), Emitters("v", "abc", 2)


def exchange(e):
    return a * e.sum("eg") + a.dag() * e.sum("ge")


SYSTEMS = {
    "atoms": (exchange(three) + U * three.sum("ee"), {a: 1.0, three: "g"}, {}),
    "unequal": (
        a * pair.on(0, "eg") + a.dag() * pair.on(0, "ge") + 2 * a * pair.on(1, "eg") + 2 * a.dag() * pair.on(1, "ge")
        + pair.on(0, "eg") * pair.on(1, "ge") + pair.on(1, "eg") * pair.on(0, "ge") + 3,
        {a: 1.0, pair: ["g", "e"]}, {},
    ),
    "interacting": (three.sum("eg") * three.sum("ge") + three.sum("ee") ** 2, {three: [0.6, 0.8j]}, {}),
    "levels": (levels.sum("ab") * levels.sum("ba") + levels.sum("cb") + levels.sum("bc"), {levels: "a"}, {}),
    "kerr": (U * a.dag() ** 2 * a**2 + a + a.dag(), {a: 1.0}, {"a": 8}),
    "hubbard": (J * (a.dag() * b + b.dag() * a) + U * a.dag() ** 2 * a**2, {a: 1.0, b: 0}, {}),
}  # fmt: skip


def model(name, **given):
    H, start, cutoffs = SYSTEMS[name]
    values = {s.name: 0.7 for c in H.terms.values() for s in c.free_symbols}
    return QuantumModel(Master(H), Ket(cutoffs), start=start, parameters=values, observables={"H": H}, **given)


def elements(basis):
    """Return <state|z> of every state, as polynomials."""
    found = [sp.S.One]
    for factor in basis.factors:
        if isinstance(factor, Field):
            here = [factor.variable**n / sp.sqrt(sp.factorial(n)) for n in range(factor.cutoff)]
        else:
            here = [
                sp.sqrt(sp.multinomial_coefficients(len(k), factor.size)[tuple(k)])
                * sp.Mul(*[x**n for x, n in zip(factor.variables, k, strict=True)])
                for k in occupations(len(factor.variables), factor.size).tolist()
            ]
        found = [x * y for x in found for y in here]
    return [found[k] for k in basis.kept()]


@pytest.mark.parametrize("gauged", [False, True])
@pytest.mark.parametrize("name", [n for n in SYSTEMS if n not in ("unequal", "levels")])
def test_the_weighted_ket_moves_by_h_in_the_mean(name, gauged):
    """L(exp(C0) <n|z>) = −i Σ_m H_nm exp(C0) <m|z>, state by state: so E[exp(C0)|z>] = exp(−iHt)|z(0)>."""
    q = model(name)
    sde = q.system()
    if gauged and sde.noises:
        sde = Decoupled(q.log_norm).transform(sde)
    H = q.observables["H"]
    amplitude, matrix = elements(H.basis), H.matrix().toarray()
    draw = np.random.default_rng(1)
    point = {x: sp.Float(p) + sp.I * sp.Float(r) for x in sde.state for p, r in [draw.normal(size=2)]}
    at = {**{s: sp.Float(v) for s, v in q.parameters().items()}, **point}
    few = range(0, min(H.basis.length, 40), 5)
    for n in few:
        rate = sde.generator(sp.exp(log_weight) * amplitude[n]) / sp.exp(log_weight)
        wanted = -sp.I * sum(complex(matrix[n, m]) * amplitude[m] for m in np.flatnonzero(matrix[n]))
        values = [complex(sp.sympify(x).subs(at).evalf()) for x in (rate, wanted)]
        assert values[0] == pytest.approx(values[1], rel=1e-9, abs=1e-9), (name, n)


@pytest.mark.long
@pytest.mark.parametrize("name", ["unequal", "levels"])
def test_the_weighted_ket_of_larger_systems_moves_by_h_in_the_mean(name):
    for gauged in (False, True):
        test_the_weighted_ket_moves_by_h_in_the_mean(name, gauged)


def test_equations_of_identical_atoms():
    sde = derive(Master(exchange(three)), Ket()).sde()
    alpha, g, e = sde["a"], sde["s_g"], sde["s_e"]
    assert dict(sde.drift) == {alpha: 0, g: 0, e: -sp.I * alpha * g, log_weight: 0}
    assert equal(sde.correlator(alpha, g), -sp.I * e)
    assert len(sde.noises) == 1
    assert all(sde.correlator(x, y) == 0 for x, y in [(alpha, alpha), (alpha, e), (g, g), (g, e), (e, e)])


def test_self_terms_have_a_real_noise_each():
    sde = derive(Master(SYSTEMS["hubbard"][0]), Ket()).sde()
    assert [noise.is_real for noise in sde.noises.values()] == [True]
    assert equal(sde.correlator(sde["a"], sde["a"]), -2 * sp.I * U * sde["a"] ** 2)


def test_norm_and_start():
    q = QuantumModel(Master(exchange(three)), Ket(), start={a: 1 + 2j, three: "e"}, observables={"n": a.dag() * a})
    alpha, g, e = q.system()["a"], q.system()["s_g"], q.system()["s_e"]
    squared = [x * sp.conjugate(x) for x in (alpha, g, e)]
    assert equal(q.log_norm, squared[0] + 3 * sp.log(squared[1] + squared[2]))
    assert dict(q.initial_state()) == {alpha: 1 + 2 * sp.I, g: 0, e: 1, log_weight: -sp.Rational(5, 2)}


def test_a_sharp_number_of_quanta_keeps_its_states_alone():
    q = QuantumModel(Master(exchange(three)), Ket(), start={a: 0, three: "e"}, observables={"n": a.dag() * a, "a": a})
    assert q.observables["n"].basis.totals == (3, 3)
    assert sorted(q.observables["n"].matrix().diagonal().real) == [0, 1, 2, 3]
    assert q.observables["a"].matrix().nnz == 0  # of which the average is 0


def test_amplitudes_are_a_start_of_emitters():
    q = model("interacting")
    assert complex(q.initial_state()[q.system()["s_e"]]) == pytest.approx(0.8)
    assert complex(q.initial_state()[q.system()["s_g"]]) == pytest.approx(-0.6j)
    exact = q.exact([0.0])["H"][0]
    assert exact.real == pytest.approx(3 * 0.64 + 6 * 0.36 * 0.64 + 3 * 0.64 + 6 * 0.64**2)


def test_quanta_that_h_conserves():
    counts = quanta(Master(exchange(three)))
    assert {str(k.level): n for k, n in counts.items()} == {"None": 1, "g": 0, "e": 1}
    assert set(quanta(Master(SYSTEMS["hubbard"][0])).values()) == {1}
    assert quanta(Master(a + a.dag() + exchange(three))) is None
    assert quanta(Master(a**2 + a.dag() ** 2)) is None


def refused(match, kind=ValueError):
    return pytest.raises(kind, match=match)


def test_what_kets_cannot_do_is_refused():
    with refused(r"H holds .*takes 4 derivatives"):
        derive(Master(a.dag() ** 4 * a**4), Ket())
    with refused(r"H holds .*takes 3 derivatives"):
        derive(Master(exchange(three) * three.sum("ee") + three.sum("ee") * exchange(three)), Ket())
    with refused(r"loss with L = a in kets"):
        derive(Master(a.dag() * a, [(1, a)]), Ket())
    given = {"observables": {"n": a.dag() * a}}
    with refused("kets start from coherent states"):
        QuantumModel(Master(a.dag() * a), Ket(), start={a: Fock(1)}, **given)
    with refused("is a mixture, with the largest eigenvalue 0.5"):
        QuantumModel(Master(exchange(three)), Ket(), start={a: 1, three: np.eye(2) / 2}, **given)
    with refused(r"give it, such as Ket\(cutoffs"):
        _ = QuantumModel(Master(a + a.dag()), Ket(), start={a: 1}, **given).observables
    with refused("cutoffs of x in Ket: the modes are a"):
        _ = QuantumModel(Master(a.dag() * a), Ket({"x": 3}), start={a: 1}, **given).observables
    with refused("cutoffs="):
        Ket({"a": 0})
    q = QuantumModel(Master(a.dag() * a), Ket(), start={a: Coherent(1)}, **given)
    with refused("averages are taken between two kets", TypeError):
        q.average(a)
    with refused("only kets have a norm", TypeError):
        _ = QuantumModel(Master(a.dag() * a), PositiveP(), start={a: 1}, **given).log_norm
    with refused("is no model of kets", TypeError):
        QuantumModel(Master(a.dag() * a), PositiveP(), start={a: 1}, **given).between(a)
