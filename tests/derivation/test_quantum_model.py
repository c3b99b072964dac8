"""Models from operators alone: the equations, starts and exact values of the chain that is written out by hand."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import QuantumModel, complex_parameters, mean, parameters, simulate, sweep
from sdeframe.derivation import (
    Boson,
    Coherent,
    Emitters,
    Fock,
    Master,
    PositiveP,
    Q,
    Thermal,
    Wigner,
    derive,
    initial_values,
)
from sdeframe.integrators import W2S4
from sdeframe.models import KerrOscillator
from sdeframe.models.kerr_oscillator import F, U, gamma
from sdeframe.models.kerr_oscillator import a as mode
from sdeframe.observers import Functions, Moments, TrustHorizon
from sdeframe.storage.store import Store

a, at = Boson("a"), Emitters("rho", levels="ge", size=3)
kappa, drive = parameters("kappa drive")
loss = parameters("loss", positive=True)
MASTER = Master(kappa * a.dag() ** 2 * a**2 + drive * (a + a.dag()), [(loss, a)])
VALUES = {"kappa": 0.25, drive: 0.2, "loss": 1.0}
NUMBER = {"n": a.dag() * a}


def model(representation=None, master=MASTER, **changes):
    given = {"start": {a: 0.5}, "parameters": VALUES, "observables": NUMBER, **changes}
    return QuantumModel(master, representation or PositiveP(), **given)


def test_it_is_the_class_of_ones_own_that_it_saves():
    master = Master(U / 2 * mode.dag() ** 2 * mode**2 + F * (mode + mode.dag()), [(gamma, mode)])
    plain = QuantumModel(
        master, PositiveP(), {mode: 0}, {"U": 0.5, "F": 0.2, "gamma": 1.0}, observables={"n": mode.dag() * mode}
    )  # fmt: skip
    kerr = KerrOscillator()
    options = {"times": [0, 1.0], "trajectories": 512, "seed": 1, "progress": False}
    one = simulate(kerr, W2S4(0.05), observers=[TrustHorizon(n=kerr.observables["photon_number"])], **options)
    other = simulate(plain, W2S4(0.05), observers=[TrustHorizon(**plain.observables)], **options)
    assert np.allclose(one.dataset.n, other.dataset.n, atol=0.05)
    assert plain.poles == kerr.poles
    assert np.allclose(plain.exact([0, 1.0])["n"], kerr.exact([0, 1.0])["photon_number"])


def test_poles_of_several_modes_are_of_the_order_that_degrees_tell():
    """A pump that makes pairs has photon numbers as 1/(t - ts)²; a mode beside it that is linear is left with none."""
    b, c = Boson("b"), Boson("c")
    pairs = sp.I * kappa * (b * a.dag() ** 2 - b.dag() * a**2)
    pump = {"start": {a: 0, b: 1}, "parameters": {"kappa": 0.4, "loss": 1.0}}
    depleted = model(master=Master(pairs, [(loss, a), (loss, b)]), **pump)
    assert (set(map(str, depleted.poles.strongest)), depleted.poles.order) == ({"a*ad", "b*bd"}, 2)
    beside = model(master=Master(pairs, [(loss, a), (loss, c)]), **pump | {"start": {a: 0, b: 1, c: 1}})
    assert beside.poles.order == 1
    assert model().poles.order == 1


@pytest.mark.parametrize("representation", [PositiveP(), Wigner()], ids=lambda r: r.name)
def test_equations_and_start_are_those_of_the_chain(representation):
    found, derivation = model(representation), derive(MASTER, representation)
    assert found.system().drift == derivation.sde().drift
    assert found.observables["n"] == derivation.average(a.dag() * a)
    assert found.initial_state() == initial_values(MASTER, representation, found.start_state())
    assert (found.poles is None) == (not representation.doubled)


def test_q_where_it_has_a_positive_diffusion():
    found = model(Q(), Master(drive * a.dag() * a, [(loss, a)]), parameters={"drive": 0.2, "loss": 1.0})
    ds = simulate(
        found, W2S4(0.05), observers=[Moments(**found.observables)], times=[0, 1.0], trajectories=4000, seed=1,
        progress=False,
    ).dataset  # fmt: skip
    assert (abs(ds.n - found.exact([0, 1.0])["n"]) < 5 * ds.n_se + 1e-12).all()


def test_emitters_lose_the_population_of_their_first_level():
    H = kappa * (a.dag() * at.sum("ge") + a * at.sum("eg"))
    found = QuantumModel(
        Master(H), PositiveP(), start={a: 1, at: "g"}, parameters={kappa: 0.5},
        observables={"excited": at.sum("ee") / 3, "Jz2": (at.sum("ee") - sp.Rational(3, 2)) ** 2},
    )  # fmt: skip
    assert "rho_gg" not in found.system().variables
    assert abs(found.exact([0.0])["Jz2"][0] - 2.25) < 1e-12


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"parameters": {**VALUES, "kapa": 1.0}}, ValueError, "'kapa'.*the model has drive, kappa, loss"),
        ({"parameters": {"kappa": 1.0}}, ValueError, "no value of drive, loss"),
        (
            {"parameters": {**VALUES, "kappa": 0.3j}},
            ValueError,
            r"must be a finite real number.*complex_parameters\('kappa'\)",
        ),
        ({"parameters": [1.0]}, TypeError, "must be like"),
        ({"start": {}}, ValueError, "no initial state"),
        ({"start": {a: "g"}}, TypeError, "a"),
        ({"start": 1.0}, TypeError, "give one for each mode"),
        ({"observables": {}}, TypeError, "must be like"),
        ({"observables": {"n": "a"}}, TypeError, "a"),
        ({"master": kappa * a.dag() * a}, TypeError, "Master"),
    ],
)
def test_what_does_not_fit_is_refused(changes, error, words):
    with pytest.raises(error, match=words):
        model(**changes)


def test_parameters_of_a_start_have_values_too():
    photons = parameters("photons", positive=True)
    found = model(start={a: Thermal(photons)}, parameters={**VALUES, photons: 0.5})
    assert abs(found.exact([0.0])["n"][0] - 0.5) < 1e-6
    with pytest.raises(ValueError, match="no value of photons"):
        model(start={a: Thermal(photons)})


def complex_drive(value, **changes):
    F = complex_parameters("F")
    master = Master(kappa * a.dag() ** 2 * a**2 + F * a.dag() + sp.conjugate(F) * a, [(loss, a)])
    return model(master=master, parameters={"kappa": 0.25, "loss": 1.0, **value}, **changes)


@pytest.mark.parametrize("key", ["F", complex_parameters("F")], ids=["name", "parameter"])
def test_complex_parameters_are_given_by_name_or_as_they_are(key):
    found = complex_drive({key: 0.3 - 0.4j}, start={a: Coherent(complex_parameters("F"))})
    assert {str(s): x for s, x in found.parameters().items()} == {"kappa": 0.25, "loss": 1.0, "F_re": 0.3, "F_im": -0.4}
    plain = model(parameters={**VALUES, drive: 0.5}, start={a: 0.5j})  # the same, turned by the phase of F
    turned = complex_drive({key: 0.5j}, start={a: -0.5})
    assert np.allclose(turned.exact([0.0, 1.0])["n"], plain.exact([0.0, 1.0])["n"])
    assert np.allclose(found.exact([0.0])["n"], 0.25)


def test_complex_parameters_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"'F': .*inf.* must be a complex number"):
        complex_drive({"F": complex("inf")})
    with pytest.raises(ValueError, match=r"'F': 'x'.* must be a complex number"):
        complex_drive({"F": "x"})
    with pytest.raises(ValueError, match=r"no value of F_im, F_re: give parameters={'F': 1.0 \+ 0.5j}"):
        complex_drive({})


def test_parameters_are_swept_by_name(tmp_path):
    options = {"observers": [Moments(**NUMBER)], "times": [0.5], "trajectories": 64, "seed": 1, "progress": False}
    swept = sweep(complex_drive({"F": 0.1j}), {"F_im": [0.1, 0.4]}, W2S4(0.05), store=Store(tmp_path), **options)
    for value in (0.1, 0.4):
        one = simulate(complex_drive({"F": 1j * value}), W2S4(0.05), **options)
        assert swept["n"].sel(F_im=value).values == one.dataset.n.values
    with pytest.raises(TypeError, match="sweep over the parts F_re and F_im"):
        sweep(complex_drive({"F": 0.1j}), {"F": [0.1j]}, W2S4(0.05), **options)
    with pytest.raises(ValueError, match="no parameter 'F', only"):
        sweep(complex_drive({"F": 0.1j}), {"F": [0.1]}, W2S4(0.05), **options)


def test_a_number_is_the_amplitude_of_a_coherent_state():
    assert abs(model(start={a: 1.5 + 0.5j}).exact([0.0])["n"][0] - 2.5) < 1e-6
    assert abs(model(start={a: Fock(2)}).exact([0.0])["n"][0] - 2.0) < 1e-6


@pytest.mark.long
def test_two_modes_from_operators_to_exact_curves():
    """Light of one mode made of pairs from another: no time within a horizon is 6 standard errors off, nor is g2.

    False alarms of 51 times and three numbers are below 4e-7.
    """
    b, Delta = Boson("b"), parameters("Delta")
    n, pairs = a.dag() * a, a.dag() ** 2 * a**2
    H = Delta * n + sp.I * (kappa / 2 * (b * a.dag() ** 2 - b.dag() * a**2) + drive * (b.dag() - b))
    found = QuantumModel(
        Master(H, [(loss, a), (loss, b)]), PositiveP(), start={a: 0, b: 1.5},
        parameters={"kappa": 0.3, "drive": 0.5, "Delta": 0.1, "loss": 1.0}, observables={"n": n, "pairs": pairs},
    )  # fmt: skip
    times = np.linspace(0, 5, 51)
    result = simulate(
        found, W2S4(0.02), observers=[TrustHorizon(**found.observables), Functions(g2=mean(pairs) / mean(n) ** 2)],
        times=times, trajectories=20_000, seed=1, progress=False,
    )  # fmt: skip
    ds, exact = result.dataset, found.exact(times)
    exact["g2"] = np.divide(exact["pairs"], exact["n"] ** 2, out=np.full(51, np.nan + 0j), where=times > 0)
    assert set(found.cutoffs(times)) == {"a", "b"}
    for name in ("n", "pairs", "g2"):
        told = (times <= result.horizon(name)) & np.isfinite(ds[name].values)
        assert told.sum() > 30
        off = ds[name].values - exact[name]
        assert (np.abs(off.real) <= 6 * ds[f"{name}_se"].values + 1e-9)[told].all()
        assert (np.abs(off.imag) <= 6 * ds[f"{name}_imag_se"].values + 1e-9)[told].all()


def test_an_amplitude_may_be_a_whole_number_of_numpy():
    whole, plain = model(start={a: np.int64(2)}), model(start={a: 2})
    assert whole.initial_state() == plain.initial_state()
