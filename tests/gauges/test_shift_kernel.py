"""From a wanted shift of the drift to its kernel."""

import math

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from sympy import I, conjugate, sqrt

from sdeframe import SDE, complex_variables, real_noises, real_variables
from sdeframe.conformance import check_gauge
from sdeframe.gauges import DriftGauge, Identity, shift_kernel
from sdeframe.symbolic.algebra import equal, noise_coefficients
from sdeframe.symbolic.symbols import log_weight
from sdeframe.testing import kernels, systems
from tests.support import paper_forms as paper
from tests.support.paper_forms import A, Ad, N, S

A46, A39 = paper.a46(), paper.a39()
ree, reg, rge = paper.rho_ee, paper.rho_eg, paper.rho_ge
x, z, W, V = real_variables("x"), complex_variables("z"), real_noises("W"), real_noises("V")
POINT = {
    "rho_ee": 0.4 + 0.2j,
    "rho_eg": 0.3 - 0.5j,
    "rho_ge": -0.2 - 0.7j,
    "N": 10.0,
    "A": 0.6 + 0.9j,
    "Ad": 1.1 - 0.4j,
}


def at_a_point(expr):
    """Return the value where every symbol has a number that hangs on its name."""
    point = {
        s: POINT.get(s.name, 0.3 + len(s.name) / 7 + ord(s.name[0]) / 50 * (1 if s.is_real else 1j))
        for s in expr.free_symbols
    }
    return complex(expr.xreplace({s: sp.sympify(v) for s, v in point.items()}))


def numbers(xi):
    return {unit: at_a_point(c) for unit, c in noise_coefficients(sp.sympify(xi)).items()}


def norm(xi):
    """Return <|ξ0|²>/dt of independent noises."""
    return sum(abs(c) ** 2 for c in numbers(xi).values())


@pytest.mark.long
@given(st.data())
def test_the_kernel_of_a_shift_makes_it_with_the_least_norm(data):
    system = data.draw(systems(interpretation="ito")).uncorrelated()
    xi = data.draw(kernels(system))
    shift = {v: system.correlation(n, xi) for v, n in system.noise.items()}
    found = shift_kernel(system, shift)
    kernel = numbers(found)
    for v, n in system.noise.items():
        made = sum(c * kernel.get(conjugate(unit), 0) for unit, c in numbers(n).items())
        assert abs(made - at_a_point(shift[v])) < 1e-9 * (1 + abs(made))
    assert norm(found) <= norm(xi) * (1 + 1e-9)


def test_the_kernel_of_least_norm_on_a46():
    """With all noises the spread of the weight grows slower than with S alone, by a factor that is known."""
    shift = {A: -I * reg, Ad: I * rge}
    assert equal(shift_kernel(A46, shift, [S]), sqrt(N) * conjugate(S))
    ratio = norm(shift_kernel(A46, shift)) / norm(sqrt(N) * conjugate(S))
    bloch = reg * conjugate(reg) + rge * conjugate(rge)
    assert math.isclose(ratio, at_a_point(bloch / (bloch + sp.Abs(ree))).real, rel_tol=1e-9)


def test_a_shift_outside_the_range_of_the_noise_is_refused():
    with pytest.raises(ValueError, match=r"no kernel in F, Fd makes the shift \{rho_ee: 1\}: it fails for"):
        shift_kernel(A39, {ree: 1})
    with pytest.raises(ValueError, match="it fails for Ad"):
        shift_kernel(A46, {A: -I * reg, Ad: -I * rge}, [S])
    with pytest.raises(ValueError, match="it fails for z, whose noise is 0"):
        shift_kernel(SDE({z: 0, x: 0}, {x: W}), {z: 1})
    correlated = SDE({x: 0, z: 0}, {x: W, z: V}, covariance={(W, V): 0.5})
    with pytest.raises(ValueError, match="noises are correlated"):
        shift_kernel(correlated, {x: 1})


def test_what_is_not_the_systems_is_refused():
    y = real_variables("y")
    sde = SDE({x: -x}, {x: W})
    with pytest.raises(ValueError, match="shift of y: the system has only the variables x"):
        shift_kernel(sde, {y: 1})
    with pytest.raises(TypeError, match="shift of x is 'y': give a number or an expression"):
        shift_kernel(sde, {x: "y"})
    with pytest.raises(ValueError, match="noises hold V: the system has only W"):
        shift_kernel(sde, {x: 1}, [V])


def test_gauges_made_of_shifts_stack():
    """The weight that is there needs no shift of its own."""
    sde = SDE({x: -x, z: 0}, {x: W, z: V})
    weighted = sde.with_rows({log_weight: -sp.Rational(1, 2)}, {log_weight: W})
    assert shift_kernel(weighted, {x: x}) == x * W
    assert shift_kernel(sde, {x: 1, z: 2}, (n for n in (W, V))) == W + 2 * V


def test_the_rank_is_that_of_a_generic_point():
    far = sp.Max(0, x - 5)
    assert shift_kernel(SDE({x: -x}, {x: far * W}), {x: far}) == W
    out_of_sight = sp.Max(0, x - 10**4)
    with pytest.raises(ValueError, match="no kernel in W makes the shift"):
        shift_kernel(SDE({x: -x}, {x: out_of_sight * W}), {x: out_of_sight})
    nearly = SDE({x: 0, z: 0}, {x: 10**20 * W + V, z: V})
    assert agree(shift_kernel(nearly, {x: 1}), sp.Integer(1) / 10**20 * W)


def agree(first, second):
    return numbers(first) == pytest.approx(numbers(second), rel=1e-9)


class Half(DriftGauge):
    """Takes half of the drift -x off, or, with the other sign, adds half of it."""

    def __init__(self, sign):
        self.sign = sign

    def kernel(self, sde):
        return shift_kernel(sde, taken_off={x: self.sign * -x / 2})


@pytest.mark.parametrize(("sign", "new"), [(1, -x / 2), (-1, -3 * x / 2)])
def test_what_is_given_comes_off_the_drift_and_check_gauge_shows_it(sign, new):
    drifts = check_gauge(Half(sign), SDE({x: -x, z: 1}, {x: W}))
    assert equal(drifts.after[x], new)
    assert str(drifts).splitlines()[0] == f"the drift of x: old -x, new {new}"
    assert str(drifts).count("the drift of") == 2, "that of C0 too, that of z stays"


def test_check_gauge_says_where_nothing_changes():
    assert str(check_gauge(Identity(), SDE({x: -x}, {x: W}))) == "no drift changes"
