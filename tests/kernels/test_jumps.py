"""Jumps in the kernel against a literal twin: the same candidates, one after the other, in plain Python."""

import numba
import numpy as np
import pytest
import sympy as sp

from sdeframe import (
    SDE,
    SymbolicModel,
    complex_variables,
    poisson_noises,
    random_complex_normal,
    random_normal,
    random_uniform,
    real_noises,
    real_variables,
    simulate,
)
from sdeframe import time as t
from sdeframe.compiled.normals import normal_pair, radius
from sdeframe.compiled.random_numbers import JUMP, call, key, uniform_pair
from sdeframe.integrators import W2S4, StochasticRK2
from sdeframe.interfaces.integrator import Increments
from sdeframe.kernels.array_system import EagerSystem
from sdeframe.observers import Moments

x, z = real_variables("x"), complex_variables("z")
W = real_noises("W")
g, u, c = random_normal("g"), random_uniform("u"), random_complex_normal("c")
RATES = {"A": (2 + sp.sin(3 * t), 3.5), "B": (x**2 / (1 + x**2), 1.0), "C": (4, 4.0)}
"""Of every noise the rate, and the bound that is given where none is known."""
NOISES = {
    name: poisson_noises(name, rate=rate, bound=None if sp.sympify(rate).is_number else bound)
    for name, (rate, bound) in RATES.items()
}
JUMPS = {
    NOISES["A"]: {x: g * x + t, z: c},
    NOISES["B"]: {x: -x / 2, z: sp.I * x},
    NOISES["C"]: {x: u},
}
SYSTEM = SDE({x: -x, z: sp.I * z}, {x: W}, jumps=JUMPS)


@numba.njit
def gap_and_mark(trajectory, j, k0, k1):
    a, b = call(trajectory, j, 0, JUMP, 0, k0, k1)
    return radius(a) ** 2 / 2, float(b >> np.uint64(11)) * 2.0**-53


@numba.njit
def pair(trajectory, j, channel, uniform, k0, k1):
    if uniform:
        return uniform_pair(trajectory, j, channel, JUMP, 0, k0, k1)
    return normal_pair(trajectory, j, channel, JUMP, 0, k0, k1)


def candidates(trajectory, seed, end):
    """Yield time, mark and random numbers of every candidate of a trajectory."""
    k0, k1 = key(seed)
    total, time, j = sum(bound for _, bound in RATES.values()), 0.0, 0
    while time < end:
        gap, mark = gap_and_mark(np.uint64(trajectory), j, k0, k1)
        if j:
            re, im = pair(np.uint64(trajectory), j, 1, False, k0, k1)
            drawn = {c: (re + 1j * im) / np.sqrt(2), g: pair(np.uint64(trajectory), j, 2, False, k0, k1)[0]}
            yield time, mark * total, drawn | {u: pair(np.uint64(trajectory), j, 3, True, k0, k1)[0]}
        time, j = time + gap / total, j + 1


def jumped(state, time, mark, drawn):
    """Return the state after a candidate, and which noise jumped."""
    at = {x: state[0].real, z: state[1], t: time, **drawn}
    for name, (rate, bound) in RATES.items():
        if 0 <= mark < bound:
            if mark < complex(sp.sympify(rate).subs(at)).real:
                added = JUMPS[NOISES[name]]
                return state + [complex(sp.sympify(added.get(v, 0)).subs(at)) for v in (x, z)], name
            return state, None
        mark -= bound
    raise AssertionError(mark)


@pytest.mark.parametrize("scheme", [W2S4(1 / 4), pytest.param(StochasticRK2(1 / 4), marks=pytest.mark.long)])
def test_the_kernel_is_the_literal_twin(scheme):
    result = simulate(
        SymbolicModel(SYSTEM, {x: 1, z: 0}), scheme, observers=[Moments(x=x)], times=[1.0], trajectories=3, seed=5,
        progress=False,
    )  # fmt: skip
    path, field, h = result.replay([0, 1, 2]), EagerSystem(SYSTEM), scheme.dt
    seen = set()
    for i in range(3):
        state, ahead = np.array([1, 0], dtype=complex), list(candidates(i, 5, 1.0))
        for step in range(4):
            count = dict.fromkeys(NOISES, 0)
            for part, until in enumerate(((step + 0.5) * h, (step + 1) * h)):
                if part:
                    dW = Increments(h, path["dW"].values[i, [step]], path["s_W"].values[i, [step]])
                    state = scheme.step(
                        field, state[:, None], step * h, Increments(h, dW.path[:, None], dW.signs[:, None])
                    )[:, 0]
                while ahead and ahead[0][0] < until:
                    state, name = jumped(state, *ahead.pop(0))
                    if name:
                        count[name] += 1
            seen |= {name for name, n in count.items() if n}
            assert {name: path[f"d{name}"].values[i, step] for name in NOISES} == count
            assert np.allclose([path["x"].values[i, step + 1], path["z"].values[i, step + 1]], state, rtol=1e-12)
    assert seen == {*NOISES}


def test_systems_without_jumps_have_no_line_of_them():
    problem = simulate(
        SymbolicModel(SYSTEM.with_jumps({}), {x: 1, z: 0}), W2S4(1 / 4), observers=[Moments(x=x)], times=[1.0],
        trajectories=3, seed=5, progress=False,
    ).problem  # fmt: skip
    assert problem.jumping is None
    assert problem.layout.rows == problem.layout.following
