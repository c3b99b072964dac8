"""Weighted means of gauged ensembles against exact ones."""

import attrs
import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, complex_variables, conformance, real_noises, simulate
from sdeframe.gauges import Always, DriftGauge, QuarticDrift, TanhSwitch
from sdeframe.integrators import W2S4, EulerMaruyama, Heun, StochasticRK2
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways, WeightedMoments
from sdeframe.symbolic.symbols import log_weight

a, b = complex_variables("a b")
W1, W2 = real_noises("W1 W2")
OMEGA = sp.exp(log_weight)


@attrs.frozen
class TwoPhoton(DriftGauge):
    """g1 = g2 = i(n − |n|)."""

    def kernel(self, sde):
        n = sde["a"] * sde["b"]
        return sp.I * (n - sp.Abs(n)) * (sde.noises["W1"] + sde.noises["W2"])


LOSS = SDE(drift={a: -(a**2) * b, b: -(b**2) * a}, noise={a: sp.I * a * W1, b: sp.I * b * W2})
TWO_PHOTON = SymbolicModel(LOSS, initial={a: 1, b: 1})
EXACT = {0.25: 0.709274, 0.5: 0.588312, 1.0: 0.487606, 2.0: 0.439769}


def weighted_values(model, scheme, gauge, named, times, trajectories=20_000):
    """Return O and OΩ of the fine and the coarse run: (run, name, time, trajectory)."""
    return conformance.values(model, scheme, named, times, trajectories, gauge=gauge, step_error=True)


@pytest.mark.parametrize("scheme", [EulerMaruyama, StochasticRK2])
def test_the_gauge_of_two_photon_loss_gives_the_exact_photon_number(scheme):
    """At 5 standard errors plus the step error, both parts: false alarms below 6e-7 each."""
    found = weighted_values(TWO_PHOTON, scheme(dt=1 / 256), TwoPhoton(), {"n": a * b * OMEGA, "1": OMEGA}, list(EXACT))
    for k, exact in enumerate(EXACT.values()):
        conformance.compare("n", found["n"].values[:, k], exact, 1.0)
        conformance.compare("weight", found["1"].values[:, k], 1.0, 1.0)


def test_without_the_gauge_the_photon_number_is_wrong():
    """Though hardly a trajectory is lost."""
    ds = simulate(
        TWO_PHOTON, StochasticRK2(dt=1 / 256), observers=[Moments(n=a * b), Runaways(1e4)],
        times=list(EXACT), trajectories=20_000, seed=1, progress=False,
    ).dataset  # fmt: skip
    off = (ds["n"].values.real - np.array(list(EXACT.values()))) / ds["n_se"].values
    assert abs(off[:2]).max() < 5
    assert off[2:].min() > 5
    assert ds["alive"].values.min() > 0.99 * 20_000


def test_half_the_weight_gives_a_wrong_photon_number():
    found = weighted_values(
        TWO_PHOTON, StochasticRK2(dt=1 / 128), TwoPhoton(), {"n": a * b * sp.exp(log_weight / 2)}, [1.0]
    )
    with pytest.raises(AssertionError, match="n: real part"):
        conformance.compare("n", found["n"].values[:, 0], EXACT[1.0], 1.0)


def excited_case(form):
    model = TavisCummings(atoms=10, photons=1.0, start="excited", form=form)
    times = [0.5, 1.0]
    return model, times, model.exact(times)["excited"]


@pytest.mark.parametrize("scheme", [StochasticRK2, W2S4, Heun])
@pytest.mark.parametrize("form", ["A46", "A39"])
def test_both_readings_give_the_same_weighted_means(form, scheme):
    """The weight of a Stratonovich scheme has the derived correction; 5 standard errors, false alarms below 6e-7."""
    model, times, exact = excited_case(form)
    gauge = QuarticDrift(Always(0.5))
    named = {"excited": model.excited * OMEGA, "weight": OMEGA}
    found = weighted_values(model, scheme(dt=1 / 128), gauge, named, times)
    for k in range(len(times)):
        conformance.compare("excited", found["excited"].values[:, k], exact[k], scheme.weak_order)
        conformance.compare("weight", found["weight"].values[:, k], 1.0, scheme.weak_order)


@pytest.mark.parametrize("form", ["A46", "A39"])
def test_without_its_correction_the_weight_of_a_stratonovich_scheme_is_wrong(form):
    model, times, _ = excited_case(form)
    gauged = QuarticDrift(Always(0.5)).transform(model.system()).to_stratonovich()
    uncorrected = gauged.with_rows({log_weight: 0}, {})
    wrong = SymbolicModel(uncorrected, model.initial_state(), model.parameters())
    found = conformance.values(wrong, Heun(dt=1 / 128), {"weight": OMEGA}, times, 20_000, step_error=True)
    with pytest.raises(AssertionError, match="weight: real part"):
        conformance.compare("weight", found["weight"].values[:, 1], 1.0, 1.0)


@pytest.mark.parametrize("switch", [TanhSwitch(), TanhSwitch(k=2)], ids=str)
def test_the_switched_gauge_is_exact_while_its_weights_carry(switch):
    """N = 10, nph = 100, ground start, to τ = 2.25, at 5 standard errors: false alarms below 6e-7 a comparison."""
    model = TavisCummings(atoms=10, photons=100.0)
    times = np.array([0.5, 1.0, 1.5, 2.0, 2.25])
    result = simulate(
        model, StochasticRK2(dt=1 / 1024), gauge=QuarticDrift(switch),
        observers=[WeightedMoments(excited=model.excited), Runaways()],
        times=times, trajectories=10_000, seed=5, progress=False, step_error=True,
    )  # fmt: skip
    ds, exact = result.dataset, model.exact(times)["excited"]
    assert (ds["effective_sample_size"] > 0.01 * 10_000).all()
    assert (ds["heaviest_share"] < 0.5).all()
    allowed = 5 * ds["excited_se"] + 2 * abs(ds["excited_step_error"].real) + 4 * ds["excited_step_error_se"]
    assert (abs(ds["excited"].real - exact) < allowed).all()
    assert (abs(ds["excited"].imag) < 5 * ds["excited_imag_se"] + 4 * ds["excited_step_error_imag_se"]).all()
    assert (abs(ds["weight"] - 1) < 5 * (ds["weight_se"] + ds["weight_imag_se"])).all()


def test_the_gauge_keeps_trajectories_that_run_away_without_it():
    model, lost = TavisCummings(atoms=10, photons=100.0), []
    for gauge in (QuarticDrift(Always(0)), QuarticDrift()):
        result = simulate(
            model, StochasticRK2(dt=2.5e-3), gauge=gauge, observers=[Runaways()],
            times=[8.0], trajectories=2_000, seed=6, progress=False,
        )  # fmt: skip
        lost.append(1 - int(result.dataset["alive"][0]) / 2_000)
    assert lost[0] > 0.1
    assert lost[1] < 0.01
