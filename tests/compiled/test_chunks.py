"""Programs with very many calls: the same bits in chunks as in one loop, and one function for all calls of a kind."""

import itertools

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, complex_variables, parameters, real_variables, simulate, time
from sdeframe.compiled import chunks, instructions
from sdeframe.compiled.chunks import is_stored, slots, source
from sdeframe.compiled.instructions import straight_line
from sdeframe.compiled.jit import outer
from sdeframe.compiled.program import reachable
from sdeframe.integrators import EulerMaruyama
from sdeframe.kernels.trace import trace_expressions
from sdeframe.observers import Moments

z, w, x, k = *complex_variables("z w"), real_variables("x"), parameters("k")
INNER = [sp.sin(z * w), sp.exp(k * time - x), sp.sqrt(z), sp.tanh(w / 3), sp.Abs(z + x), sp.log(w), sp.cos(k)]
MIXED = (
    sp.Add(*[sp.cos(a) * b + sp.sin(a + k) for a, b in itertools.pairwise(INNER)]),
    sp.Piecewise((INNER[0], sp.re(z) * x > INNER[1]), (sp.tan(INNER[0]) + INNER[0], x > k), (INNER[2], True)),
    z, x * INNER[4] + sp.cosh(INNER[4] / 9) ** 2, sp.exp(sp.I * time) * w, sp.sinh(k),
)  # fmt: skip

COMPLEX = ("csin", "ccos", "ctan", "ccosh", "csinh", "ctanh", "cexp", "clog", "csqrt", "cpower")


def evaluated(outputs, lanes):
    """Return a program's outputs on random rows."""
    program = straight_line(outputs, lanes)

    @outer("void(float64[::1], float64[::1], float64, float64[::1])")
    def evaluate(rows, p, t, out):
        program(rows, p, t, out, lanes, 0)

    out = np.empty(lanes * len(outputs))
    evaluate(np.random.default_rng(7).normal(size=5 * lanes), np.array([0.1, 0.7]), 0.3, out)
    return out


@pytest.mark.parametrize(("lanes", "calls"), [(5, 3), pytest.param(1, 1, marks=pytest.mark.long)])
def test_chunks_give_the_bits_of_one_loop(lanes, calls, monkeypatch):
    outputs = trace_expressions(MIXED, (z, w, x), (k,))
    whole = evaluated(outputs, lanes)
    monkeypatch.setattr(instructions, "MOST_INLINED", 0)
    monkeypatch.setattr(chunks, "CALLS", calls)
    assert np.isfinite(whole).all()
    assert evaluated(outputs, lanes).tobytes() == whole.tobytes()


@pytest.mark.parametrize("calls", [1, 2, 7, 100])
def test_every_value_is_there_when_it_is_used(calls, monkeypatch):
    """Followed on the slots: each use finds the value that was put there, and no call writes over what it reads."""
    monkeypatch.setattr(chunks, "CALLS", calls)
    outputs = [node for _, node in trace_expressions(MIXED, (z, w, x), (k,))]
    nodes = list(reachable(outputs))
    pieces = chunks.chunks(nodes)
    assert all(len(piece.calls) <= calls for piece in pieces)
    place, count = slots(pieces, outputs, lambda call: 2 if call.data in COMPLEX else 1)
    held = [None] * count
    for piece in pieces:
        made = set()
        for node in piece.nodes:
            for a in node.args:
                assert not is_stored(a) or a.number in made or held[place[source(a).number]] == source(a).number
            made.add(node.number)
            if node.number in place:
                held[place[node.number]] = node.number
        for argument in (a for call in piece.calls for a in call.args if a.uniform):
            held[place[argument.number]] = argument.number
        for call in piece.calls:
            for a in call.args:
                assert a.op == "row" or held[place[source(a).number]] == source(a).number
            held[place[call.number]] = call.number
    assert sorted(n.number for p in pieces for n in (*p.nodes, *p.calls)) == [
        n.number for n in nodes if is_stored(n) and n.op != "part"
    ]


def test_the_memory_of_a_sum_does_not_grow_with_it():
    used = []
    for n in (300, 600):
        outputs = trace_expressions((sp.Add(*[sp.sin(z * sp.Rational(j, 7)) for j in range(1, n)]),), (z,), ())
        nodes = list(reachable(node for _, node in outputs))
        pieces = chunks.chunks(nodes)
        assert len(pieces) == -(-n // chunks.CALLS) + 1
        used.append(slots(pieces, [node for _, node in outputs], lambda call: 2)[1])
    assert used[0] == used[1] < 400


def test_a_system_with_hundreds_of_sines_runs():
    """No end was seen at 2,000; z' = Σ sin(c z) from 0.01 with one step of 1e-3."""
    drift = sp.Add(*[sp.sin(z * sp.Rational(j, 700)) for j in range(1, 201)])
    model = SymbolicModel(SDE({z: drift}), {z: 0.01 + 0.02j})
    ds = simulate(
        model, EulerMaruyama(1e-3), observers=[Moments(z=z)], times=[1e-3], trajectories=3, seed=1, progress=False
    ).dataset
    start = 0.01 + 0.02j
    right = start + 1e-3 * sum(np.sin(start * j / 700) for j in range(1, 201))
    assert ds["z"].values[0] == pytest.approx(right, rel=1e-14)
