"""Functions of means that may vanish where they have no derivative."""

import numpy as np
import sympy as sp

from sdeframe import SDE, SymbolicModel, mean, parameters, random_normal, real_variables
from sdeframe.observers import Functions
from tests.support.function_runs import run


def test_a_denominator_is_told_by_both_of_its_parts():
    """Real parts that are 6 standard errors away do not tell what an imaginary part of a hundred times theirs hides."""
    x, y, N, M = *real_variables("x y"), *random_normal("N M")
    model = SymbolicModel(SDE(drift={x: 0, y: 0}), {x: N + 0.14, y: M})
    at = [run(model, Functions(f=1 / mean(x + k * sp.I * y), p=1 / mean(x)), times=[0.0]) for k in (0, 1e-3, 100)]
    assert [bool(np.isnan(ds.f.values[0])) for ds in at] == [False, False, True]
    assert np.isfinite(at[2].p.values[0])


def test_a_modulus_of_what_does_not_vary_has_no_error():
    """A vacuum's amplitude is 0, where the modulus has no derivative."""
    x = real_variables("x")
    ds = run(SymbolicModel(SDE(drift={x: 0}), {x: 0}), Functions(f=sp.Abs(mean(x)), g=1 / mean(x)))
    assert (ds.f.values == 0).all()
    assert (ds.f_se.values == 0).all()
    assert np.isnan(ds.g.values).all()


def test_neither_side_of_a_branch_cut_is_told_by_chance():
    """The root of −2 ± .02 i is 1.4 i or −1.4 i by chance; that of −2 without an imaginary part is 1.4 i."""
    x, N = real_variables("x"), random_normal("N")
    model, m = SymbolicModel(SDE(drift={x: 0}), {x: N}), mean(sp.I * x - 2)
    given = {"root": sp.sqrt(m), "log": sp.log(m), "phase": sp.arg(m), "inverse": 1 / m, "away": sp.sqrt(-m)}
    ds = run(model, Functions(**given, real=sp.sqrt(mean(x) - 2)), times=[0.0])
    assert {name for name in given if np.isnan(ds[name].values[0])} == {"root", "log", "phase"}
    assert abs(ds["real"].values[0] - 1j * np.sqrt(2)) < 5 * ds["real_imag_se"].values[0]


def test_what_stands_under_roots_and_powers_is_told_from_zero():
    """The mean 0 has no root, logarithm or phase with an error; smooth functions of it have."""
    x, N, power = real_variables("x"), random_normal("N"), parameters("power")
    model, m = SymbolicModel(SDE(drift={x: 0}), {x: N}, parameters={power: 1.0}), mean(x)
    rough = dict(enumerate([sp.sqrt(m), sp.log(m), sp.arg(m), m ** sp.Rational(3, 2), m ** (power - 2), m**power]))
    smooth = {"square": m**2, "modulus": sp.Abs(m) ** 2, "exponent": 2**m, "root": sp.sqrt(1 + m), "tan": sp.tan(m)}
    functions = {f"f{k}": f for k, f in rough.items()} | smooth | {"pole": sp.tan(m + 1.5707963)}
    ds = run(model, Functions(**functions), times=[0.0])
    assert {name for name in functions if np.isnan(ds[name].values[0])} == {*(f"f{k}" for k in rough), "pole"}
    assert not any(np.isnan(ds[f"{name}_se"].values[0]) for name in smooth)
