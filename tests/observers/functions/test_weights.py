"""Functions of weighted means."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, Poles, SymbolicModel, mean, parameters, random_normal, real_noises, real_variables
from sdeframe.observers import Functions, Runaways
from tests.support.function_runs import run

kappa, W = parameters("kappa", positive=True), real_noises("W")


def test_means_of_real_values_are_complex_under_complex_weights():
    """With (mean of x) = <xΩ>/<Ω>; conjugate and real part are those of it."""
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: 1 - x}, noise={x: W}, log_weight=(0, sp.I * W / 2)), {x: 0})
    m = mean(x)
    ds = run(model, Functions(m=m, c=sp.conjugate(m), r=sp.re(m), square=sp.Abs(m) ** 2), trajectories=4000)
    found = ds.m.values[-1]
    assert found.imag > 0.2
    for name, value in {"c": found.conjugate(), "r": found.real, "square": abs(found) ** 2}.items():
        assert np.isclose(ds[name].values[-1], value, rtol=1e-12)


@pytest.mark.parametrize("size", [-1000, -720, -660, -340, 0, 300, 340, 690, 1000])
def test_the_size_of_weights_does_not_matter(size):
    """Which a factor common to all has no part in: third powers of exp(300) are no floats, nor 1 / exp(-340)²."""
    x, N = real_variables("x"), random_normal("N")
    system = SDE(drift={x: 0}, log_weight=(kappa * size, W / 2))
    model, bare = (SymbolicModel(system, {x: 1 + N}, parameters={kappa: value}) for value in (1.0, 1e-9))
    functions = Functions(f=mean(x), g=mean(x**2) / mean(x) ** 2)
    ds = run(model, functions, trajectories=500, step_error=True)
    if abs(size) > 700:
        assert np.isnan(ds.g.values[-1])
        assert "no float holds the weight" in ds.g.attrs["untold"]
        return
    plain = run(bare, functions, trajectories=500, step_error=True)
    for name in ("f", "f_se", "g", "g_se", "g_imag_se", "g_extrapolated_se", "g_step_error_se"):
        assert np.isclose(ds[name].values[-1], plain[name].values[-1], rtol=1e-8, atol=1e-12), name


@pytest.mark.long
def test_the_bound_holds_beside_an_observer_with_a_larger_one():
    """Values beyond it are left out, with a weight and without: of 8² = 64 some 35 remain."""
    x, N = real_variables("x"), random_normal("N")
    system, poles = SDE(drift={x: 0}, log_weight=(0, W / 100)), Poles(scale=1.0, strongest=(x,))
    for sde in (system, SDE(drift={x: 0})):
        model = SymbolicModel(sde, {x: 8 * N}, poles=poles, runaway_variables=(x,))
        alone, beside = (run(model, Functions(bound=12.0, f=mean(x**2)), *more) for more in ((), (Runaways(1e4),)))
        assert np.array_equal(alone.f, beside.f)
        assert 20 < beside.f.values[-1].real < 40
