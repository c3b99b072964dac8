"""Operators in place of expressions: observers of a quantum model, and what they refuse."""

import pickle

import numpy as np
import pytest
import sympy as sp

from sdeframe import QuantumModel, mean, parameters, simulate, sweep
from sdeframe.derivation import Boson, Master, PositiveP, Wigner
from sdeframe.described import described
from sdeframe.integrators import W2S4
from sdeframe.models import KerrOscillator, OrnsteinUhlenbeck
from sdeframe.observers import (
    Correlation,
    Functions,
    Histogram,
    Moments,
    PhotonStatistics,
    Spectrum,
    TimeAverage,
    Trajectories,
    TrustHorizon,
)
from sdeframe.running.compose import compose
from sdeframe.storage.store import Store
from sdeframe.symbolic.averages import has_placeholder

U, F = parameters("U F")
loss = parameters("loss", positive=True)
a = Boson("a")
n = a.dag() * a
pairs = a.dag() ** 2 * a**2
MASTER = Master(U / 2 * pairs + F * (a + a.dag()), [(loss, a)])
OPTIONS = {"times": np.linspace(0, 1, 11), "trajectories": 256, "seed": 1}


def model(representation=None):
    return QuantumModel(
        MASTER, representation or PositiveP(), start={a: 0.5}, parameters={"U": 0.5, "F": 0.2, "loss": 1.0},
        observables={"n": n},
    )  # fmt: skip


def composed(observers, of=None):
    return compose(of or model(), W2S4(0.05), observers=observers, **OPTIONS)


def expressions_of(of):
    """Return the symbols that averages, and products at two times, have by the derivation."""
    derivation = of.derivation
    return (derivation.average(x) for x in (a, a.dag(), n, pairs))


def test_every_observer_takes_what_the_derivation_says():
    of = model()
    alpha, beta, number, two = expressions_of(of)
    window = (0.0, 1.0)
    given = [
        Moments(bound=50.0, n=n),
        TrustHorizon(m=n),
        Functions(g2=mean(pairs) / mean(n) ** 2),
        Correlation(start=0.5, g1=(a.dag(), a), G2=((a.dag(), a), n)),
        Spectrum(window=window, S=(a.dag(), a), I=((a.dag(), a), (a.dag(), a)), M=(a.dag(), (a.dag(), a))),
        TimeAverage(window=window, k=n),
        PhotonStatistics(3, P=n),
        Trajectories([2], x=a),
    ]
    expected = [
        Moments(bound=50.0, n=number),
        TrustHorizon(m=number),
        Functions(g2=mean(two) / mean(number) ** 2),
        Correlation(start=0.5, g1=(beta, alpha), G2=(number, number)),
        Spectrum(window=window, S=(beta, alpha), I=(number, number), M=(beta, number)),
        TimeAverage(window=window, k=number),
        PhotonStatistics(3, P=number),
        Trajectories([2], x=alpha),
    ]
    found = composed(given)
    assert list(found.observers) == expected
    assert not has_placeholder(found.observers)
    assert described(found.observers) == described(expected)
    assert pickle.loads(pickle.dumps(found)).observers == found.observers
    assert list(composed(pickle.loads(pickle.dumps(given))).observers) == expected


def test_an_observer_without_operators_is_the_same_object():
    observer = Moments(x=model().observables["n"])
    assert composed([observer]).observers[0] is observer


def test_in_wigner_operators_are_symmetrically_ordered():
    of = model(Wigner())
    assert composed([Moments(n=n)], of).observers[0].named == (("n", of.observables["n"]),)
    counted = composed([Histogram([0.0, 1.0, 2.0], n=n), PhotonStatistics(2, representation="Wigner", P=n)], of)
    assert sp.expand(counted.observers[0].named[0][1] - of.observables["n"]) == 0


def test_models_of_a_class_of_their_own_take_operators_too():
    from sdeframe.models.kerr_oscillator import a as mode

    found = composed([Moments(n=mode.dag() * mode)], KerrOscillator())
    assert found.observers[0].named[0][1] == KerrOscillator().observables["photon_number"]


def test_the_numbers_are_those_of_expressions():
    of = model()
    ds = simulate(
        of, W2S4(0.05), observers=[TrustHorizon(n=n), Functions(g2=mean(pairs) / mean(n) ** 2)], progress=False,
        **OPTIONS,
    ).dataset  # fmt: skip
    _, _, number, two = expressions_of(of)
    other = simulate(
        of, W2S4(0.05), observers=[TrustHorizon(n=number), Functions(g2=mean(two) / mean(number) ** 2)],
        progress=False, **OPTIONS,
    ).dataset  # fmt: skip
    assert ds.identical(other)


def test_a_sweep_keeps_results_of_operators(tmp_path):
    options = {"observers": [Moments(n=n)], "store": Store(tmp_path), "progress": False, **OPTIONS}
    grid = {"F": [0.1, 0.2]}
    first = sweep(model(), grid, W2S4(0.05), **options)
    assert first.identical(sweep(model(), grid, W2S4(0.05), **options))
    assert len(list(tmp_path.rglob("*.nc"))) == 2


def test_symbols_of_operators_are_told_apart():
    other = Boson("a", variables=("x", "y"))
    x, y = mean(n), mean(other.dag() * other)
    assert str(x) == str(y)
    assert x != y
    assert mean(a.dag() * a) == x
    assert hash(mean(a.dag() * a)) == hash(x)
    assert (x - mean(a.dag() * a)) == 0


@pytest.mark.parametrize(
    ("observer", "error", "words"),
    [
        (lambda: Spectrum(window=(0, 1.0), S=(n, n)), ValueError, r"Spectrum\(S=...\).*no average of products"),
        (lambda: Spectrum(window=(0, 1.0), S=(a.dag(), n)), ValueError, "no average of products"),
        (lambda: Spectrum(window=(0, 1.0), S=(a.dag() * a.dag(), a.dag())), ValueError, "no average of products"),
        (lambda: Correlation(start=0.5, g=(n, n)), ValueError, r"Correlation\(g=...\).*no average of products"),
        (lambda: Correlation(start=0.5, g=(a, sp.Integer(1))), TypeError, "two operators, or two expressions"),
        (lambda: Moments(x=Boson("b")), ValueError, "b holds the mode b: the model has the mode a"),
        (lambda: Moments(x=a * parameters("q")), ValueError, "q has no value here"),
        (lambda: PhotonStatistics(3, P=n, representation="Wigner"), ValueError, "in Wigner give"),
        (lambda: Histogram([0, 1], n=n), ValueError, "bins are of real numbers"),
    ],
)
def test_what_is_no_average_is_refused_by_name(observer, error, words):
    with pytest.raises(error, match=words):
        composed([observer()])


def test_a_model_that_is_not_quantum_names_the_way_out():
    with pytest.raises(
        TypeError, match=r"a.dag\(\)\*a: OrnsteinUhlenbeck knows no operators; give.* such as x, or run"
    ):
        composed([Moments(n=n)], OrnsteinUhlenbeck())
    with pytest.raises(TypeError, match="knows no operators"):
        composed([Correlation(start=0.5, g1=(a.dag(), a))], OrnsteinUhlenbeck())


@pytest.mark.parametrize("made", [lambda: Moments(n=[n]), lambda: Moments(n=(n, n, n)), lambda: mean("n")])
def test_what_is_neither_is_refused_at_once(made):
    with pytest.raises(TypeError, match=r"expression|number"):
        made()
