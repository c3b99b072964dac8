"""The compiled kernel makes the steps that the literal twin makes, to rounding."""

import attrs
import numpy as np
import pytest
import sympy as sp
from sympy import I, conjugate

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_noises,
    complex_variables,
    parameters,
    random_complex_normal,
    random_normal,
    real_noises,
    real_variables,
    simulate,
    time,
)
from sdeframe.integrators import EulerMaruyama, StochasticRK2
from sdeframe.interfaces.integrator import Increments
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.kernels.layout import ordered_noises
from sdeframe.kernels.trace import WITHIN
from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings.model import A, Ad, F, ree, reg, rge
from sdeframe.observers import Moments

DT, STEPS, PATHS = 1 / 64, 20, 40
ROUNDING = 1e-13

z, w = complex_variables("z w")
x, y = real_variables("x y")
G, H = complex_noises("G H")
U, V = real_noises("U V")
k = parameters("k", positive=True)


def closed(form):
    """The Tavis-Cummings model from random states, with decay."""
    model = TavisCummings(atoms=7, photons=3.0, decay=0.3, form=form)
    a = random_complex_normal("g:5")
    scattered = {v: e + gi / 3 for (v, e), gi in zip(model.initial_state().items(), a, strict=True)}
    return SymbolicModel(model.system(), initial=scattered, parameters=model.parameters())


def real_noises_on_mixed_variables():
    sde = SDE(
        drift={z: -k * z + I * x, x: sp.sin(3 * time) - x},
        noise={z: (k * z + I * x) * U + V, x: sp.sqrt(1 + x**2) * V - U},
    )
    return SymbolicModel(sde, initial={z: random_complex_normal("g"), x: random_normal("h")}, parameters={k: 0.7})


def complex_and_real_noises():
    """Explicit time and a log-weight too."""
    sde = SDE(
        drift={z: (I - k * sp.exp(-time)) * z + w, w: -w * z / (1 + z * conjugate(z))},
        noise={z: w * G + sp.cos(time) * conjugate(H) + z * U, w: z * conjugate(G) + H - I * w * U},
        log_weight=(-z * w / 2, z * conjugate(G) + w * U),
    )
    start = {z: random_complex_normal("g"), w: 1 + random_complex_normal("h")}
    return SymbolicModel(sde, initial=start, parameters={k: 1.3})


def not_analytic():
    """Every function that lowering knows, of real and complex arguments, negative ones among them."""
    sde = SDE(
        drift={
            z: -z * sp.Abs(z) + sp.re(w) * I + sp.tanh(z / 3) + sp.cosh(w / 4) - sp.tan(z / 9),
            w: sp.Piecewise((conjugate(z), (time < 0.1) | (x > 0)), (-w, sp.im(w) > 0), (1, True)) + sp.log(2 + z),
            x: sp.Min(x, y, 1) - sp.Max(sp.Abs(x), y) + sp.atan2(y, x) / 9 + sp.sign(y) + sp.sinh(x / 5),
            y: -y + sp.re(sp.sign(z)) + sp.arg(w) / 4 + sp.exp(-(x**2)) + sp.Abs(x) ** sp.Rational(3, 4),
        },
        noise={
            z: sp.sqrt(w) * G + sp.sqrt(x) * U / 5,
            w: (1 + z) ** sp.Rational(-3, 2) * conjugate(G) / 4 + (w / 4) ** sp.Rational(1, 3) * U,
            x: sp.cos(y) * U,
            y: x * U / (1 + x**2),
        },
    )
    start = {z: random_complex_normal("g"), w: random_complex_normal("h"), x: random_normal("p"), y: random_normal("q")}
    return SymbolicModel(sde, initial=start)


MODELS = {
    "A46": lambda: closed("A46"),
    "A39": lambda: closed("A39"),
    "real": real_noises_on_mixed_variables,
    "complex": complex_and_real_noises,
    "not analytic": not_analytic,
}


def replayed(model, integrator):
    """Run, and return the problem with states (steps + 1, variables, paths), increments and signs of each step."""
    names = dict(zip("abcdef", model.system().variables.values(), strict=False))
    result = simulate(
        model,
        integrator,
        observers=[Moments(unweighted=True, **names)],
        times=[STEPS * DT],
        trajectories=PATHS,
        seed=5,
        progress=False,
    )
    problem, ds = result.problem, result.replay(range(PATHS))
    assert int(result.dataset["alive"][-1]) == PATHS

    def table(pattern, symbols):
        return np.array([ds[pattern.format(s.name)].values.T for s in symbols], dtype=complex).swapaxes(0, 1)

    noises = ordered_noises(problem.sde)
    signs = table("s_{}", noises) if integrator.signs else [None] * problem.steps[-1]
    return problem, table("{}", problem.variables), table("d{}", noises), signs


@attrs.frozen
class SeenFromWithin:
    """A system at times a little nearer to the middle of a step, at whose end a coefficient may switch."""

    system: EagerSystem
    middle: float

    def drift(self, x, t):
        return self.system.drift(x, t + WITHIN * (self.middle - t))

    def noise(self, x, t, y):
        return self.system.noise(x, t + WITHIN * (self.middle - t), y)


def largest_difference(problem, states, path, signs, system):
    """Return the largest relative difference of the run's steps from those of a system's twin."""
    worst = 0.0
    for n in range(problem.steps[-1]):
        begin, dt = problem.time(n), problem.time(n + 1) - problem.time(n)
        seen = SeenFromWithin(system, begin + dt / 2) if problem.switching.times else system
        step = problem.integrator.step(seen, states[n], begin, Increments(dt, path[n], signs[n]))
        worst = max(worst, np.max(np.abs(step - states[n + 1]) / (1 + np.abs(states[n + 1]))))
    return worst


@pytest.mark.parametrize("scheme", [EulerMaruyama, StochasticRK2])
@pytest.mark.parametrize("name", MODELS)
def test_every_step_of_a_run_is_the_step_of_the_twin(name, scheme):
    problem, *steps = replayed(MODELS[name](), scheme(dt=DT))
    twin = EagerSystem(problem.sde, dict(zip(problem.symbols, problem.parameters, strict=True)))
    assert largest_difference(problem, *steps, twin) < ROUNDING


def test_a_wrong_sign_of_one_noise_term_shows():
    problem, *steps = replayed(closed("A46"), StochasticRK2(dt=DT))
    values = dict(zip(problem.symbols, problem.parameters, strict=True))
    noise = dict(problem.sde.noise)
    noise[rge] = noise[rge].subs(conjugate(F), -conjugate(F))
    assert largest_difference(problem, *steps, EagerSystem(SDE(problem.sde.drift, noise), values)) > 1e-3


def test_the_twin_evaluates_the_equations_of_the_paper():
    """(A46) at one point, written out."""
    sde = TavisCummings(atoms=4, photons=1.0).system()
    twin = EagerSystem(sde, TavisCummings(atoms=4, photons=1.0, decay=0.5).parameters())
    state = {A: 0.3 + 0.1j, Ad: -0.2j, ree: -0.6 - 0.2j, reg: 0.1, rge: -0.4 + 0.3j}
    f, fd, s = 0.1 + 0.2j, -0.3j, 0.2
    x0, dW = np.array([[state[v]] for v in sde.state]), np.array([[f], [fd], [s]])
    drift = dict(zip(sde.state, twin.drift(x0, 0.0)[:, 0], strict=True))
    noise = dict(zip(sde.state, twin.noise(x0, 0.0, dW)[:, 0], strict=True))
    a, ad, e, eg, ge = state.values()
    assert drift[A] == pytest.approx(-1j * eg)
    assert drift[ree] == pytest.approx(-0.5 * e + 1j * (eg * ad - ge * a))
    assert drift[rge] == pytest.approx(-0.25 * ge - 1j * (2 * e - 1) * ad)
    assert noise[A] == pytest.approx(-1j * (np.sqrt(e) * f + eg * s) / 2)
    assert noise[ree] == pytest.approx(-e * np.conj(s) / 2)
    assert noise[reg] == pytest.approx((np.sqrt(e) * np.conj(fd) - eg * np.conj(s)) / 2)


def test_a_missing_parameter_is_named():
    with pytest.raises(ValueError, match="parameter k has no value"):
        EagerSystem(SDE({z: -k * z}), {})
