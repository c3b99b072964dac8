"""Malformed operators, master equations and states: a refusal in one line, never another error from deep inside."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import complex_noises, complex_variables, parameters, random_normal, time
from sdeframe.derivation import (
    Boson,
    Coherent,
    DensityMatrix,
    Emitters,
    Fock,
    Master,
    PositiveP,
    Thermal,
    commutator,
    derive,
    exact_means,
    initial_values,
)

a, at, two = Boson("a"), Emitters("rho", "ge", size=4), Emitters("tau", "ge", size=2, individual=True)
k = parameters("k")
H = a.dag() * a
ONE, ALL = Master(H, [(1, a)]), Master(H + at.sum("ee") + two.sum("ee"))
DERIVED, ATOMS = derive(ONE, PositiveP()), derive(Master(H + at.sum("ee"), [(1, at.each("ge"))]), PositiveP())
START = {a: Coherent(0.1)}

VALUES = {
    "None": None, "True": True, "text": "q", "empty text": "", "bytes": b"a", "-1": -1, "1.5": 1.5, "nan": np.nan,
    "inf": np.inf, "1j": 1j, "[]": [], "[1]": [1], "()": (), "(1, 2, 3)": (1, 2, 3), "{}": {}, "{1: 2}": {1: 2},
    "object": object(), "0-d array": np.array(1.0), "array": np.array([1.0, 2.0]), "matrix": np.eye(2), "set": {1},
    "numpy True": np.bool_(True), "symbol": sp.Symbol("E"), "variable": complex_variables("z"), "pair": ("a", None),
    "noise": complex_noises("F"), "random": random_normal("g"), "operator": a, "emitters": at, "class": Boson,
    "mode": a.mode, "function": len, "sympy matrix": sp.Matrix([[1]]), "relation": k > 0, "sympy true": sp.true,
    "noncommuting": sp.Symbol("A", commutative=False), "range": range(3), "undefined": sp.Function("f")(time),
    "sympy tuple": sp.Tuple(1, 2), "[None]": [None], "huge": 10**400, "zoo": sp.zoo, "root": sp.sqrt(-k),
    "ragged": [[1, 2], [3]], "error": ValueError("x"), "key": (3,),
}  # fmt: skip

ENTRIES = {
    "Boson": Boson,
    "Boson, variables": lambda v: Boson("a", v),
    "Boson, a variable": lambda v: Boson("a", ("A", v)),
    "Emitters": lambda v: Emitters(v, "ge"),
    "levels": lambda v: Emitters("r", v),
    "size": lambda v: Emitters("r", "ge", size=v),
    "individual": lambda v: Emitters("r", "ge", individual=v),
    "sum": at.sum, "sum, second": lambda v: at.sum("g", v), "sum of some": two.sum, "each": at.each,
    "on": lambda v: two.on(v, "ge"), "on, levels": lambda v: two.on(0, v), "variable of": at.variable,
    "a + v": lambda v: a + v, "v + a": lambda v: v + a, "a - v": lambda v: a - v, "v - a": lambda v: v - a,
    "a * v": lambda v: a * v, "v * a": lambda v: v * a, "a / v": lambda v: a / v, "v / a": lambda v: v / a,
    "a ** v": lambda v: a**v, "v ** a": lambda v: v**a, "commutator": lambda v: commutator(a, v),
    "Master": Master, "loss": lambda v: Master(H, v), "a loss": lambda v: Master(H, [v]),
    "rate": lambda v: Master(H, [(v, a)]), "jump": lambda v: Master(H, [(1, v)]),
    "triple": lambda v: Master(H, [(1, a, v)]),
    "derive": lambda v: derive(v, PositiveP()), "representation": lambda v: derive(ONE, v),
    "eta": lambda v: PositiveP(eta=v), "factors": DERIVED.scale, "factor": lambda v: DERIVED.scale({a: v}),
    "scaled mode": lambda v: DERIVED.scale({v: 2}), "time": lambda v: DERIVED.scale(time=v), "rotate": DERIVED.rotate,
    "sde": DERIVED.sde, "constant": lambda v: ATOMS.sde("split", constant=v), "average": DERIVED.average,
    "moment_equation": DERIVED.moment_equation, "reduce_trace": ATOMS.reduce_trace,
    "start of": lambda v: initial_values(v, PositiveP(), START), "start in": lambda v: initial_values(ONE, v, START),
    "start": lambda v: initial_values(ONE, PositiveP(), v),
    "start, key": lambda v: initial_values(ONE, PositiveP(), {v: Coherent(1)}),
    "start, state": lambda v: initial_values(ONE, PositiveP(), {a: v}),
    "start, emitters": lambda v: initial_values(ALL, PositiveP(), {a: Coherent(0), at: v, two: "g"}),
    "start, one emitter": lambda v: initial_values(ALL, PositiveP(), {a: Coherent(0), at: "g", two: ["g", v]}),
    "Coherent": Coherent, "Thermal": Thermal, "Fock": Fock, "DensityMatrix": DensityMatrix,
    "means of": lambda v: exact_means(v, {"n": H}, START, [1.0]),
    "means, operators": lambda v: exact_means(ONE, v, START, [1.0]),
    "means, operator": lambda v: exact_means(ONE, {"n": v}, START, [1.0]),
    "means, start": lambda v: exact_means(ONE, {"n": H}, v, [1.0]),
    "means, times": lambda v: exact_means(ONE, {"n": H}, START, v),
    "means, values": lambda v: exact_means(ONE, {"n": H}, START, [1.0], v),
    "means, cutoffs": lambda v: exact_means(ONE, {"n": H}, START, [1.0], cutoffs=v),
    "means, cutoff": lambda v: exact_means(ONE, {"n": H}, START, [1.0], cutoffs={a: v}),
    "means, tolerance": lambda v: exact_means(ONE, {"n": H}, START, [1.0], tolerance=v),
}  # fmt: skip


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_malformed_value_is_refused_in_one_line_or_means_something(entry):
    for value in VALUES.values():
        try:
            ENTRIES[entry](value)
        except (TypeError, ValueError) as refusal:
            message = str(refusal)
            assert message, value
            assert "\n" not in message, value


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        ("derive", "-1", "master=-1: must be a master equation, such as Master"),
        ("representation", "-1", "representation=-1: must be PositiveP"),
        ("representation", "function", "must be PositiveP"),
        ("start, key", "key", "3 names no part of the system: give a mode, emitters, or the name of one"),
        ("start", "[1]", r"\[1\]: give one for each mode and for all emitters"),
        ("start of", "operator", "must be a master equation"),
        ("factors", "{1: 2}", "give the factor of each mode"),
        ("Boson, variables", "text", "give the names of two"),
        ("loss", "text", "give a list of pairs"),
        ("means, operators", "operator", "give them by name"),
        ("means, tolerance", "-1", "tolerance=-1: must be a positive number"),
        ("means, cutoff", "1.5", "must be a positive integer"),
        ("means, values", "{1: 2}", "give the value of each parameter"),
        ("a ** v", "huge", "power 1000.* of an operator: give a whole number, 0 to"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(entry, value, message):
    with pytest.raises((TypeError, ValueError), match=message):
        ENTRIES[entry](VALUES[value])
