"""Gaussian starts: their moments in every representation, and what is refused.

Each comparison of a sample is with 5 standard errors, a false-alarm probability of 6e-7.
"""

from math import comb, factorial

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, simulate
from sdeframe.derivation import (
    Boson,
    Emitters,
    Fock,
    Gaussian,
    Master,
    PositiveP,
    Q,
    Squeezed,
    Thermal,
    TwoModeSqueezed,
    Wigner,
    derive,
    initial_values,
)
from sdeframe.integrators import EulerMaruyama
from sdeframe.observers import Moments
from tests.support.gaussian_states import STATES, VALUES, made_by_operators, phi, r, random_covariance

a, b, c = Boson("a"), Boson("b"), Boson("c")
ONE, TWO, THREE = Master(0 * a), Master(0 * (a + b)), Master(0 * (a + b + c))
REPRESENTATIONS = pytest.mark.parametrize("representation", [PositiveP(), Wigner(), Q()], ids=lambda x: x.name)
COUNT = 40_000


one_mode = pytest.mark.parametrize(("state", "made"), STATES, ids=lambda x: str(x)[:40])


def drawn(initial, count=COUNT, seed=3):
    """Random initial values, written out with numpy."""
    rng = np.random.default_rng(seed)
    values = [sp.sympify(x).subs(VALUES) for x in initial.values()]
    symbols = sorted({s for x in values for s in x.free_symbols}, key=str)
    numbers = rng.normal(size=(len(symbols), count)).astype(complex)
    found = sp.lambdify(symbols, values, "numpy")(*numbers)
    return dict(zip(initial, (np.broadcast_to(x, count) for x in found), strict=True))


def compare(sample, exact):
    for part in (np.real, np.imag):
        se = np.std(part(sample)) / np.sqrt(len(sample))
        assert abs(np.mean(part(sample)) - part(exact)) <= 5 * se + 1e-10


def both(values, mode):
    """Return the numbers for a and a† of a mode."""
    z, plus = mode.mode.variables
    return values[z], values[plus] if plus in values else values[z].conj()


def ordered(rho, s, m, n):
    """<a†^m aⁿ> in the order s, from the density matrix: Σ_k k! C(m,k) C(n,k) ((1−s)/2)^k <a†^(m−k) a^(n−k)>."""
    low = np.diag(np.sqrt(np.arange(1.0, len(rho))), 1)
    power = np.linalg.matrix_power
    terms = [
        factorial(k) * comb(m, k) * comb(n, k) * ((1 - s) / 2) ** k
        * np.trace(power(low.T, m - k) @ power(low, n - k) @ rho)
        for k in range(min(m, n) + 1)
    ]  # fmt: skip
    return complex(sum(terms))


@REPRESENTATIONS
@one_mode
def test_moments_of_one_mode(state, made, representation):
    initial = initial_values(ONE, representation, {a: state})
    assert set(initial) == set(a.mode.variables if representation.doubled else a.mode.variables[:1])
    z, plus = both(drawn(initial), a)
    rho = made_by_operators(*made)[:80, :80]
    for m, n in [(0, 1), (1, 0), (1, 1), (0, 2), (2, 1), (2, 2), (1, 3)]:
        compare(plus**m * z**n, ordered(rho, representation.s, m, n))


@REPRESENTATIONS
def test_a_run_starts_from_the_squeezed_vacuum(representation):
    """n = sinh²1 = 1.3811 and <a²> = −e^{iφ} sinh 1 cosh 1 = −1.8134 e^{iφ}, with r and φ given when the run starts."""
    derivation = derive(ONE, representation)
    initial = initial_values(ONE, representation, {a: Squeezed(r, phi)})
    system = SDE({x: -x for x in initial})
    model = SymbolicModel(system, initial, parameters={r: 1.0, phi: 0.6})
    result = simulate(
        model, EulerMaruyama(0.1), times=[0.0], trajectories=20_000, seed=2, threads=1, progress=False,
        observers=[Moments(n=derivation.average(a.dag() * a), m=derivation.average(a * a))],
    ).dataset  # fmt: skip
    for name, exact in {"n": 1.3810978, "m": -1.8134302 * np.exp(0.6j)}.items():
        off = complex(result[name][0]) - exact
        assert abs(off.real) <= 5 * float(result[f"{name}_se"][0])
        if name == "m":
            assert abs(off.imag) <= 5 * float(result[f"{name}_imag_se"][0])


def covariance_of(values, modes, s):
    """The covariance of quadratures in symmetric order and the mean, from numbers in a representation."""
    rows = []
    for mode in modes:
        z, plus = both(values, mode)
        rows += [(z + plus) / np.sqrt(2), (z - plus) / (1j * np.sqrt(2))]
    return np.array(rows), np.eye(len(rows)) * s / 2


@REPRESENTATIONS
@pytest.mark.parametrize("seed", range(4))
def test_any_gaussian_state_of_three_modes(seed, representation):
    V, mean = random_covariance(3, seed), np.arange(6.0) / 4 - 0.6
    initial = initial_values(THREE, representation, {(a, b, c): Gaussian(mean, V)})
    rows, order = covariance_of(drawn(initial), (a, b, c), representation.s)
    for i in range(6):
        compare(rows[i], mean[i])
        for j in range(6):
            compare((rows[i] - mean[i]) * (rows[j] - mean[j]), (V - order)[i, j])


@REPRESENTATIONS
def test_two_modes_squeezed_together(representation):
    """n = sinh²r in each, <ab> = −e^{iφ} sinh r cosh r and no <a²>; keys may be names, in any order."""
    initial = initial_values(TWO, representation, {("b", a): TwoModeSqueezed(r, phi)})
    values = drawn(initial)
    (za, pa), (zb, pb) = both(values, a), both(values, b)
    n, m = np.sinh(0.7) ** 2, -np.exp(1.1j) * np.sinh(0.7) * np.cosh(0.7)
    order = (1 - representation.s) / 2
    for sample, exact in (
        (pa * za, n + order), (pb * zb, n + order), (za * zb, m), (pa * pb, np.conj(m)), (za**2, 0j), (pa * zb, 0j),
        (pa * za * pb * zb, (n + order) ** 2 + abs(m) ** 2),
    ):  # fmt: skip
        compare(sample, complex(exact))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": Fock(2)}, {"a_0": Thermal(1)}),
        ({("a", "b"): TwoModeSqueezed(1.0)}, {"a_b": Squeezed(1.0)}),
    ],
    ids=["numbered", "joined"],
)
def test_modes_whose_names_run_into_each_other_are_drawn_apart(one, other):
    names = [name for key in (one | other) for name in (key if isinstance(key, tuple) else [key])]
    initial = initial_values(Master(sum(0 * Boson(name) for name in names)), PositiveP(), one | other)
    held = [
        {
            s
            for name in names
            if (name in other) == apart
            for x in Boson(name).mode.variables
            for s in initial[x].free_symbols
        }
        for apart in (True, False)
    ]
    assert held[0]
    assert held[1]
    assert not held[0] & held[1]


HALF = np.eye(2) / 2


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Squeezed(1j), r"r=I of Squeezed: give a real number"),
        (lambda: Squeezed(sp.Symbol("k")), r"r=k of Squeezed.*parameters"),
        (lambda: Squeezed(1.0, 1j), "phi=I of Squeezed"),
        (lambda: Squeezed(1.0, photons=-0.1), "photons=-1/10 of Squeezed"),
        (lambda: TwoModeSqueezed(1j), "r=I of TwoModeSqueezed"),
        (lambda: Gaussian([0, 0], np.diag([0.2, 0.5])), r"symplectic eigenvalue is 0\.3162.*at least 1/2"),
        (lambda: Gaussian([0, 0], np.diag([0.1, -0.5])), "no quantum state has it"),
        (lambda: Gaussian(np.zeros(4), np.diag([0.1, 0.1, 5, 5])), r"symplectic eigenvalue is 0\.1,"),
        (lambda: Gaussian([0, 0], [[0.5, 0.1], [0.2, 0.5]]), "differs from its transpose by 0.1"),
        (lambda: Gaussian([0, 0, 0], np.eye(3)), r"give \(2M,\) and \(2M, 2M\)"),
        (lambda: Gaussian([0, 0], np.eye(4)), r"mean of shape \(2,\)"),
        (lambda: Gaussian([0, np.nan], HALF), "finite"),
        (lambda: initial_values(TWO, Q(), {a: TwoModeSqueezed(1), b: Thermal(1)}), r"is one of 2 modes.*name them"),
        (lambda: initial_values(TWO, Q(), {(a, b): Thermal(1)}), "give TwoModeSqueezed or Gaussian, or a state"),
        (lambda: initial_values(THREE, Q(), {(a, b, c): TwoModeSqueezed(1)}), "is one of 2 modes"),
        (lambda: initial_values(TWO, Q(), {(a, b): TwoModeSqueezed(1), a: Thermal(1)}), "several initial states"),
        (lambda: initial_values(TWO, Q(), {(a, a): TwoModeSqueezed(1), b: Thermal(1)}), "several initial states"),
        (lambda: initial_values(TWO, Q(), {(a, "d"): TwoModeSqueezed(1)}), "initial state of d"),
        (lambda: initial_values(TWO, Q(), {(a,): Thermal(1)}), "the mode b has no initial state"),
        (lambda: initial_values(ONE, Q(), {a: 1.0}), "give Coherent, Thermal, Squeezed"),
        (lambda: TwoModeSqueezed(1.0).matrix([100, 100]), "100,000,000 elements"),
    ],
)  # fmt: skip
def test_refused(make, says):
    with pytest.raises((TypeError, ValueError), match=says):
        make()


def test_emitters_have_no_joint_start():
    atom = Emitters("rho", levels="ge", size=1)
    master = Master(0.1 * (atom.sum("eg") * a + atom.sum("ge") * a.dag()))
    with pytest.raises(ValueError, match="only modes have a joint one"):
        initial_values(master, PositiveP(), {(a, atom): TwoModeSqueezed(1.0)})
