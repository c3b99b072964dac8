"""Random initial states."""

import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_variables,
    parameters,
    random_choice,
    random_complex_normal,
    random_normal,
    random_uniform,
    real_variables,
    simulate,
)
from sdeframe.integrators import EulerMaruyama
from sdeframe.observers import Moments


def test_random_initial_states_have_their_moments():
    """Each comparison is at 5 standard errors: false alarms below 6e-7."""
    x, y, c = real_variables("x y c")
    z, spread = complex_variables("z"), parameters("spread")
    g, u, n = random_complex_normal("g"), random_uniform("u"), random_normal("n")
    model = SymbolicModel(
        SDE(drift={x: 0, y: 0, c: 0, z: 0}),
        initial={x: 1 + spread * n, y: u, c: random_choice("k", [-1, 3], [0.75, 0.25]), z: g},
        parameters={spread: 2.0},
    )
    named = {
        "x": x,
        "xx": x**2,
        "y": y,
        "yy": y**2,
        "c": c,
        "cc": c**2,
        "z": z,
        "zz": z**2,
        "n": z * sp.conjugate(z),
        "xy": x * y,
    }
    ds = simulate(
        model, EulerMaruyama(dt=1.0), observers=[Moments(**named)], times=[0.0], trajectories=20_000, seed=2
    ).dataset.isel(time=0)
    expected = {"x": 1, "xx": 5, "y": 0.5, "yy": 1 / 3, "c": 0, "cc": 3, "z": 0, "zz": 0, "n": 1, "xy": 0.5}
    for name, value in expected.items():
        assert abs(ds[name].item().real - value) <= 5 * ds[f"{name}_se"].item(), name
        assert abs(ds[name].item().imag) <= 5 * ds[f"{name}_imag_se"].item(), name
