"""Bounds of expressions hold every value, and get as narrow as cells do."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeframe import parameters, time
from sdeframe.time_dependence.enclosures import enclosure
from sdeframe.time_dependence.normal_form import centred

numbers = st.builds(sp.Rational, st.integers(-9, 9), st.integers(1, 5))
leaves = st.one_of(st.just(time), numbers, numbers.map(lambda x: x * sp.I))
FUNCTIONS = (
    sp.exp, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.sqrt, sp.log, sp.Abs, sp.sign, sp.re, sp.im,
    sp.conjugate, sp.arg, lambda x: x**3, lambda x: x**2, lambda x: 1 / x, lambda x: x ** sp.Rational(4, 3),
    lambda x: sp.Heaviside(sp.re(x)), lambda x: sp.atan2(sp.im(x), sp.re(x)), lambda x: sp.floor(sp.re(x)),
    lambda x: sp.sech(x), lambda x: sp.erf(sp.re(x)), lambda x: x**time,
)  # fmt: skip
PAIRS = (
    lambda x, y: x + y, lambda x, y: x * y, lambda x, y: sp.Max(sp.re(x), sp.re(y)),
    lambda x, y: sp.Min(sp.re(x), sp.im(y)),
    lambda x, y: sp.Piecewise((x, sp.re(x) < sp.re(y)), (y, True)),
    lambda x, y: sp.Piecewise((x, (sp.re(x) <= 1) & (sp.re(y) > 0)), (1, sp.Not(sp.im(x) >= 0)), (y, True)),
)  # fmt: skip


def grown(parts):
    one = st.builds(lambda f, x: f(x), st.sampled_from(FUNCTIONS), parts)
    return one | st.builds(lambda f, x, y: f(x, y), st.sampled_from(PAIRS), parts, parts)


expressions = st.recursive(leaves, grown, max_leaves=4)


def value(e, at):
    """Return a value to thirty digits, or None where there is none."""
    try:
        found = complex(e.subs(time, sp.Rational(*at.as_integer_ratio())).evalf(30))
    except (TypeError, ValueError, OverflowError):
        return None
    return found if np.isfinite(found) else None


def outside(part, x, scale):
    return part is not None and not (part.low - scale <= x <= part.high + scale)


@settings(max_examples=100, deadline=None)
@given(expressions, st.floats(0, 5), st.floats(0, 3), st.floats(0, 1))
def test_bounds_hold_values(e, start, width, share):
    if e.has(sp.nan, sp.zoo, sp.oo):
        return
    at = float(min(start + share * width, start + width))
    exact = value(e, at)
    if exact is None:
        return
    for written in (e, centred(e)):
        if not written.free_symbols and not written.is_finite:
            return
        found = enclosure(written, [start, at], [start + width, at])
        for part, x in ((found.real, exact.real), (found.imag, exact.imag)):
            assert part is None or np.all((part.low <= x) & (x <= part.high)), (written, at, part, x)
        assert found.imag is not None or abs(exact.imag) < 1e-15


SMOOTH = (
    sp.exp(-((time - 5) ** 2) * 500), sp.exp(3 * sp.I * time) * sp.cos(time), 1 / sp.cosh(time - 5), sp.sqrt(1 + time),
    sp.Abs(sp.exp(sp.I * time) + 2), sp.log(2 + sp.cos(time)), sp.arg(3 + sp.exp(sp.I * time)), (1 + time) ** sp.pi,
    1 / (sp.I + time), sp.tanh(sp.I * time + 1), sp.tan(time / 20), sp.erf(time) + sp.atan(time),
)  # fmt: skip


@pytest.mark.parametrize("e", SMOOTH, ids=str)
def test_bounds_get_narrow_with_cells(e):
    for cells in (10**4, 10**5):
        edges = np.linspace(0, 10, cells + 1)
        found = enclosure(centred(e), edges[:-1], edges[1:])
        for part in (found.real, found.imag):
            assert part is None or np.max(part.high - part.low) < 300 * 10 / cells * np.max(np.abs(part.high))


def test_written_so_that_digits_are_kept():
    pulse = sp.exp(-((time - 5) ** 2) * 500_000)
    assert centred(sp.expand(pulse)) == pulse
    lorentzian = 1 / (sp.pi * (1 + 10**6 * (time - 5) ** 2))
    assert sp.simplify(1 / centred(sp.expand(lorentzian)) - sp.pi - 10**6 * sp.pi * (time - 5) ** 2) == 0
    assert centred(sp.expand(lorentzian)).has((time - 5) ** 2)
    branch = sp.Piecewise((sp.sin(time), (time - 5) ** 2 < 4), (0, True))
    assert centred(sp.expand(branch)) == sp.Piecewise((sp.sin(time), (time - 5) ** 2 - 4 < 0), (0, True))


@pytest.mark.parametrize(
    ("e", "says"),
    [
        (sp.gamma(time), r"gamma in gamma\(t\): no bounds of it are known"),
        (sp.Function("f")(time), r"f in f\(t\)"),
        (sp.Max(time, sp.cos(parameters("k"))), "k has no value here"),
        (time + sp.DiracDelta(time - 1), "DiracDelta"),
        (sp.Piecewise((1, sp.Xor(time < 1, sp.cos(time) < 0)), (0, True)), "the condition .* is not supported"),
        (sp.Max(sp.re(sp.sqrt(time)), 1) + sp.Piecewise((1, sp.Eq(sp.exp(sp.I * time), 1)), (0, True)), "must be real"),
    ],
)
def test_refused(e, says):
    with pytest.raises(ValueError, match=says):
        enclosure(e, [0.0], [1.0])
