"""Frames and units of a derivation: what is turned or scaled afterwards is what a master equation written so gives."""

import pytest
import sympy as sp

from sdeframe import parameters, time
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, Wigner, derive
from sdeframe.symbolic.algebra import equal

a = Boson("a")
N, c, f, kappa = parameters("N c f kappa", positive=True)
omega, nu = parameters("omega nu")
at = Emitters("rho", levels="ge", size=N)
n, up, down = a.dag() * a, at.sum("eg"), at.sum("ge")
FRAME = omega * n + nu * at.sum("ee")


def both(x):
    return x + x.dag()


def turned(word, with_mode, against_emitters):
    """An operator in the frame, which turns so often with the mode and, backwards, with the emitters."""
    return sp.exp(sp.I * time * (against_emitters * nu - with_mode * omega)) * word


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ([(up * a.dag(), -1, 1), (up * a, 1, 1)], "split"),
        ([(up**2, 0, 2)], "structure"),
        ([(a, 1, 0), (up, 0, 1)], "field"),
    ],
    ids=["field and emitters", "pairs of emitters", "drives"],
)
def test_a_turned_derivation_is_that_of_the_turned_hamiltonian(words, rule):
    """(A43): drift, D and noise are those of the frame's Hamiltonian, whose coefficients turn."""
    plain, frame = (sum(both(f * x) for x in xs) for xs in ([w for w, *_ in words], [turned(*w) for w in words]))
    losses = [(kappa, down), (f, a)]
    found = derive(Master(plain + FRAME, losses), PositiveP()).rotate(FRAME).reduce_trace("gg").sde(rule)
    expected = derive(Master(frame + 0 * n, losses), PositiveP()).reduce_trace("gg").sde(rule)
    assert found.equal_in_law(expected)
    assert len(found.noises) == len(expected.noises)
    unturned = derive(Master(plain + 0 * n, losses), PositiveP()).reduce_trace("gg").sde(rule)
    assert not found.equal_in_law(unturned)


def test_what_is_dropped_turns_too():
    word = a.dag() ** 2 * a
    found = derive(Master(both(f * word) + omega * n), Wigner()).rotate(omega * n).dropped
    expected = derive(Master(both(f * sp.exp(sp.I * omega * time) * word)), Wigner()).dropped
    assert found.keys() == expected.keys()
    assert len(found) == 2
    assert all(equal(found[x], expected[x]) for x in found)


def test_scaled_time_is_that_of_the_equations():
    """A pair drive that turns and a collective loss, whose noise correlates emitters."""
    H = both(f * sp.exp(sp.I * omega * time) * up**2)
    derived = derive(Master(H, [(kappa, down)]), PositiveP()).reduce_trace("gg")
    assert derived.scale(time=c).sde().equal_in_law(derived.sde().scale_time(c))


def test_what_is_dropped_is_scaled_too():
    """iκA/4 ∂³ in the variable A/c and the time ft."""
    kerr = derive(Master(kappa / 2 * a.dag() ** 2 * a**2), Wigner())
    A, Ad = a.mode.variables
    found = kerr.scale({a: c}, time=f).dropped[A, A, Ad]
    assert equal(found, kerr.dropped[A, A, Ad] / (c**2 * f))
