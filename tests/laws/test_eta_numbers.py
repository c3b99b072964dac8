"""Method II with its random factors η (A34) and Method I (A19) give one and the same averages, the exact ones.

Averages of functions of degree one in each atom, from the literal twin of the kernel. A comparison is with 5 standard
errors, a false-alarm probability of 6e-7; the step error, scaled from ten times the step, is below a fifth of one.
"""

from functools import cache

import numpy as np
import pytest
import sympy as sp

from sdeframe.derivation import Boson, Emitters, Master, PositiveP, derive
from sdeframe.derivation.exact.solver import exact_means
from sdeframe.derivation.starts.initial_values import initial_values
from sdeframe.derivation.starts.states import Coherent
from sdeframe.integrators import W2S4
from sdeframe.interfaces.integrator import Increments
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.kernels.layout import ordered_noises
from sdeframe.symbolic.symbols import RandomSymbol

a = Boson("a")
at = Emitters("rho", levels="ge", size=2, individual=True)
TRAJECTORIES, DT, STEPS = 40_000, 0.05, 10
COUPLINGS = (0.6, -0.4)
TILTED = [np.array([[0.3, 0.4 + 0.1j], [0.4 - 0.1j, 0.7]]), np.array([[0.5, -0.3j], [0.3j, 0.5]])]
START = {a: Coherent(0.4 - 0.2j), at: TILTED}
MASTER = Master(
    sum(f * (at.on(mu, "eg") * a + at.on(mu, "ge") * a.dag()) for mu, f in enumerate(COUPLINGS)),
    loss=[(0.6, a), (0.3, at.on(0, "ge"))],
)
OPERATORS = {
    "a": a, "n": a.dag() * a, "ee": at.on(0, "ee"), "ge": at.on(1, "ge"), "pair": at.on(0, "eg") * at.on(1, "ge"),
    "both": at.on(0, "ee") * at.on(1, "ee"), "with field": a.dag() * at.on(0, "ge"),
}  # fmt: skip


def started(eta, start):
    """Initial values, shape (variables, trajectories), drawn with numpy."""
    initial = initial_values(MASTER, PositiveP(eta=eta), START)
    rows = [start(sp.sympify(e)) for e in initial.values()]
    symbols = sorted({s for e in rows for s in e.free_symbols if isinstance(s, RandomSymbol)}, key=str)
    uniform = np.random.default_rng(6).random((len(symbols), TRAJECTORIES))
    values = sp.lambdify(symbols, rows, "numpy")(*uniform)
    return dict(zip(initial, (np.broadcast_to(x, TRAJECTORIES).astype(complex) for x in values), strict=True))


def averages(eta, start=lambda e: e):
    """The means of all operators, and their standard errors as real and imaginary part of a number."""
    derivation = derive(MASTER, PositiveP(eta=eta))
    sde, rng = derivation.sde(noise="field"), np.random.default_rng(7)
    initial, system = started(eta, start), EagerSystem(sde, {})
    x, shape = np.array([initial[v] for v in sde.state]), (2, len(ordered_noises(sde)), TRAJECTORIES)
    for step in range(STEPS):
        path, signs = (
            np.sqrt(DT / 2) * (u[0] + 1j * u[1]) for u in (rng.normal(size=shape), rng.choice([-1, 1], shape))
        )
        x = W2S4(DT).step(system, x, step * DT, Increments(DT, path, signs))
    values = [sp.lambdify(sde.state, derivation.average(operator), "numpy")(*x) for operator in OPERATORS.values()]
    spread = np.std(np.real(values), axis=1) + 1j * np.std(np.imag(values), axis=1)
    return np.mean(values, axis=1), spread / np.sqrt(TRAJECTORIES)


@cache
def exact():
    return np.array([found[0] for found in exact_means(MASTER, OPERATORS, START, [DT * STEPS]).values()]), 0


def deviation(first, second):
    """The largest difference of two estimates of any average, of real or imaginary part, in standard errors."""
    (x, s), (y, t) = first, second
    parts = [abs(part(x - y)) / np.hypot(part(s), part(t)) for part in (np.real, np.imag)]
    return np.max(parts)


@pytest.mark.long
def test_both_methods_give_the_exact_averages():
    with_eta, without = averages(eta=True), averages(eta=False)
    for estimate, other in ((with_eta, exact()), (without, exact()), (with_eta, without)):
        assert deviation(estimate, other) < 5


def planted_mean(e):
    """η = 1."""
    return e.replace(lambda x: isinstance(x, sp.Piecewise), lambda x: sp.S.Half).replace(sp.exp, lambda x: sp.S.One)


def planted_variance(e):
    """η = 2 cos θ · (the sign): <η> = 1 and <η²> = 2."""
    return e.replace(sp.exp, lambda x: 2 * sp.cos(x / sp.I))


@pytest.mark.parametrize("planted", [planted_mean, planted_variance])
def test_other_factors_do_not(planted):
    assert deviation(averages(eta=True, start=planted), exact()) > 10
