"""Declared symbols: kinds, reality, names, pickling, random choices."""

import pickle

import pytest
import sympy as sp

from sdeframe.symbolic import symbols
from sdeframe.symbolic.symbols import (
    Names,
    Noise,
    Parameter,
    RandomComplexNormal,
    RandomNormal,
    RandomUniform,
    StateVariable,
    complex_noises,
    complex_parameters,
    complex_variables,
    log_weight,
    parameters,
    parts_of,
    random_choice,
    random_complex_normal,
    random_normal,
    random_uniform,
    real_noises,
    real_variables,
    time,
)

FACTORIES = [
    (complex_variables, StateVariable, None),
    (real_variables, StateVariable, True),
    (complex_noises, Noise, None),
    (real_noises, Noise, True),
    (parameters, Parameter, True),
    (random_normal, RandomNormal, True),
    (random_complex_normal, RandomComplexNormal, None),
    (random_uniform, RandomUniform, True),
]


@pytest.mark.parametrize(("factory", "kind", "real"), FACTORIES)
def test_a_factory_declares_its_kind(factory, kind, real):
    symbol = factory("s")
    assert type(symbol) is kind
    assert symbol.is_real is real
    assert symbol.is_complex


@pytest.mark.parametrize(("factory", "kind", "real"), FACTORIES)
def test_symbols_survive_pickling(factory, kind, real):
    symbol = factory("s")
    copy = pickle.loads(pickle.dumps(symbol))
    assert copy == symbol
    assert hash(copy) == hash(symbol)
    assert copy.is_real is real


def test_a_complex_parameter_is_the_sum_of_its_parts():
    F, G = complex_parameters("F G")
    re, im = parameters("F_re F_im")
    assert re + sp.I * im == F
    assert sp.conjugate(F) == re - sp.I * im
    assert parts_of(F) == (re, im)
    assert complex_parameters("F") == F != G
    assert [parts_of(other) for other in (re, 2 * F, F + G, F + 1, re + sp.I * parameters("x"), 3, "F")] == [None] * 7


def test_names_work_as_in_sympy():
    assert complex_variables("a").name == "a"
    assert [s.name for s in complex_variables("a b")] == ["a", "b"]
    assert [s.name for s in complex_variables("a,b")] == ["a", "b"]
    assert [s.name for s in real_noises("x:3")] == ["x0", "x1", "x2"]
    assert isinstance(complex_variables("a,"), tuple)


def test_one_name_of_two_kinds_is_two_symbols():
    kinds = {complex_variables("s"), real_variables("s"), complex_noises("s"), parameters("s"), sp.Symbol("s")}
    assert len(kinds) == 5


def test_positive_parameters_know_it():
    assert parameters("k", positive=True).is_positive
    assert parameters("k").is_positive is None


def test_time_and_log_weight():
    assert (time.name, time.is_real) == ("t", True)
    assert (log_weight.name, type(log_weight), log_weight.is_real) == ("C0", StateVariable, None)
    assert pickle.loads(pickle.dumps(time)) == time


@pytest.mark.parametrize("names", [3, sp.Symbol("a"), ["a"]])
def test_names_must_be_text(names):
    with pytest.raises(TypeError, match="names must be one text"):
        complex_variables(names)


def test_random_choice_is_a_piecewise_over_one_uniform_number():
    u = random_uniform("u")
    assert random_choice("u", [1, -1]) == sp.Piecewise((1, u < sp.Rational(1, 2)), (-1, True))
    choice = random_choice("u", [0, sp.I, 5], [0.25, 0.5, 0.25])
    assert [choice.subs(u, value) for value in (0, 0.249, 0.25, 0.749, 0.75, 0.999)] == [0, 0, sp.I, sp.I, 5, 5]
    assert random_choice("u", [7]) == 7


@pytest.mark.parametrize(
    ("values", "probabilities", "error", "message"),
    [
        ([], None, ValueError, "has no values"),
        ([1, 2], [1], ValueError, "1 probabilities for 2 values"),
        ([1, 2], [0.7, 0.7], ValueError, "add up to 1"),
        ([1, 2], [1.5, -0.5], ValueError, "non-negative"),
        ([1, 2], [float("nan"), 1.0], ValueError, "non-negative"),
        (["1", 2], None, TypeError, "not text"),
        ([1, 2], ["0.5", 0.5], TypeError, "not text"),
    ],
)
def test_random_choice_refuses(values, probabilities, error, message):
    with pytest.raises(error, match=message):
        random_choice("u", values, probabilities)


def test_names_say_what_there_is():
    names = Names("noise", real_noises("V W"))
    assert list(names) == ["V", "W"]
    assert "V" in names
    assert "X" not in names
    with pytest.raises(KeyError, match="no noise 'X' in this system: it has V, W"):
        names["X"]
    with pytest.raises(KeyError, match="it has none"):
        Names("noise", ())["X"]


def test_everything_public_is_there():
    assert all(getattr(symbols, name) is not None for name in symbols.__all__)
