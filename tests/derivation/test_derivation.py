"""From the Hamiltonian of the Tavis-Cummings model to every form of its equations, and what the chain refuses."""

import attrs
import pytest
import sympy as sp

from sdeframe import SDE, complex_noises, parameters
from sdeframe.conformance import check_derivation
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, Wigner, adjoint, derive
from sdeframe.derivation.noise.certificate import certificate
from sdeframe.derivation.noise.emitters import field_between
from sdeframe.derivation.noise.source import Source, Unmatched
from sdeframe.derivation.phase_space.keys import Emitter
from sdeframe.symbolic.algebra import equal
from tests.support import paper_forms as paper
from tests.support.derivation_cases import (
    F,
    J,
    N,
    U,
    a,
    f,
    g,
    gamma,
    kappa,
    nbar,
    omega,
    same,
    single,
    tavis_cummings,
    two,
)

alpha = Boson("a", ("alpha", "alphad"))


def in_units_of_f(sde):
    """The typed forms have g for γ/f."""
    return SDE({x: row.xreplace({g: gamma / f}) for x, row in sde.drift.items()}, sde.noise)


def same_noise(derived, typed, names):
    """Tell whether even the noises are those of the typed form, up to their names."""
    renamed = {complex_noises(new): complex_noises(old) for new, old in names.items()}
    assert set(names) == set(derived.noises)
    return all(equal(derived.noise[x].xreplace(renamed), typed.noise[x]) for x in typed.state)


SPLIT = {"F_A": "F", "F_Ad": "Fd", "S_rho": "S"}


FIELD = {"F_A": "F", "F_Ad": "Fd"}


def test_a46_from_the_hamiltonian():
    sde = derive(tavis_cummings(), PositiveP()).reduce_trace("gg").scale({a: sp.sqrt(N)}, time=f).sde(noise="split")
    assert sde.equal_in_law(in_units_of_f(paper.a46()))
    assert same_noise(sde, paper.a46(), SPLIT)


@pytest.mark.parametrize("rule", ["field", "structure"])
def test_a39_from_the_hamiltonian(rule):
    sde = derive(tavis_cummings(), PositiveP()).reduce_trace("gg").scale({a: sp.sqrt(N)}, time=f).sde(noise=rule)
    assert sde.equal_in_law(in_units_of_f(paper.a39()))
    assert same_noise(sde, paper.a39(), FIELD)


@pytest.mark.parametrize("n", [1, 2])
def test_a19_and_a34_from_the_hamiltonian(n):
    with_eta = derive(tavis_cummings(atoms=single(n)), PositiveP(eta=True)).scale({a: sp.sqrt(N)}, time=f)
    assert with_eta.sde(noise="field").equal_in_law(in_units_of_f(paper.a34(n)))
    assert same_noise(with_eta.sde(noise="field"), paper.a34(n), FIELD)
    without = with_eta.remove_eta().sde(noise="field")
    assert without.equal_in_law(in_units_of_f(paper.a19(n)))
    assert same_noise(without, paper.a19(n), FIELD)
    direct = derive(tavis_cummings(atoms=single(n)), PositiveP()).scale({a: sp.sqrt(N)}, time=f)
    assert direct.sde().equal_in_law(without)
    assert not without.equal_in_law(in_units_of_f(paper.a34(n)))


def test_the_printed_equations_in_the_laboratory_frame():
    """(A39) and (6) = (A41) as printed, with the constant that (A45) names on the field: 1."""
    derived = derive(tavis_cummings(alpha, laboratory=True), PositiveP()).reduce_trace("gg")
    names = {"F_alpha": "F", "F_alphad": "Fd", "S_rho": "S"}
    six, a39 = derived.sde(noise="split", constant=1), derived.sde(noise="field", constant=1)
    assert six.equal_in_law(paper.a41_dimensional())
    assert same_noise(six, paper.a41_dimensional(), names)
    assert a39.equal_in_law(paper.a39_dimensional())
    assert same_noise(a39, paper.a39_dimensional(), {k: v for k, v in names.items() if v != "S"})


def test_the_rotating_frame():
    """(A43): from the laboratory frame to (A46)."""
    H0 = omega * (a.dag() * a + same.sum("ee"))
    derived = derive(tavis_cummings(laboratory=True), PositiveP()).rotate(H0).reduce_trace("gg")
    sde = derived.scale({a: sp.sqrt(N)}, time=f).sde(noise="split")
    assert sde.equal_in_law(in_units_of_f(paper.a46()))
    check_derivation(derived)
    off = derive(tavis_cummings(laboratory=True), PositiveP()).rotate(omega * a.dag() * a).scale(time=f)
    check_derivation(off)  # the coupling now turns, and the averages of a and σ with it
    assert any(row.has(sp.exp) for row in off.sde().drift.values())


def test_a_planted_sign_changes_the_law():
    wrong = Master(tavis_cummings().H * -1, loss=[(gamma, same.each("ge"))])
    sde = derive(wrong, PositiveP()).reduce_trace("gg").scale({a: sp.sqrt(N)}, time=f).sde(noise="split")
    assert not sde.equal_in_law(in_units_of_f(paper.a46()))


def test_the_generator_twice():
    """(E5) for any N, in unscaled fields; and (E2), the same on the side of the operators."""
    closed = Master(tavis_cummings().H)
    derived = derive(closed, PositiveP()).reduce_trace("gg")
    ree, reg, rge = (same.variable(pq) for pq in ("ee", "eg", "ge"))
    A, Ad = a.mode.variables
    expected = -2 * f**2 * ((2 * ree - 1) * A * Ad / N + ree / N + reg * rge * (1 - 1 / N))
    sde = derived.sde(noise="split")
    assert equal(sde.generator(sde.generator(ree)), expected)
    twice = adjoint(closed, adjoint(closed, same.sum("ee"))) / N
    typed = -2 * f**2 / N * ((same.sum("ee") - same.sum("gg")) * a.dag() * a + same.sum("eg") * same.sum("ge")) / N
    assert twice == typed
    assert equal(derived.average(twice), expected)


def test_moment_equations():
    derived = derive(tavis_cummings(), PositiveP()).reduce_trace("gg")
    A, Ad = a.mode.variables
    reg, rge = same.variable("eg"), same.variable("ge")
    assert equal(derived.average(a.dag() * a), A * Ad)
    assert equal(derived.average(same.sum("eg") * same.sum("ge")), N * same.variable("ee") + N * (N - 1) * reg * rge)
    assert equal(derived.moment_equation(a.dag() * a), sp.I * f * sp.sqrt(N) * (A * rge - Ad * reg))
    wigner = derive(Master(omega * a.dag() * a, loss=[(kappa, a)]), Wigner())
    assert equal(wigner.average(a.dag() * a), A * sp.conjugate(A) - sp.Rational(1, 2))
    assert equal(wigner.moment_equation(a.dag() * a), kappa / 2 - kappa * A * sp.conjugate(A))


def test_steps_are_shown():
    derived = derive(tavis_cummings(), PositiveP()).reduce_trace("gg").scale({a: sp.sqrt(N)}, time=f)
    titles = [step.title for step in derived.steps]
    assert [("A34" in t, "A37" in t, "A38" in t, "A44" in t).index(True) for t in titles[1:]] == [0, 1, 2, 3]
    for shown in (*derived.steps, derived, derived.sde()):
        latex = shown._repr_latex_()
        assert latex.startswith("$\\displaystyle")
        assert latex.count("{") == latex.count("}")
        assert latex.count(r"\begin") == latex.count(r"\end") > 0


f0, f1 = parameters("f0 f1", positive=True)


def unequal():
    H = sum(c * (two.on(k, "eg") * a + two.on(k, "ge") * a.dag()) for k, c in enumerate((f0, f1)))
    return derive(Master(H), PositiveP()).reduce_trace("gg")


def test_noises_do_not_grow_in_number_with_the_atoms():
    def count(n, rule):
        atoms = single(n)
        return len(derive(tavis_cummings(atoms=atoms), PositiveP()).reduce_trace("gg").sde(rule).noises)

    assert [count(n, "structure") for n in (1, 2, 4)] == [2, 2, 2]
    assert [count(n, "split") for n in (1, 2, 4)] == [3, 6, 12]


def test_the_certificate_catches_one_shared_tail_for_unequal_atoms():
    g_unequal = unequal().generator
    shared = Unmatched(g_unequal)
    tails = {i: T for (i, e), T in g_unequal.tails.items() if e == Emitter("rho", 0)}
    emitters = [k for k, key in enumerate(g_unequal.keys) if key.emitter is not None]
    shared.take(Source("S", tails, {k: {(k,): -sp.S.One} for k in emitters}))
    assert certificate(g_unequal, shared.sources)
    proper = Unmatched(g_unequal)
    field_between(proper, None)
    assert not certificate(g_unequal, proper.sources)
    first = emitters[0]
    lame = [attrs.evolve(x, second={k: p for k, p in x.second.items() if k != first}) for x in proper.sources]
    assert certificate(g_unequal, lame)


@pytest.mark.parametrize(
    ("noise", "expected"),
    [
        (derive(Master(U / 2 * a.dag() ** 2 * a**2), PositiveP()).sde(), {"W_A": (1, sp.sqrt(-sp.I * U))}),
        (derive(Master(0 * a, loss=[(kappa, a.dag() * a)]), PositiveP()).sde(), {"W_A": (1, sp.I * sp.sqrt(kappa))}),
    ],
)
def test_noise_of_powers_has_no_root_of_a_variable(noise, expected):
    A = a.mode.variables[0]
    assert not any(power.exp == sp.S.Half and power.has(A) for power in noise.noise[A].atoms(sp.Pow))
    for name, (degree, c) in expected.items():
        assert equal((noise.noise[A].coeff(noise.noises[name]) / A**degree) ** 2, c**2)


def test_dephasing_keeps_conjugates():
    """(iα, −iα†)√κ dW keeps α† = α*; collective dephasing is one real noise, 2i√Γ(ρeg, −ρge) dW."""
    sde = derive(Master(0 * a, loss=[(kappa, a.dag() * a)]), PositiveP()).sde()
    A, Ad = a.mode.variables
    (W,) = sde.noises.values()
    assert W.is_real
    assert equal(sp.conjugate(sde.noise[A]).xreplace({sp.conjugate(A): Ad}), sde.noise[Ad])
    sde = derive(Master(0 * same.sum("ee"), loss=[(kappa, same.sum("ee") - same.sum("gg"))]), PositiveP()).sde()
    (W,) = sde.noises.values()
    assert W.is_real
    assert equal(sde.noise[same.variable("eg")] ** 2, -4 * kappa * same.variable("eg") ** 2 * W**2)


@pytest.mark.parametrize("rate", [nbar, 2])
def test_a_thermal_bath_keeps_conjugates(rate):
    sde = derive(Master(0 * a, loss=[(1 + rate, a), (rate, a.dag())]), PositiveP()).sde()
    A, Ad = a.mode.variables
    assert equal(sp.conjugate(sde.noise[A]), sde.noise[Ad])
    assert equal(sde.correlator(A, Ad), rate)


def test_two_photon_loss_noise():
    sde = derive(Master(sp.I * F / 2 * (a.dag() ** 2 - a**2), loss=[(1, a), (kappa, a**2)]), PositiveP()).sde()
    A, Ad = a.mode.variables
    assert equal(sde.drift[A], F * Ad - A / 2 - kappa * A**2 * Ad)
    assert equal(sde.correlator(A, A), F - kappa * A**2)
    assert equal(sde.correlator(A, Ad), 0)


def test_collective_decay():
    """ee: −Γρee − Γ(N−1)ρegρge, with two complex noises."""
    derived = derive(Master(0 * same.sum("ee"), loss=[(gamma, same.sum("ge"))]), PositiveP()).reduce_trace("gg")
    sde = derived.sde()
    ree, reg, rge = (same.variable(pq) for pq in ("ee", "eg", "ge"))
    assert equal(sde.drift[ree], -gamma * ree - gamma * (N - 1) * reg * rge)
    assert len(sde.noises) == 2
    assert sde.equal_in_law(derived.sde("field"))


def test_one_atom_losses_have_no_noise():
    three = Emitters("rho", levels="gse", size=N)
    rates = [(gamma, three.each("ge")), (kappa, three.each("se")), (J, three.each("eg")), (U, three.each("ee"))]
    for atoms in (three, Emitters("rho", levels="gse", size=2, individual=True)):
        losses = [(rate, atoms.each(*ij)) for (rate, _), ij in zip(rates, ("ge", "se", "eg", "ee"), strict=True)]
        H = F * (atoms.sum("es") + atoms.sum("se"))
        assert not derive(Master(H, loss=losses), PositiveP()).sde().noises


def test_eight_atoms_have_26_variables():
    n = 8
    atoms = single(n)
    fs, ws, gs = (parameters(f"{x}:{n}", positive=True) for x in ("f", "w", "g"))
    H = sum(fs[k] * (atoms.on(k, "eg") * a + atoms.on(k, "ge") * a.dag()) + ws[k] * atoms.on(k, "ee") for k in range(n))
    losses = [(gs[k], atoms.on(k, "ge")) for k in range(n)] + [(kappa, a)]
    sde = derive(Master(H, loss=losses), PositiveP()).reduce_trace("gg").sde(noise="split")
    assert len(sde.variables) == 26
