"""Conservation laws of the Tavis-Cummings equations (Appendix D), over random parameters and states."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import simpson

from sdeframe import SDE, conformance
from sdeframe.gauges import Identity
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.interfaces.integrator import Increments
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.kernels.layout import ordered_noises
from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings.model import A, Ad, N, bloch_length, g, ree, reg, rge
from sdeframe.symbolic.symbols import time
from sdeframe.testing import parameter_values, states, systems, tavis_cummings_parameters
from tests.support import paper_forms

SYSTEM = TavisCummings(atoms=10, photons=1.0).system()
BLOCH = sp.lambdify((ree, reg, rge), bloch_length(), "numpy")


def test_the_model_is_the_form_of_the_paper():
    for form, typed in (("A46", paper_forms.a46()), ("A39", paper_forms.a39())):
        system = TavisCummings(atoms=10, photons=1.0, form=form).system()
        assert set(system.variables) == set(typed.variables)
        assert system.equal_in_law(typed), form


def test_both_forms_are_equal_in_law():
    assert SYSTEM.equal_in_law(TavisCummings(atoms=10, photons=1.0, form="A39").system())


def test_a_wrong_sign_of_one_noise_term_is_another_law():
    noise = dict(SYSTEM.noise) | {A: -SYSTEM.noise[A]}
    assert not SDE(drift=dict(SYSTEM.drift), noise=noise).equal_in_law(SYSTEM)


@pytest.mark.parametrize("form", ["A46", "A39"])
def test_bloch_length_and_excitations_are_conserved_in_the_mean_without_decay(form):
    system = TavisCummings(atoms=10, photons=1.0, form=form).system()
    assert sp.expand(system.generator(bloch_length()).subs(g, 0)) == 0
    assert sp.expand(system.generator(A * Ad + ree).subs(g, 0)) == 0


def change_order(form, scheme, parameters):
    """Return the order in the step of the pathwise change of the Bloch length up to τ = 0.25, and its standard error.

    It is the mean of log₂ of the ratio of the changes with 2 dt and dt on one Brownian path, over the paths on which
    there is a change beyond rounding: a number for every trajectory, which no heavy tail can hide.
    """
    model = TavisCummings(**parameters, form=form)
    found = conformance.values(
        model, scheme(dt=1 / 512), {"law": bloch_length()}, [0.25], 1_000, step_error=True
    )  # fmt: skip
    fine, coarse = np.abs(found["law"].values[:, 0] - 1)
    moved = (np.minimum(fine, coarse) > 0) & (np.maximum(fine, coarse) > 1e-12)
    if not moved.any():
        return np.inf, 0.0
    octaves = np.log2(coarse[moved] / fine[moved])
    return octaves.mean(), octaves.std() / np.sqrt(octaves.size)


@settings(max_examples=10)
@pytest.mark.parametrize("scheme", [EulerMaruyama, StochasticRK2])
@given(parameters=tavis_cummings_parameters(decay=0.0, density=3.0))
def test_a39_conserves_the_bloch_length_on_every_trajectory(scheme, parameters):
    """To the strong order in the step, at 5 standard errors (false alarms below 3e-7) and a tenth for a finite step.

    The order is 1 where the noise is weak: its deterministic part.
    """
    order, error = change_order("A39", scheme, parameters)
    assert error < 0.06
    assert order > 0.9 * scheme.strong_order - 5 * error


@settings(max_examples=10)
@pytest.mark.parametrize("scheme", [EulerMaruyama, StochasticRK2])
@given(parameters=tavis_cummings_parameters(decay=0.0, density=3.0))
def test_a46_changes_the_bloch_length_whatever_the_step(scheme, parameters):
    """From excited atoms, whose noise is strong from the start."""
    order, _ = change_order("A46", scheme, parameters | {"start": "excited"})
    assert abs(order) < 0.15


def noiseless(initial, steps, decay=0.0):
    """Integrate the noiseless equations to τ = 1 by the trapezoidal scheme; return all states."""
    system = EagerSystem(SYSTEM.noiseless(), {N: 10.0, g: decay})
    x, path = initial, [initial]
    empty = np.zeros((0, initial.shape[1]))
    for step in range(steps):
        x = StochasticRK2(dt=1 / steps).step(system, x, step / steps, Increments(1 / steps, empty, empty))
        path.append(x)
    return np.array(path)


def energy(x):
    return (2 * x[2] - 1) / 2 + x[0] * x[1]


@given(states(SYSTEM, largest=1.0))
def test_energy_and_bloch_length_are_constant_without_noise(initial):
    """To second order in the step: a tenth of the step leaves about a hundredth of the change."""
    for law in (energy, lambda x: BLOCH(*x[2:])):
        coarse, fine = (np.abs(law(noiseless(initial, steps)[-1]) - law(initial)) for steps in (100, 1000))
        assert (fine <= 0.02 * coarse + 1e-9).all()


@given(states(SYSTEM, largest=1.0), st.floats(0.0, 2.0))
def test_hermiticity_stays_without_noise(initial, decay):
    hermitian = np.array([initial[0], initial[0].conj(), initial[2].real, initial[3], initial[3].conj()])
    end = noiseless(hermitian, 50, decay)[-1]
    assert np.allclose(end[1], end[0].conj(), rtol=0, atol=1e-12)
    assert np.allclose(end[4], end[3].conj(), rtol=0, atol=1e-12)
    assert np.allclose(end[2].imag, 0, atol=1e-12)


@settings(max_examples=5)
@given(st.floats(0.1, 3.0), st.sampled_from(["A46", "A39"]))
def test_the_balance_laws_hold_in_the_mean(decay, form):
    """Each part is compared at 5 standard errors plus the step error: false alarms below 6e-7."""
    model = TavisCummings(atoms=20, photons=10.0, decay=decay, start="excited", form=form)
    times = np.linspace(0.0, 0.5, 21)
    for name, (law, drift) in model.balances.items():
        found = conformance.values(
            model, StochasticRK2(dt=0.0125), {"f": law, "Lf": drift}, times, 2_000, step_error=True
        )
        f, Lf = (np.moveaxis(found[n].values, 1, -1) for n in ("f", "Lf"))
        residual = f[..., -1] - f[..., 0] - simpson(Lf, x=times)
        conformance.compare(name, residual, 0.0, 1.0)


@given(systems())
@settings(max_examples=10)
def test_the_identity_is_a_gauge_of_any_system(sde):
    conformance.check_gauge(Identity(), sde)


def test_a_wrong_balance_law_shows_in_the_mean():
    """What the excitations do without decay, where there is decay."""
    model = TavisCummings(atoms=20, photons=10.0, decay=0.5, start="excited")
    found = conformance.values(
        model, StochasticRK2(dt=0.0125), {"f": A * Ad + ree}, [0.0, 0.5], 2_000, step_error=True
    )["f"].values  # fmt: skip
    with pytest.raises(AssertionError, match="excitations: real part"):
        conformance.compare("excitations", found[:, 1] - found[:, 0], 0.0, 1.0)


@given(st.data())
def test_noise_of_unit_size_has_the_correlators_of_the_system(data):
    """Σ n n over independent real units is D, Σ n n* its conjugate partner, at random states and parameters."""
    sde = data.draw(systems(interpretation="ito")).uncorrelated()
    x, values, t = data.draw(states(sde)), data.draw(parameter_values(sde)), 0.7
    twin, noises = EagerSystem(sde, values), ordered_noises(sde)
    plain, conjugate = np.zeros((2, len(x), *x.shape), dtype=complex)
    for k, w in enumerate(noises):
        for unit in [1] if w.is_real else [np.sqrt(0.5), 1j * np.sqrt(0.5)]:
            n = twin.noise(x, t, unit * np.eye(len(noises))[:, k, None] * np.ones(x.shape[1]))
            plain, conjugate = plain + n[:, None] * n, conjugate + n[:, None] * n.conj()
    symbols = [time, *sde.parameters.values(), *sde.state]
    rows = [row.real if v.is_real else row for v, row in zip(sde.state, x, strict=True)]
    for found, matrix in ((plain, sde.diffusion()), (conjugate, sde.diffusion_conjugate())):
        for (i, j), entry in np.ndenumerate(np.array(matrix, dtype=object)):
            expected = sp.lambdify(symbols, entry, "numpy")(t, *(values[s] for s in symbols[1 : -len(rows)]), *rows)
            size = 1 + np.abs(conjugate[i, i]) + np.abs(conjugate[j, j])
            assert np.all(np.abs(found[i, j] - expected) < 1e-12 * size)
