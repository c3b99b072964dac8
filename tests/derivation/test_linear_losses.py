"""Lindblad operators that are linear in modes: Wigner has noise for any of them, with its exact drift and diffusion."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SymbolicModel, simulate, time
from sdeframe.derivation import Coherent, Master, Q, Wigner, derive, initial_values
from sdeframe.integrators import W2S4
from sdeframe.observers import Moments
from sdeframe.symbolic.algebra import equal
from tests.support.gaussian_masters import MODES, flow, g, h, of_equations, operators, phi, r, random_master

a, b, c = MODES
five, three = sp.Rational(5, 4), sp.Rational(3, 4)
squeezed = sp.cosh(r) * a + sp.exp(sp.I * phi) * sp.sinh(r) * a.dag()
quadrature = sp.exp(-sp.I * phi) * a + sp.exp(sp.I * phi) * a.dag()
off = sp.Piecewise((1, time < 1), (0, True))
two_mode = [(1, five * a + three * b.dag()), (1, five * b + three * a.dag())]


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(k, marks=pytest.mark.long) for k in range(12, 150))])
def test_drift_and_diffusion_are_those_of_the_lyapunov_equation(seed):
    """Up to three modes, with symbols and numbers, rates in time, quadratic H."""
    modes = 1 + seed % 3
    H, losses = random_master(seed, modes)
    sde = derive(operators(modes, H, losses), Wigner()).sde()
    for t in (0.0, 0.3, 1.7):
        for found, exact in zip(of_equations(sde, modes, t), flow(modes, H, losses, t), strict=True):
            np.testing.assert_allclose(found, exact, atol=1e-9)


@pytest.mark.parametrize(
    ("losses", "count", "real"),
    [
        ([(g, squeezed)], 1, 0),
        ([(g, quadrature)], 1, 1),
        ([(g, a + b), (h, a), (h, b)], 3, 0),
        (two_mode, 2, 0),
        ([(off, a)], 1, 0),
        ([(g * off, squeezed)], 1, 0),
        ([(g * (1 + sp.cos(time)), a)], 1, 0),
        ([(g, squeezed), (h, a.dag() * a)], 2, 1),
        ([(g * off, a.dag() * a - b.dag() * b)], 1, 1),
    ],
)
def test_one_noise_a_channel(losses, count, real):
    sde = derive(Master(0 * (a + b), loss=losses), Wigner()).sde()
    assert len(sde.noises) == count
    assert sum(bool(noise.is_real) for noise in sde.noises.values()) == real
    assert not any(row.has(sp.zoo, sp.nan) for row in sde.noise.values())


@pytest.mark.parametrize("rate", [g * sp.sin(time) ** 2, off])
@pytest.mark.parametrize("L", [a, a + a.dag(), a.dag() * a + b.dag() * b], ids=str)
def test_a_rate_that_vanishes_is_no_division_by_zero(rate, L):
    sde = derive(Master(0 * (a + b), loss=[(rate, L)]), Wigner()).sde()
    for row in sde.noise.values():
        at_zero = row.subs(g, 1).subs(time, 0 if rate.has(sp.sin) else 2)
        assert at_zero == 0


def moments_of_rest(sde, z):
    """Return <|z|²> and <z²> where both rest, for one variable with a linear equation."""
    n, m, conjugate = sp.Symbol("n"), sp.Symbol("m"), sp.conjugate(z)
    change = [sde.generator(z * conjugate), sde.generator(z**2)]
    closed = [sp.expand(x).subs(z**2, m).subs(z * conjugate, n) for x in change]
    (solution,) = sp.solve(closed, [n, m], dict=True)
    return solution[n], solution[m]


def test_a_squeezed_bath_squeezes():
    """n = sinh²r and <a²> = −e^{iφ} sinh r cosh r where L = cosh r a + e^{iφ} sinh r a† has nothing left to do."""
    derivation = derive(Master(0 * a, loss=[(g, squeezed)]), Wigner())
    z = a.mode.variables[0]
    n, m = moments_of_rest(derivation.sde(), z)
    for found, exact in ((n - sp.S.Half, sp.sinh(r) ** 2), (m, -sp.exp(sp.I * phi) * sp.sinh(r) * sp.cosh(r))):
        assert sp.simplify((found - exact).rewrite(sp.exp)) == 0


@pytest.mark.long
@pytest.mark.parametrize("representation", [Wigner(), Q()], ids=lambda x: x.name)
def test_a_two_mode_squeezed_bath_runs(representation):
    """n = 9/16 and <ab> = −15/16 at rest, within 5 standard errors; the scheme is off by less at this step."""
    master = Master(0 * (a + b), loss=two_mode)
    derivation = derive(master, representation)
    sde = derivation.sde()
    start = initial_values(master, representation, {a: Coherent(0), b: Coherent(0)})
    observed = {"na": a.dag() * a, "nb": b.dag() * b, "ab": a * b, "aa": a * a}
    result = simulate(
        SymbolicModel(sde, start), W2S4(dt=0.1), times=[12.0], trajectories=20_000, seed=4, threads=1, progress=False,
        observers=[Moments(**{name: derivation.average(x) for name, x in observed.items()})],
    )  # fmt: skip
    for name, exact in {"na": 9 / 16, "nb": 9 / 16, "ab": -15 / 16, "aa": 0.0}.items():
        mean = complex(result.dataset[name][0])
        assert abs(mean.real - exact) <= 5 * float(result.dataset[f"{name}_se"][0]), name
        if name in ("ab", "aa"):
            assert abs(mean.imag) <= 5 * float(result.dataset[f"{name}_imag_se"][0]), name


@pytest.mark.parametrize(
    "losses",
    [[(g, a + b), (h, a)], [(off, a)], [(g * (1 + sp.cos(time)), a + 2 * b)], [(g, quadrature)], two_mode],
)
def test_q_has_noise_for_them_too_where_there_is_one(losses):
    """Sums of annihilators and quadratures with symbols, all else in numbers."""
    derivation = derive(Master(0 * (a + b), loss=losses), Q())
    sde, generator = derivation.sde(), derivation.generator
    twins = {y: sp.conjugate(x) for x, y in (a.mode.variables, b.mode.variables)}
    for i, x in enumerate(generator.variables):
        for j, y in enumerate(generator.variables[i:], i):
            found = sde.correlator(twins.get(x, x), twins.get(y, y))
            assert equal(found, generator.expression(generator.D(i, j)).xreplace(twins))


def test_what_q_has_no_noise_for():
    """A squeezer alone: <dα²> without any <dα dα*>."""
    master = Master(sp.I * (a.dag() ** 2 - a**2) / 2, loss=[(sp.Rational(1, 2), a), (sp.Rational(1, 3), a + b)])
    with pytest.raises(ValueError, match=r"negative somewhere.*take PositiveP"):
        derive(master, Q()).sde()


def test_leading_terms_stand_beside_linear_losses():
    """Two-photon loss has γ(2|α|² − 1), of which 2γ|α|² stays; what the squeezed bath adds is exact."""
    sde = derive(Master(0 * a, loss=[(g, squeezed), (h, a**2)]), Wigner(negative="leading")).sde()
    z = a.mode.variables[0]
    added = g / 2 * (sp.cosh(r) ** 2 + sp.sinh(r) ** 2)
    assert equal(sde.correlator(z, sp.conjugate(z)), 2 * h * z * sp.conjugate(z) + added)


def test_squares_follow_units_and_frames():
    """Scaled fields, another unit of time and a frame that rotates, with noise channel by channel."""
    master = Master(g * a.dag() * a, loss=[(h * (2 + sp.cos(time)), squeezed), (h, a + b)])
    derivation = derive(master, Wigner()).rotate(g * a.dag() * a).scale({a: sp.sqrt(g)}, time=h)
    sde, generator = derivation.sde(), derivation.generator
    A, B = (x.mode.variables[0] for x in (a, b))
    twins = {y: sp.conjugate(x) for x, y in (a.mode.variables, b.mode.variables)}
    for x, y in ((A, A), (A, sp.conjugate(A)), (A, sp.conjugate(B)), (B, sp.conjugate(B))):
        i, j = (generator.variables.index(next((k for k, v in twins.items() if v == u), u)) for u in (x, y))
        assert equal(sde.correlator(x, y), generator.expression(generator.D(i, j)).xreplace(twins))


@pytest.mark.parametrize(
    "rate",
    [
        g * (1 + sp.cos(time)), g + g * sp.cos(h * time), (1 + sp.cos(time)) * (2 + sp.sin(time)), g * time,
        sp.exp(-time) * g, 1 - sp.sin(time) / 3 - sp.cos(2 * time) / 2, 2 + sp.tanh(time), sp.Max(0, phi),
        1 + sp.sin(time) ** 2 * g, sp.Piecewise((1 + sp.cos(time), time < 1), (0, True)),
        sp.sqrt(1 + sp.sin(time)), 1 / (1 + time**2),
    ],
)  # fmt: skip
def test_rates_that_are_never_negative(rate):
    assert Master(0 * a, loss=[(rate, a)]).loss


@pytest.mark.parametrize(
    "rate", [phi, g - h, g * sp.cos(time), 1 - 2 * sp.sin(time), sp.I, g * (1 + phi * sp.cos(time))]
)
def test_rates_that_may_be_negative(rate):
    with pytest.raises(ValueError, match=r"loss number 0.*not known to be.*Max\(0, rate\)"):
        Master(0 * a, loss=[(rate, a)])


@pytest.mark.parametrize("representation", [Wigner(), Q()], ids=["Wigner", "Q"])
@pytest.mark.parametrize("u", [1 + 2j, -0.3 + 0.7j])
def test_complex_numbers_in_a_loss_have_noise(representation, u):
    """Roots of complex numbers are conjugated as roots: expanded, they hold atan, of which there is no kernel."""
    master = Master(0 * a.dag() * a, [(1.0, u * a + 0.3 * a.dag())])
    found = derive(master, representation)
    sde = found.sde()
    for operator in (a, a * a, a.dag() * a):
        assert equal(sde.generator(found.average(operator)), found.moment_equation(operator))
    start = initial_values(master, representation, {a: Coherent(1)})
    model = SymbolicModel(sde, {x: start[x] for x in sde.variables.values()})
    result = simulate(
        model, W2S4(dt=0.05), observers=[Moments(n=found.average(a.dag() * a))], times=[0.5], trajectories=2, seed=1,
        progress=False,
    )  # fmt: skip
    assert np.isfinite(result.dataset["n"].item())


def test_a_complex_rate_is_refused():
    with pytest.raises(ValueError, match="a rate is real and not negative"):
        Master(0 * a.dag() * a, [(1 + sp.I * sp.cos(time), a)])
