"""Poisson noises as symbols, and systems that hold them."""

import pickle

import pytest
import sympy as sp

from sdeframe import (
    SDE,
    parameters,
    poisson_noises,
    random_normal,
    random_uniform,
    real_noises,
    real_variables,
    time,
)
from sdeframe.described import described
from sdeframe.symbolic.symbols import random_map

x, y = real_variables("x y")
k = parameters("k", positive=True)
W = real_noises("W")
g = random_normal("g")


def test_one_name_gives_a_symbol_and_several_a_tuple():
    N, M = poisson_noises("N M", rate=k)
    assert (N.name, M.name, N.rate) == ("N", "M", k)
    assert poisson_noises("N", rate=k) == N


@pytest.mark.parametrize("other", [{"rate": 3}, {"rate": 2, "bound": 3}, {"rate": 2, "compensated": True}])
def test_noises_of_one_name_and_different_rates_differ_also_as_text(other):
    N, M = poisson_noises("N", rate=2), poisson_noises("N", **other)
    assert N != M
    assert described(N) != described(M)
    assert pickle.loads(pickle.dumps(M)) == M
    assert described(SDE({x: 0}, jumps={N: {x: 1}})) != described(SDE({x: 0}, jumps={M: {x: 1}}))


def test_a_system_with_jumps_pickles_and_knows_the_parameters_of_rates_and_bounds():
    c, d = parameters("c d")
    N = poisson_noises("N", rate=c * x**2, bound=d)
    sde = SDE({x: 0}, jumps={N: {x: k}})
    assert pickle.loads(pickle.dumps(sde)) == sde
    assert list(sde.parameters) == ["c", "d", "k"]
    assert "jumps {N}" in repr(sde)
    assert r"\mathrm{d}N" in sde._repr_latex_()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"rate": "2"}, TypeError, "rate of N"),
        ({"rate": -1}, ValueError, "rate=-1 of N: must be a number of at least 0"),
        ({"rate": sp.I}, ValueError, "rate=I of N: must be a number"),
        ({"rate": x, "bound": x}, ValueError, "holds x: give a number or parameters only"),
        ({"rate": x, "bound": 0}, ValueError, "bound=0 of the rate of N: must be a positive number"),
        ({"rate": x, "compensated": 1}, TypeError, "compensated=1 of N: must be True or False"),
    ],
)
def test_what_a_noise_cannot_be_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        poisson_noises("N", **given)


def test_names_are_one_text():
    with pytest.raises(TypeError, match="names must be one text"):
        poisson_noises(["N"], rate=1)


N = poisson_noises("N", rate=2)


@pytest.mark.parametrize(
    ("drift", "jumps", "error", "message"),
    [
        ({x: 0}, {W: {x: 1}}, TypeError, "jumps holds W, no Poisson noise: declare it with poisson_noises"),
        ({x: 0}, {N: 1}, TypeError, "jumps of N are 1: give what is added to variables"),
        ({x: 0}, {N: {}}, TypeError, "jumps of N are"),
        ({x: 0}, [N], TypeError, "give a mapping such as"),
        ({x: 0}, {N: {k: 1}}, TypeError, "no variable"),
        ({x: 0}, {N: {y: 1}}, ValueError, "variable y jumps with N but has no drift: give drift 0"),
        ({x: 0}, {N: {x: y}}, ValueError, "variable y in the jump of x with N has no drift"),
        ({x: 0}, {N: {x: sp.I}}, ValueError, "jump with N of the real variable x is not real"),
        ({x: 0}, {N: {x: W}}, ValueError, "noise W in the jump of x with N"),
        ({x: N}, {}, ValueError, "Poisson noise N in the drift of x: say what it adds in jumps"),
        ({x: 0}, {N: {x: random_map("m", max)}}, ValueError, "m in the jump of x with N: allowed are random_normal"),
        ({x: 0}, {poisson_noises("N", rate=g): {x: 1}}, ValueError, "random number g in the rate of N"),
        ({x: 0}, {poisson_noises("N", rate=sp.I * x): {x: 1}}, ValueError, "rate of N is not real"),
        ({x: 0}, {poisson_noises("x", rate=1): {x: 1}}, ValueError, "two symbols are named x"),
    ],
)
def test_what_is_no_jump_is_refused_by_name(drift, jumps, error, message):
    with pytest.raises(error, match=message):
        SDE(drift, jumps=jumps)


def test_changes_of_the_other_rows_keep_jumps():
    sde = SDE({x: -x, y: 0}, {x: x * W}, jumps={N: {x: 1}})
    for changed in (sde.to_stratonovich(), sde.with_rows({x: 0}, {}), sde.uncorrelated()):
        assert changed.jumps == sde.jumps
    assert not sde.noiseless().jumps


def test_other_variables_jump_by_the_difference_of_their_functions():
    z = real_variables("z")
    M = poisson_noises("M", rate=x, bound=3)
    sde = SDE({x: 0, y: 0}, jumps={M: {x: -x / 2 + g, y: x}})
    changed = sde.change_variables({z: 2 * x}, {x: z / 2})
    ((noise, rows),) = changed.jumps.items()
    assert (noise.rate, noise.bound) == (z / 2, 3)
    assert rows == {z: 2 * g - z / 2, y: z / 2}


def test_another_unit_of_time_makes_rates_smaller():
    M = poisson_noises("M", rate=x**2 * time, bound=6)
    ((noise, rows),) = SDE({x: 0}, jumps={M: {x: time}}).scale_time(2).jumps.items()
    assert (noise.rate, noise.bound, rows[x]) == (x**2 * time / 4, 3, time / 2)


def test_systems_of_other_jumps_differ_in_law():
    def system(rate, jump, **more):
        return SDE({x: 0}, jumps={poisson_noises("N", rate=rate, **more): {x: jump}})

    assert system(1, x).equal_in_law(system(1, x))
    assert system(x**2, x, bound=1).equal_in_law(system(x**2, x, bound=2))
    assert not system(1, x).equal_in_law(system(2, x))
    assert not system(1, x).equal_in_law(system(1, 2 * x))
    assert not system(1, x).equal_in_law(SDE({x: 0}))
    assert not system(1, x).equal_in_law(system(1, x, compensated=True))
    assert system(1, x, compensated=True).equal_in_law(system(1, x).with_rows({x: -x}, {}))


def test_random_symbols_stand_in_jumps():
    u = random_uniform("u")
    assert SDE({x: 0}, jumps={N: {x: u * g}}).jumps[N][x] == u * g
