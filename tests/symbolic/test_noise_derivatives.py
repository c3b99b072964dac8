"""Derivatives of the noise against differences, the correction against its symbols, and both where roots vanish."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from sdeframe import SDE, SymbolicModel, complex_noises, complex_variables, real_noises, real_variables, simulate, time
from sdeframe.conformance.orders import in_its_calculus
from sdeframe.integrators import W2S4, Milstein
from sdeframe.interfaces.integrator import Increments
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.kernels.layout import ordered_noises
from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings.model import A, Ad, F, Fd, N, ree, reg, rge
from sdeframe.observers import Moments
from sdeframe.symbolic.noise_derivatives import InverseRoot, noise_correction, noise_slope
from sdeframe.testing.strategies import parameter_values, states, systems

STEP = 2.0**-12
"""Of a central difference; its error is 2⁻²⁴ times a third derivative, which quadratic coefficients have not."""


def drawn(data, sde):
    """Draw parameters, a state, increments and a direction, real where they must be."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))

    def numbers(symbols, count):
        values = rng.normal(size=(len(symbols), count)) + 1j * rng.normal(size=(len(symbols), count))
        return np.where([[bool(s.is_real)] for s in symbols] or np.zeros((0, 1), bool), values.real, values)

    x = data.draw(states(sde, trajectories=4))
    return data.draw(parameter_values(sde)), x, numbers(ordered_noises(sde), 4), numbers(sde.state, 4)


@pytest.mark.long
@given(st.data())
def test_the_slope_is_the_derivative_along_a_real_direction(data):
    sde = data.draw(systems())
    values, x, y, v = drawn(data, sde)
    f = EagerSystem(sde, values)
    difference = (f.noise(x + STEP * v, 0.7, y) - f.noise(x - STEP * v, 0.7, y)) / (2 * STEP)
    scale = 1 + np.max(np.abs(difference))
    assert np.max(np.abs(f.noise_jvp(x, 0.7, y, v) - difference)) < 1e-9 * scale


@given(st.data())
def test_the_correction_is_that_of_the_system(data):
    sde = data.draw(systems())
    values, x, _, _ = drawn(data, sde)
    found = EagerSystem(sde, values).correction(x, 0.7)
    for row, symbol in zip(found, sde.state, strict=True):
        for lane in range(4):
            point = {time: 0.7} | dict(zip(sde.state, x[:, lane].tolist(), strict=True)) | dict(values)
            exact = complex(sp.N(sde.correction()[symbol].subs(point)))
            assert row[lane] == pytest.approx(exact, abs=1e-9 * (1 + abs(exact)))


def test_the_slope_of_a_coefficient_that_is_not_analytic_is_not_complex_linear():
    z, W = complex_variables("z"), real_noises("W")
    f = EagerSystem(SDE({z: 0}, {z: z * sp.conjugate(z) * W}))
    x, y = np.array([[0.3 + 0.4j]]), np.array([[1.0]])
    along_one, along_i = f.noise_jvp(x, 0.0, y, np.array([[1.0]])), f.noise_jvp(x, 0.0, y, np.array([[1j]]))
    assert along_one[0, 0] == pytest.approx(2 * 0.3)
    assert along_i[0, 0] == pytest.approx(2 * 0.4)


# Roots


def test_the_inverse_root_vanishes_at_zero_only():
    z, W = complex_variables("z"), real_noises("W")
    f = EagerSystem(SDE({z: 0}, {z: sp.sqrt(z) * W}))
    x = np.array([[0.0, 4.0, -4.0, 1e-300, 3 - 4j]])
    slope = f.noise_jvp(x, 0.0, np.ones((1, 5)), np.ones((1, 5)))[0]
    assert slope == pytest.approx([0, 1 / 4, 1 / 4j, 1 / 2e-150, 1 / (2 * (2 - 1j))], rel=1e-15)
    assert noise_slope(f.sde)[0][z].has(InverseRoot)


A46 = TavisCummings(atoms=10, photons=10.0)


def test_a46_has_a_correction_without_roots():
    """It is (iρeg, −iρge, 0, 0, 0)/(2N), in the ground state too."""
    found = noise_correction(A46.system())
    assert {x: sp.simplify(c) for x, c in found.items()} == {
        A: sp.I * reg / (2 * N), Ad: -sp.I * rge / (2 * N), ree: 0, reg: 0, rge: 0,
    }  # fmt: skip


def test_a46_has_finite_slopes_in_the_ground_state_which_are_their_limits_along_its_noise():
    """There ρee = 0 and its own noise, which the slope is taken along, vanishes with it: √ρee' stays bounded."""
    f = EagerSystem(A46.system(), A46.parameters())
    ground = dict.fromkeys((ree, reg, rge), 0.0) | {A: 1.0, Ad: 1.0}
    rng = np.random.default_rng(4)
    y = rng.normal(size=(3, 50)) + 1j * rng.normal(size=(3, 50))

    def slope(excited):
        x = np.tile([[complex(excited if v == ree else ground[v])] for v in f.sde.state], 50)
        return f.noise_jvp(x, 0.0, y, f.noise(x, 0.0, y))

    there = slope(0.0)
    assert np.all(np.isfinite(there))
    near = [np.max(np.abs(slope(excited) - there)) for excited in (1e-6, 1e-8)]
    assert near[1] == pytest.approx(near[0] / 10, rel=0.1)  # as √ρee
    assert near[1] < 1e-4 * max(1, np.max(np.abs(y)) ** 2)
    assert {w.name for w in ordered_noises(f.sde)} == {F.name, Fd.name, "S"}


def test_w2s4_starts_from_the_ground_state():
    result = simulate(
        A46, W2S4(dt=0.05), observers=[Moments(excited=A46.excited)], times=[0.1], trajectories=100, seed=1,
        progress=False,
    )  # fmt: skip
    assert np.all(np.isfinite(result.dataset["excited"].values))
    assert int(result.dataset["alive"][-1]) == 100


# Kernel and twin

z, w = complex_variables("z w")
p = real_variables("p")
G, H = complex_noises("G H")
U = real_noises("U")

ROOTS = SDE(
    {z: -z + time, w: z * sp.conjugate(w) - w, p: -p},
    {
        z: sp.sqrt(w) * G + sp.conjugate(z) * z * U / 5,
        w: sp.cos(time) * w / (1 + z * sp.conjugate(z)) * sp.conjugate(H) / 3 + sp.Abs(z) * U / 7,
        p: p * U / 3 + sp.tanh(p) * U / 4,
    },
)
COMMUTING = SDE({z: -z, p: -p}, {z: z**2 * U / 5, p: sp.sqrt(1 + p**2) * U})
TWINS = {"W2S4": (W2S4, ROOTS), "W2S4, A46": (W2S4, None), "Milstein": (Milstein, COMMUTING)}


@pytest.mark.parametrize("case", TWINS)
def test_twin_and_kernel_make_the_same_steps(case):
    scheme, sde = TWINS[case]
    model = A46 if sde is None else SymbolicModel(sde, initial=dict.fromkeys(sde.state, sp.Rational(1, 2)))
    named = {f"m{i}": x for i, x in enumerate(model.system().state)}
    result = simulate(
        model, scheme(dt=1 / 64), observers=[Moments(**named)], times=[1 / 4], trajectories=30, seed=6, progress=False
    )
    path, problem = result.replay(range(30)), result.problem
    f = EagerSystem(problem.sde, dict(zip(problem.symbols, problem.parameters, strict=True)))
    assert f.sde == in_its_calculus(scheme, problem.sde)
    noises = ordered_noises(problem.sde)
    for step in range(16):
        before, after = (np.array([path[v.name].values[:, step + k] for v in problem.variables]) for k in (0, 1))
        dW = np.array([path[f"d{n.name}"].values[:, step] for n in noises])
        signs = np.array([path[f"s_{n.name}"].values[:, step] for n in noises]) if scheme.signs else None
        found = problem.integrator.step(f, before, step / 64, Increments(1 / 64, dW, signs))
        assert np.max(np.abs(found - after) / (1 + np.abs(after))) < 1e-13
