"""Declared poles held against the equations that they are declared of."""

import attrs
import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, Poles, SymbolicModel, complex_variables, real_noises, simulate
from sdeframe.growth.holding import correction, held
from sdeframe.integrators import W2S4
from sdeframe.models import CollectiveSpin, TavisCummings
from sdeframe.observers import Moments, TrustHorizon
from sdeframe.running.compose import compose

a, b, x = complex_variables("a b x")
V, W = real_noises("V W")
LOSS = SDE(drift={a: -(a**2) * b, b: -(b**2) * a}, noise={a: sp.I * a * V, b: sp.I * b * W})
RIGHT = Poles(scale=0.4, strongest=(a * b,), power=2)


@pytest.mark.parametrize(
    ("declared", "taken"),
    [
        ({}, {}),
        ({"order": 3}, {"order": 3}),
        ({"order": 2}, {}),
        ({"strongest": ()}, {}),
        ({"power": 1.0}, {}),
        ({"strongest": (), "order": 2, "power": 1}, {}),
        ({"strongest": (a,), "power": 1.0}, {"strongest": (a, a * b)}),
        ({"strongest": (2 * a * b - 1,)}, {"strongest": (2 * a * b - 1,)}),
        ({"scale": 40.0}, {"scale": 40.0}),
        ({"grows": True}, {"grows": True}),
    ],
)
def test_what_the_equations_show_is_watched_beside_what_is_declared(declared, taken):
    assert held(attrs.evolve(RIGHT, **declared), LOSS, {}) == attrs.evolve(RIGHT, **taken)


@pytest.mark.parametrize("atoms", [1, 10, 100])
@pytest.mark.parametrize("decay", [0.0, 0.6])
def test_poles_of_second_order_are_borne_out(atoms, decay):
    model = TavisCummings(atoms, 5.0, decay=decay)
    assert held(model.poles, model.system(), model.parameters()) == model.poles


def test_where_degrees_tell_nothing_all_variables_are_watched_if_none_is_declared():
    exponential, steep = SDE(drift={x: sp.exp(x)}), SDE(drift={x: -x}, noise={x: x**2 * V})
    for sde in (exponential, steep):
        assert held(Poles(order=2), sde, {}) == Poles(strongest=(x,))
        assert held(Poles(strongest=(x**2,), order=2), sde, {}) == Poles(strongest=(x**2,))
    linear = SDE(drift={x: -x}, noise={x: V})
    assert held(Poles(order=2), linear, {}) == Poles(order=2)


def run(model, observer, until=1.0):
    return simulate(
        model, W2S4(0.0125), observers=[observer], times=np.arange(round(20 * until) + 1) / 20, trajectories=2_000,
        seed=1, progress=False,
    )  # fmt: skip


def test_a_wrong_declaration_is_told_and_certifies_no_longer():
    honest = run(SymbolicModel(LOSS, {a: 1, b: 1}, poles=RIGHT), TrustHorizon(n=a * b))
    assert not [text for text in honest.warnings if "the equations do not show" in text]
    blind = SymbolicModel(LOSS, {a: 1, b: 1}, poles=Poles(scale=0.4, power=2, order=2))
    with pytest.warns(UserWarning, match=r"strongest=\(a\*b,\), power=2, order=1, and may be earlier"):
        told = run(blind, TrustHorizon(n=a * b))
    assert told.horizon("n") == honest.horizon("n") < 1.0


def test_only_a_trust_horizon_asks():
    wrong = SymbolicModel(LOSS, {a: 1, b: 1}, poles=Poles(order=2))
    assert run(wrong, Moments(n=a * b), until=0.1).warnings == ()


def test_what_is_derived_keeps_what_it_was_validated_with():
    spin = CollectiveSpin()
    assert held(spin.poles, spin.system(), spin.parameters()).order == 1
    problem = compose(
        spin, W2S4(dt=0.005), observers=[TrustHorizon(e=spin.observables["excited"])], times=[0.05], trajectories=1,
        seed=1,
    )  # fmt: skip
    assert problem.poles == spin.poles
    assert problem.origin.poles == correction(spin.poles, spin.poles) == ""
