"""Proposed poles, held against those that models declare."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, complex_variables, propose_poles, real_noises, simulate
from sdeframe.campaigns.proposed_poles import kind_of, scale_of, undeclared
from sdeframe.integrators import W2S4
from sdeframe.models import AtomsInCavity, BoseHubbard, CollectiveSpin, KerrOscillator, TavisCummings
from sdeframe.observers import TrustHorizon

a, b, x = complex_variables("a b x")
V, W = real_noises("V W")
LOSS = SymbolicModel(
    SDE(drift={a: -(a**2) * b, b: -(b**2) * a}, noise={a: sp.I * a * V, b: sp.I * b * W}), initial={a: 1, b: 1}
)
TIMES = np.arange(21) / 20


@pytest.mark.parametrize("model", [TavisCummings(10, 5.0), AtomsInCavity(), KerrOscillator(), BoseHubbard()])
def test_degrees_tell_what_models_declare(model):
    kind, declared = kind_of(undeclared(model)), model.poles
    assert set(kind.strongest) == set(declared.strongest)
    assert (kind.power, kind.order) == (declared.power, declared.order)
    assert set(kind.runaway_variables) == set(model.runaway_variables)


def test_atoms_that_decay_together_have_simple_poles():
    kind = kind_of(CollectiveSpin())
    assert kind.order == 1
    assert [str(e) for e in kind.strongest] == ["rho_ee"]


def test_a_linear_system_has_none_and_nonlinear_noise_is_watched():
    def kind(noise):
        return kind_of(SymbolicModel(SDE(drift={x: -x}, noise={x: noise * V}), {x: 1}))

    assert kind(x).strongest == ()
    assert kind(x**2).strongest == (x,)


def test_a_system_gets_a_horizon_in_one_call():
    proposal = propose_poles(LOSS, W2S4(0.0125), times=TIMES, n=a * b)
    assert proposal.poles.strongest == (a * b,)
    assert (proposal.poles.power, proposal.poles.order) == (2, 1)
    assert 0.9 < proposal.poles.scale < 1.2
    assert proposal.model.poles == proposal.poles
    assert proposal.model.runaway_variables == (a, b)
    assert "a*b as 1/(t - ts)^1" in str(proposal)
    scales, horizons = zip(*proposal.horizons, strict=True)
    assert scales == pytest.approx([proposal.poles.scale * 2.0**k for k in range(-3, 4)])
    assert horizons[0] < horizons[3] < 1.0
    run = simulate(
        proposal.model, W2S4(0.0125), observers=[TrustHorizon(n=a * b)], times=TIMES, trajectories=2_000, seed=1,
        progress=False,
    )  # fmt: skip
    assert 0.4 < run.horizon("n") < 1.0


def test_the_scale_is_that_of_the_many_where_few_run_away():
    moduli = np.ones((1, 3, 1000))
    moduli[0, 1] = np.linspace(0.0, 4.0, 1000)
    assert scale_of(moduli) == pytest.approx(3.0, abs=0.01)
    moduli[0, 1:, :9] = np.nan
    assert scale_of(moduli) == pytest.approx(3.0, abs=0.05)
    for spoilt in (1e6, np.nan):
        moduli[0, 1:, :300] = spoilt  # and so is all that comes later
        assert scale_of(moduli) == 1.0


def test_what_cannot_be_proposed():
    with pytest.raises(ValueError, match="no polynomial in the variables"):
        propose_poles(SymbolicModel(SDE(drift={x: sp.exp(x)}), {x: 1}), W2S4(0.1), times=[0, 1])
    with pytest.raises(ValueError, match="the size 0 in the small ensemble"):
        propose_poles(SymbolicModel(SDE(drift={x: -(x**2)}), {x: 0}), W2S4(0.1), times=[0, 1], trajectories=10)
    with pytest.raises(ValueError, match=r"propose_poles\(model, integrator, times=times\)"):
        simulate(LOSS, W2S4(0.1), observers=[TrustHorizon(n=a * b)], times=[1], trajectories=10, seed=1)
