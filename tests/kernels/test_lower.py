"""Expressions to nodes and code: folding, signs, functions by name."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp
from numba import njit
from sympy.logic.boolalg import ITE

from sdeframe import complex_variables, parameters, real_variables, time
from sdeframe.compiled.instructions import straight_line
from sdeframe.compiled.program import Graph, Value, reachable
from sdeframe.kernels.layout import Layout
from sdeframe.kernels.time_loop import evaluate_kernel
from sdeframe.kernels.trace import trace_expressions

z, w = complex_variables("z w")
x, y = real_variables("x y")
p = parameters("p")
LANES = 16


def evaluate(expressions, values, parameter=0.7, t=0.25):
    """Evaluate expressions by the compiled program on arrays of values of z, w, x, y."""
    inputs = (z, w, x, y)
    layout = Layout(tuple(not s.is_real for s in inputs), 0, 0, False)
    count = len(next(iter(values.values())))
    groups = -(-count // LANES)
    rows = np.zeros((layout.width, groups * LANES))
    for symbol, at in zip(inputs, layout.state_rows(), strict=True):
        column = np.asarray(values.get(symbol, np.zeros(count)), dtype=complex)
        rows[at[0], :count] = column.real
        if len(at) == 2:
            rows[at[1], :count] = column.imag
    buffer = np.ascontiguousarray(rows.reshape(-1, groups, LANES).swapaxes(0, 1)).reshape(groups, -1)
    out = np.empty((2 * len(expressions), groups, LANES))
    kernel = evaluate_kernel(trace_expressions(tuple(expressions), inputs, (p,)), LANES)
    kernel(buffer, np.array([0.0, parameter]), t, out)
    parts = out.reshape(len(expressions), 2, -1)[:, :, :count]
    result = np.empty((len(expressions), count), dtype=complex)
    result.real, result.imag = parts[:, 0], parts[:, 1]
    return result


RNG = np.random.default_rng(5)
VALUES = {
    z: RNG.normal(size=100) + 1j * RNG.normal(size=100),
    w: RNG.normal(size=100) + 1j * RNG.normal(size=100),
    x: RNG.normal(size=100),
    y: RNG.normal(size=100),
}

EXPRESSIONS = [
    z * w - sp.conjugate(z) / w, z**5 - z**-2, sp.sqrt(z) * sp.sqrt(x), z ** sp.Rational(3, 2), z ** sp.Rational(1, 3),
    sp.exp(z) + sp.exp(x), sp.log(z) + sp.log(x), sp.sin(z) * sp.cos(w), sp.tanh(z) - sp.tanh(x),
    sp.sinh(x) + sp.cosh(z), sp.tan(x), sp.re(z) * sp.im(w), sp.Abs(z) + sp.Abs(x), sp.sign(z) + sp.sign(x),
    sp.arg(z), sp.atan2(x, y),
    sp.Min(x, y, 0.1) - sp.Max(x, y) + sp.Heaviside(x), sp.Piecewise((z, x < y), (w**2, x < 1), (1, True)),
    sp.Piecewise((1, (x < 0) & (y > 0)), (2, ~(x < y) | (y >= 1)), (3, True)), p * z + time * w, sp.pi * sp.I + 2 * z,
    sp.Abs(x) ** p, z**w, sp.sqrt(2) * x, z / (p * x),
]  # fmt: skip


def test_an_expanded_pulse_stays_in_range():
    """Its factors are exp(-1,250,000), exp(50,000 t) and exp(-500 t²): 0 times infinity."""
    for pulse in (sp.exp(-500 * (time - 50) ** 2), x * sp.exp(-500 * (time - 50) ** 2 + sp.I * time)):
        expanded = sp.expand(pulse)
        assert len(expanded.atoms(sp.exp)) >= 3
        expected = complex(pulse.subs({x: 2, time: 50.125}).evalf())
        assert np.allclose(evaluate([expanded], {x: np.array([2.0])}, t=50.125), expected, rtol=1e-9)


def test_every_supported_function_agrees_with_numpy():
    ours = evaluate(EXPRESSIONS, VALUES)
    for expression, row in zip(EXPRESSIONS, ours, strict=True):
        reference = sp.lambdify((z, w, x, y, p, time), expression, "numpy")
        complex_x = VALUES[x] if not expression.has(sp.sqrt(x), sp.log(x)) else VALUES[x].astype(complex)
        expected = reference(VALUES[z], VALUES[w], complex_x, VALUES[y], 0.7, 0.25)
        assert np.allclose(row, expected, rtol=1e-13, atol=1e-13), expression


def test_nothing_compares_with_what_is_no_number_but_unequal():
    at = {x: np.array([np.nan, 1.0, 2.0]), y: np.array([1.0, 1.0, np.nan])}
    relations = [sp.Lt(x, y), sp.Le(x, y), sp.Gt(x, y), sp.Ge(x, y), sp.Eq(x, y), sp.Ne(x, y)]
    found = evaluate([sp.Piecewise((1, relation), (0, True)) for relation in relations], at)
    assert found.real.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 1]]


def test_a_signed_zero_reaches_the_branch_cut():
    at = {z: np.array([complex(-1.0, 0.0), complex(-1.0, -0.0)])}
    root, conjugate_root, shifted = evaluate([sp.sqrt(z), sp.sqrt(sp.conjugate(z)), sp.sqrt(z + x)], at)
    assert root.tolist() == [1j, -1j]
    assert conjugate_root.tolist() == [-1j, 1j]
    assert shifted.tolist() == [1j, -1j]


def test_known_zeros_and_ones_cost_nothing():
    graph = Graph()
    a = Value(graph.row(0), graph.row(1))
    assert (a * 0).real_node.constant() == 0.0
    assert (a * 1).real_node is a.real_node
    assert (a + 0).real_node is a.real_node
    assert (a * a.conjugate()).is_real
    turned = a * 1j
    assert turned.imag_node is a.real_node
    assert turned.real_node.op == "neg"


def test_equal_subexpressions_are_one_node():
    graph = Graph()
    a, b = Value(graph.row(0)), Value(graph.row(1))
    assert (a * b + 1).real_node is (1 + b * a).real_node


def test_zeros_of_both_signs_are_different_constants():
    graph = Graph()
    assert graph.constant(0.0) is not graph.constant(-0.0)


def test_what_lanes_share_stands_before_the_loop():
    program = straight_line(trace_expressions((sp.sqrt(p) * x,), (x,), (p,)), 8)

    @njit("void(float64[::1], float64[::1], float64[::1])")
    def evaluate(z, parameters, out):
        program(z, parameters, 0.0, out, 8, 0)

    (code,) = (text for text in evaluate.inspect_llvm().values())
    assert len(re.findall(r"call double @llvm.sqrt", code)) == 1
    assert "@llvm.sqrt.v" not in code


@pytest.mark.parametrize("expression", [sp.gamma(z), sp.erf(x), sp.asin(x), sp.Function("f")(x)])
def test_an_unsupported_function_is_named(expression):
    with pytest.raises(ValueError, match=f"{expression.func.__name__} in .* is not supported: use .*tanh"):
        trace_expressions((expression,), (z, x), (p,))


@pytest.mark.parametrize("parameter", [0.7, 1.5])
def test_a_piecewise_within_a_condition(parameter):
    """Sympy writes it as if-then-else."""
    nested = sp.Piecewise((1, sp.Piecewise((x, p > 1), (y, True)) > 0), (2, True))
    assert nested.has(ITE)
    decides = VALUES[x] if parameter > 1 else VALUES[y]
    assert evaluate([nested], VALUES, parameter)[0].real.tolist() == np.where(decides > 0, 1.0, 2.0).tolist()


def test_an_unknown_symbol_is_named():
    with pytest.raises(ValueError, match="q has no value here"):
        trace_expressions((sp.Symbol("q") * x,), (x,), (p,))


@pytest.mark.parametrize(
    "expression",
    [
        sp.Max(sp.im(z), x) + sp.Min(z * sp.I, 1, evaluate=False),
        sp.Piecewise((1, sp.Lt(z, 1, evaluate=False)), (2, True), evaluate=False),
    ],
)
def test_an_order_of_complex_numbers_is_refused(expression):
    with pytest.raises(ValueError, match="must be real"):
        trace_expressions((expression,), (z, x), (p,))


@pytest.mark.long
def test_the_program_does_not_depend_on_the_hash_seed():
    script = (
        "from sdeframe.models import TavisCummings; from sdeframe.integrators import StochasticRK2;"
        "from sdeframe.kernels.trace import trace_step; from sdeframe.compiled.instructions import listing;"
        "print(listing(trace_step(TavisCummings(10, 10.0).system(), StochasticRK2(dt=1e-3))))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(texts) == 1
    assert "csqrt" in texts.pop()


def test_constants_fold():
    graph = Graph()
    two = Value(graph.constant(2.0))
    assert (two * 3 + 1).real_node.constant() == 7.0
    assert len(list(reachable([(two * 3 + 1).real_node]))) == 1
