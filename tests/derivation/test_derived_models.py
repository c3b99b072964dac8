"""Models by derivation: tabulated exact values, the exact law of every derivation, equal forms of one system."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import conformance, parameters
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, adjoint, derive
from sdeframe.derivation.starts.states import Coherent, Fock
from sdeframe.models import (
    AtomsInCavity,
    BoseHubbard,
    CollectiveSpin,
    KerrOscillator,
    LambdaAtom,
    ParametricOscillator,
    PumpedAtoms,
    Superradiance,
    TavisCummings,
)
from sdeframe.studies.validations.references.dicke_ladder import superradiance_solution
from tests.support.derived_cases import CASES

TABLE = {case.name: case for case in CASES}
MODELS = [
    ("driven Kerr", KerrOscillator(), ("amplitude", "photon_number", "pairs")),
    ("damped Kerr", KerrOscillator(interaction=1, drive=0, decay=0.5, start=1), ("amplitude", "photon_number")),
    ("parametric", ParametricOscillator(), ("photon_number", "squeezing")),
    ("dephasing", KerrOscillator(0, 0, 0.3, decay=0, dephasing=0.4, start=1), ("amplitude", "photon_number")),
    ("thermal bath", KerrOscillator(0, 0, 0.3, bath=0.5, start=1), ("photon_number", "pairs")),
    ("Bose-Hubbard", BoseHubbard(), ("amplitude_0", "photon_number_0", "photon_number_1")),
    ("unequal atoms", AtomsInCavity(), ("excited_0", "excited_1", "photon_number", "pair")),
    ("pumped atom", PumpedAtoms(), ("excited", "photon_number")),
    ("Lambda atom", LambdaAtom(), ("excited", "ground", "photon_number")),
    ("superradiance", Superradiance(), ("excited", "photon_number", "pair")),
    ("collective decay", CollectiveSpin(), ("excited", "pair")),
]
EVERY = [model for _, model, _ in MODELS] + [
    KerrOscillator(0.3, 0.1, 0.2, bath=0.5, dephasing=0.4),
    BoseHubbard(4, edges=[(0, 1), (1, 2), (2, 3), (3, 0)], driven=2),
    AtomsInCavity([0.5, 0.8, -0.3], [0.3, -0.4, 0], [0.2, 0.5, 0.1]),
    PumpedAtoms(atoms=10),
    Superradiance(decay=0.3),
    CollectiveSpin(dephasing=0.3, tilt=0.7),
]


@pytest.mark.parametrize(("name", "model", "observables"), MODELS, ids=[name for name, _, _ in MODELS])
def test_defaults_are_the_tabulated_systems(name, model, observables):
    table = TABLE[name].table
    found = model.exact(list(table))
    assert set(found) == set(model.observables) >= set(observables)
    for k, values in enumerate(table.values()):
        for observable, value in zip(observables, values, strict=True):
            if value is not None:
                assert abs(found[observable][k] - value) < 1.1e-6, (observable, k)


@pytest.mark.parametrize("model", EVERY, ids=lambda m: str(m)[:60])
def test_the_law_of_every_derivation(model):
    assert conformance.check_derivation(model.derivation) > 0


def test_the_typed_tavis_cummings_model_is_the_derived_one():
    """(A46) from H: the same drift, the same noise up to names; (A39) too."""
    f, gamma, N = parameters("f gamma N", positive=True)
    a, at = Boson("a", ("A", "Ad")), Emitters("rho", levels="ge", size=N)
    H = f / sp.sqrt(N) * (at.sum("eg") * a + at.sum("ge") * a.dag())
    chain = derive(Master(H, [(gamma, at.each("ge"))]), PositiveP()).reduce_trace("gg").scale({a: sp.sqrt(N)}, time=f)
    for form, rule in (("A46", "split"), ("A39", "field")):
        typed, derived = TavisCummings(10, 10.0, form=form).system(), chain.sde(noise=rule)
        g = typed.parameters["g"]
        equal = {x: sp.expand(row.xreplace({gamma: g * f})) for x, row in derived.drift.items()}
        assert set(equal) == set(typed.state)
        for x in typed.state:
            assert sp.simplify(equal[x] - typed.drift[x]) == 0
            for y in typed.state:
                assert sp.simplify(typed.correlator(x, y) - derived.correlator(x, y)) == 0


def test_signs_of_the_lambda_atom():
    """Populations do not show the signs of Δ and Ω, the coherence of s and e does; its equation, typed by hand."""
    model, at, a = LambdaAtom(), Emitters("rho", levels="gse"), Boson("a")
    f, Omega, Delta = parameters("f Omega Delta")
    decay = sum(parameters("gamma_g gamma_s", positive=True)) / 2
    expected = -(sp.I * Delta + decay) * at.sum("se") + sp.I * Omega * (at.sum("ee") - at.sum("ss"))
    assert adjoint(model.master, at.sum("se")) == expected - sp.I * f * at.sum("sg") * a


def test_signs_of_the_bose_hubbard_model():
    """Photon numbers of two sites do not show the sign of J: d<a_0>/dt, typed by hand, does."""
    U, J, F = parameters("U J F")
    gamma, (a, b) = parameters("gamma", positive=True), (Boson("a0"), Boson("a1"))
    expected = -sp.I * U * a.dag() * a**2 + sp.I * J * b - sp.I * F - gamma / 2 * a
    assert adjoint(BoseHubbard().master, a) == expected


def test_identical_atoms_are_indexed_ones():
    t = [0.5, 1.5]
    same = PumpedAtoms(atoms=2, coupling=0.7, pump=0, dephasing=0, decay=0.3, cavity_decay=0.6, start="e").exact(t)
    indexed = AtomsInCavity([0.7 / 2**0.5] * 2, [0, 0], [0.3, 0.3], 0.6, field=0).exact(t)
    for name, other in (("excited", "excited_0"), ("photon_number", "photon_number"), ("pair", "pair")):
        np.testing.assert_allclose(same[name], indexed[other], atol=1e-9)


def test_superradiance_of_two_atoms_in_a_closed_cavity_is_tavis_cummings():
    t = [0.4, 1.3]
    for decay in (0.0, 0.6):
        found = Superradiance(atoms=2, cavity_decay=0, decay=decay).exact(t)
        known = TavisCummings(2, 0.0, decay=decay, start="excited").exact(t)
        np.testing.assert_allclose(found["excited"], known["excited"], atol=1e-9)


@pytest.mark.parametrize("size", [2, 10])
def test_superradiance_in_dicke_states(size):
    t = [0.0, 0.5, 1.5]
    found, general = superradiance_solution(size, 4.0, t, size), Superradiance(atoms=size).exact(t)
    assert found.keys() == general.keys()
    for name, values in found.items():
        np.testing.assert_allclose(values, general[name], atol=1e-8)
    with pytest.raises(ValueError, match=r"cutoff=1:.*take more"):
        superradiance_solution(size, 4.0, t, 1)
    with pytest.raises(ValueError, match=r"cutoff=1:.*take more"):  # it holds none at the end, but in between
        superradiance_solution(size, 4.0, [200.0], 1)


def test_collective_dephasing():
    """Φ D[Σσ_z] turns all atoms by one random angle: <σ_eg> decays as e^(−2Φt), <σ_eg σ_ge> of two atoms not at all."""
    t = np.array([0.3, 1.0])
    found = CollectiveSpin(atoms=3, decay=0, dephasing=0.5, tilt=1.0).exact(t)
    np.testing.assert_allclose(found["coherence"], np.sin(1.0) / 2 * np.exp(-t), atol=1e-9)
    np.testing.assert_allclose(found["pair"], np.sin(1.0) ** 2 / 4, atol=1e-9)
    np.testing.assert_allclose(found["excited"], np.cos(0.5) ** 2, atol=1e-9)


@pytest.mark.long
def test_a_chain_is_a_graph():
    t = [1.0]
    chain = BoseHubbard(3).exact(t)
    graph = BoseHubbard(3, edges=[(2, 1), (1, 0)]).exact(t)
    ring = BoseHubbard(3, edges=[(0, 1), (1, 2), (2, 0)]).exact(t)
    np.testing.assert_allclose(chain["photon_number_2"], graph["photon_number_2"], atol=1e-12)
    np.testing.assert_allclose(ring["photon_number_1"], ring["photon_number_2"], atol=1e-9)
    assert abs(chain["photon_number_2"][0] - ring["photon_number_2"][0]) > 1e-3


@pytest.mark.long
def test_large_systems_are_derived_and_not_solved():
    for model, size in ((BoseHubbard(10), 20), (AtomsInCavity([0.5] * 8, [0.1] * 8, [0.2] * 8), 26)):
        assert len(model.system().state) == size
    with pytest.raises(ValueError, match="elements or more that matter"):
        BoseHubbard(10).exact([1.0])


@pytest.mark.long
def test_eight_unequal_atoms_exactly():
    """Excitation blocks keep 276,000 of 16,777,216 elements and more; populations add up."""
    rng = np.random.default_rng(4)
    model = AtomsInCavity(rng.uniform(0.3, 0.8, 8), rng.uniform(-0.4, 0.4, 8), rng.uniform(0, 0.5, 8), field=0)
    found = model.exact([0.0, 0.5])
    assert found["excited_0"][0] == pytest.approx(1)
    assert 0 < found["photon_number"][1].real < 8


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: BoseHubbard(2, edges=[(0, 2)]), r"edge \(0, 2\)"),
        (lambda: BoseHubbard(2, edges=[(1, 1)]), "two different sites"),
        (lambda: BoseHubbard(2, driven=2), "driven=2"),
        (lambda: AtomsInCavity(decays=[0.1]), "2 couplings, 2 detunings and 1 decays"),
        (lambda: AtomsInCavity(couplings=[], detunings=[], decays=[]), "0 couplings"),
        (lambda: CollectiveSpin(atoms=1), "at least two atoms"),
        (lambda: CollectiveSpin(decay=0), "a decay or dephasing"),
        (lambda: KerrOscillator(decay=-1), "decay of KerrOscillator=-1"),
        (lambda: LambdaAtom(start="x"), "start of LambdaAtom='x'"),
    ],
)
def test_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_numbers_ask_for_no_derivation_of_their_own():
    first, *others = (AtomsInCavity(cavity_decay=kappa) for kappa in (0.1, 0.6, 2.0))
    for model in others:
        assert model.derivation is first.derivation
        assert model.system() is first.system()
        assert model.parameters() != first.parameters()


@pytest.mark.parametrize(
    ("model", "other"),
    [
        (AtomsInCavity(), AtomsInCavity(cavity_decay=0)),
        (AtomsInCavity(), AtomsInCavity(decays=(0.2, 0))),
        (AtomsInCavity(), AtomsInCavity([0.5] * 3, [0.1] * 3, [0.2] * 3)),
        (KerrOscillator(), KerrOscillator(drive=0)),
        (KerrOscillator(), KerrOscillator(bath=0.5)),
        (BoseHubbard(3), BoseHubbard(3, driven=1)),
        (BoseHubbard(3), BoseHubbard(3, edges=[(0, 1), (1, 2), (2, 0)])),
        (PumpedAtoms(), Superradiance()),
        (CollectiveSpin(dephasing=0.3), CollectiveSpin(decay=0, dephasing=0.3)),
    ],
)
def test_different_equations_are_derived_apart(model, other):
    assert model.derivation is not other.derivation
    one, two = model.system(), other.system()
    assert (one.drift, one.noise) != (two.drift, two.noise)


def test_one_derivation_may_get_noise_by_several_rules():
    class ByField(AtomsInCavity):
        noise = "field"

    assert ByField().derivation is AtomsInCavity().derivation
    assert ByField().system().noise != AtomsInCavity().system().noise


def test_starts_may_be_random():
    model = KerrOscillator(start=Fock(2))
    assert {str(s) for x in model.initial_state().values() for s in x.free_symbols} == {
        "d_a",
        "g_a_0",
        "g_a_1",
        "g_a_2",
    }
    assert model.exact([0.0])["photon_number"][0] == pytest.approx(2)
    assert KerrOscillator(start=0.5).start == Coherent(0.5)
