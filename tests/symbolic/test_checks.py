"""What a system refuses, and that the message names the symbol and the way out."""

import pytest
import sympy as sp

from sdeframe.symbolic.symbols import (
    Noise,
    StateVariable,
    complex_noises,
    complex_variables,
    log_weight,
    parameters,
    random_normal,
    real_noises,
    real_variables,
    time,
)
from sdeframe.symbolic.system import SDE

conj, sqrt, i = sp.conjugate, sp.sqrt, sp.I
z, w = complex_variables("z w")
x = real_variables("x")
F = complex_noises("F")
W, W1, W2 = real_noises("W W1 W2")
k = parameters("k")

Q = sp.Symbol("q")
BAD = {
    "text as drift": (lambda: SDE({z: "-z"}), TypeError, "drift of z is '-z': give a number or an expression"),
    "text as noise": (lambda: SDE({z: 0}, {z: "W"}), TypeError, "noise of z is 'W'"),
    "boolean": (lambda: SDE({z: True}), TypeError, "drift of z is True"),
    "relation": (lambda: SDE({x: x > 0}), TypeError, "drift of x is x > 0"),
    "no mapping": (lambda: SDE([z]), TypeError, "drift is .* give a mapping"),
    "noise no mapping": (lambda: SDE({z: 0}, W), TypeError, "noise is W: give a mapping"),
    "text as variable": (lambda: SDE({"z": 0}), TypeError, "drift holds 'z', no variable: declare it with"),
    "noise as variable": (lambda: SDE({W: 0}), TypeError, "drift holds W, no variable"),
    "nan": (lambda: SDE({z: float("nan")}), ValueError, "drift of z is nan: give finite"),
    "infinity": (lambda: SDE({z: z + sp.oo * k}), ValueError, "give finite coefficients"),
    "empty": (lambda: SDE({}), ValueError, "at least one variable"),
    "interpretation": (lambda: SDE({z: 0}, interpretation="Ito"), ValueError, "interpretation 'Ito': give \"ito\""),
    "unknown symbol": (lambda: SDE({z: Q * z}), ValueError, "unknown symbol q in the drift of z: declare it with"),
    "unknown in noise": (lambda: SDE({z: 0}, {z: Q * W}), ValueError, "unknown symbol q in the noise of z"),
    "plain time": (lambda: SDE({z: sp.Symbol("t")}), ValueError, "unknown symbol t .*use sdeframe.time"),
    "plain double": (lambda: SDE({z: sp.Symbol("z")}), ValueError, "symbol z .*use the symbol that was declared"),
    "noise in drift": (lambda: SDE({z: z * F}), ValueError, r"noise F in the drift of z: put the term into noise\[z\]"),
    "random by two names": (lambda: SDE({z: random_normal("z")}), ValueError, "two symbols are named z"),
    "missing drift": (lambda: SDE({z: 0}, {w: F}), ValueError, "variable w has noise but no drift: give drift 0"),
    "other variable": (lambda: SDE({z: w}), ValueError, "variable w in the drift of z has no drift"),
    "weight alone": (lambda: SDE({z: log_weight}), ValueError, "C0 in the drift of z: .*give log_weight="),
    "weight in drift": (lambda: SDE({log_weight: 0}), ValueError, "drift holds C0: give the log-weight as"),
    "bad weight": (lambda: SDE({z: 0}, log_weight=z), TypeError, r"log_weight is z: give the pair \(drift, noise\)"),
    "noise squared": (lambda: SDE({z: 0}, {z: F**2}), ValueError, r"noise of z: F\*\*2 is not linear in F"),
    "noise product": (lambda: SDE({z: 0}, {z: W1 * W2}), ValueError, "is not linear in W1"),
    "noise modulus": (lambda: SDE({z: 0}, {z: z * sp.Abs(F)}), ValueError, "is not linear in F"),
    "noise sign": (lambda: SDE({z: 0}, {z: z * sp.sign(W)}), ValueError, "is not linear in the noises"),
    "noise condition": (
        lambda: SDE({z: 0}, {z: sp.Piecewise((z, W > 0), (0, True))}), ValueError, "is not linear in the noises",
    ),
    "noise function": (lambda: SDE({z: 0}, {z: sp.gamma(F)}), ValueError, "noise of z: .*gamma"),
    "noise with drift": (lambda: SDE({z: 0}, {z: F + z}), ValueError, "noise of z: z in F . z has no noise: put it in"),
    "two kinds": (
        lambda: SDE({z: parameters("z") * z}), ValueError, "two symbols are named z: a parameter and a variable",
    ),
    "two realities": (
        lambda: SDE({z: k * parameters("k", positive=True)}), ValueError, "two symbols are named k: a parameter and a",
    ),
    "two variables": (lambda: SDE({z: 0, real_variables("z"): 0}), ValueError, "two symbols are named z"),
    "noise named as one": (lambda: SDE({z: 0}, {z: real_noises("z")}), ValueError, "a noise and a variable"),
    "named t": (lambda: SDE({complex_variables("t"): 0}), ValueError, "variable t: the name is reserved for the time"),
    "parameter t": (lambda: SDE({z: parameters("t")}), ValueError, "parameter t: the name is reserved"),
    "named C0": (lambda: SDE({real_variables("C0"): 0}), ValueError, "variable C0: the name is reserved for the log-w"),
    "neither real": (
        lambda: SDE({StateVariable("v"): 0}), ValueError, "variable v is neither real nor complex: declare it",
    ),
    "noise neither": (lambda: SDE({z: 0}, {z: Noise("n")}), ValueError, "noise n is neither real nor complex"),
    "complex drift": (lambda: SDE({x: i * x}), ValueError, r"drift of the real variable x is not real: I\*x"),
    "complex coupling": (lambda: SDE({x: z, z: 0}), ValueError, "drift of the real variable x is not real: z"),
    "complex noise": (lambda: SDE({x: 0}, {x: F}), ValueError, "noise of the real variable x is not real: F"),
    "root of negative": (lambda: SDE({x: 0}, {x: sqrt(x) * W}), ValueError, r"Max\(0, ...\) under a root"),
    "comparison": (lambda: SDE({z: sp.Piecewise((z, z > 0), (0, True))}), ValueError, "z > 0 in .* take re, im or Abs"),
    "extremum": (lambda: SDE({z: sp.Max(z, 0)}), ValueError, "compares complex numbers: take re, im or Abs of z"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_system_is_refused(name):
    build, error, message = BAD[name]
    with pytest.raises(error, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (w, ValueError, "variable w in the function w has no drift"),
        (Q * z, ValueError, r"unknown symbol q in the function .*: declare it"),
        (z * F, ValueError, "noise F in the function"),
        (log_weight, ValueError, "the system has no log-weight"),
        ("z", TypeError, "the function is 'z'"),
        (sp.gamma(z), ValueError, "derivative of gamma"),
    ],
)
def test_the_generator_refuses_what_is_no_function_of_the_state(f, error, message):
    with pytest.raises(error, match=message):
        SDE({z: 0}, {z: F}).generator(f)


@pytest.mark.parametrize("p", ["W", z, W**2])
def test_only_linear_noises_correlate(p):
    with pytest.raises((TypeError, ValueError), match=r"linear|no noise|give a number or an expression"):
        SDE({z: 0}, {z: W}).correlation(p, W)


def test_real_right_hand_sides_are_recognised():
    for drift in (
        z * conj(z),
        sp.re(z) * x,
        z + conj(z),
        sp.Abs(z),
        sqrt(sp.Max(0, x)),
        sqrt(z * conj(z) + 1),
        i * (z - conj(z)),
        0.5 * x,
    ):
        SDE({x: drift, z: 0}, {x: drift * W})
    SDE({x: sp.Piecewise((x, x > time), (sp.im(z), True)), z: 0}, {x: sp.re(z * F)})
