"""Bounds of rates: as given, by intervals, and what happens where they are passed."""

from concurrent.futures import ProcessPoolExecutor

import pytest
import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_variables,
    parameters,
    poisson_noises,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe import time as t
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama, Milstein
from sdeframe.observers import Moments
from sdeframe.running.jumps.passed import RateError
from sdeframe.running.jumps.rate_bounds import rate_bounds
from sdeframe.sampling import Balanced

x = real_variables("x")
z = complex_variables("z")
k = parameters("k")
W = real_noises("W")


def bound(rate, given=None, values=None):
    N = poisson_noises("N", rate=rate, bound=given)
    return rate_bounds(SDE({x: 0, z: 0}, jumps={N: {x: 1}}), values or {}, 2.0)[N]


@pytest.mark.parametrize(
    ("rate", "highest"),
    [
        (2, 2),
        (0, 0),
        (k, 3),
        (1 + sp.cos(t) ** 2, 2),
        (k * sp.exp(-t), 3),
        (t**2, 4),
        (1 + sp.tanh(x) ** 2, 2),
        (k / (1 + x**2), 3),
        (sp.Min(sp.Abs(z), 5), 5),
        (sp.Piecewise((4, x > 0), (1, True)), 4),
    ],
)
def test_bounds_that_are_known_are_found(rate, highest):
    found = bound(rate, values={k: 3.0})
    assert highest <= found <= highest * 1.01 + 1e-12


def test_a_given_bound_is_taken_with_its_parameters():
    assert bound(x**2, 4 * k, {k: 3.0}) == 12


@pytest.mark.parametrize(
    ("rate", "given", "value", "message"),
    [
        (x**2, None, 1.0, r"rate=x\*\*2 of N has no bound that is known .* bound=10"),
        (k * sp.Abs(z), None, 1.0, "of N has no bound that is known"),
        (k, None, -1.0, "rate=k of N is -1: must be a number of at least 0"),
        (x, k, -1.0, "bound=k of the rate of N is -1: must be a positive number"),
        (1e10, None, 1.0, r"bounds of rates are 1e\+10 together: to t = 2 at most 2\*\*32 jumps"),
    ],
)
def test_what_has_no_bound_is_refused(rate, given, value, message):
    with pytest.raises(ValueError, match=message):
        bound(rate, given, {k: value})


def run(rate, given=None, scheme=None, drift=0, jump=1, **more):
    sde = SDE({x: drift}, {x: W}, jumps={poisson_noises("N", rate=rate, bound=given): {x: jump}})
    return simulate(
        SymbolicModel(sde, {x: 1}), scheme or EulerMaruyama(0.1), observers=[Moments(x=x)], times=[1.0],
        trajectories=64, seed=1, progress=False, **more,
    )  # fmt: skip


@pytest.mark.parametrize("threads", [1, 2])
def test_a_rate_above_its_bound_ends_the_run_with_its_name(threads):
    with pytest.raises(
        RateError, match=r"rate=x\*\*2 of N is .* in trajectory \d+ before t = 1, above its bound=2: .* give a larger"
    ):
        run(x**2, 2, threads=threads)


def test_the_error_comes_back_from_other_processes():
    with ProcessPoolExecutor(1) as pool, pytest.raises(RateError, match="above its bound=2"):
        run(x**2, 2, executor=pool)


def test_a_rate_that_passes_its_bound_where_no_candidate_is_ends_the_run_too():
    with pytest.raises(RateError, match="above its bound=1/1000000"):
        run(x**2, sp.Rational(1, 10**6))


@pytest.mark.parametrize(("rate", "given"), [(x, 100), (sp.cos(4 * t), None)])
def test_a_negative_rate_ends_the_run(rate, given):
    with pytest.raises(RateError, match="it must not be negative"):
        run(rate, given, drift=-2)


def test_what_has_no_value_is_refused_at_once():
    with pytest.raises(ValueError, match=r"rate with N: .* has no value"):
        run(sp.Piecewise((1, x > 0)), 10)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"scheme": Milstein(0.1)}, "Milstein with the jumps N: .* no strong order 1; take .* W2S4"),
        (
            {"scheme": W2S4(0.1), "sampling": Balanced()},
            r"sampling=Balanced.* with the jumps N: .* take sampling=Independent",
        ),
        ({"gauge": QuarticDrift()}, r"gauge=.* with the jumps N: .* take gauge=Identity"),
    ],
)
def test_what_is_not_right_with_jumps_is_refused(more, message):
    with pytest.raises(ValueError, match=message):
        run(1, **more)
