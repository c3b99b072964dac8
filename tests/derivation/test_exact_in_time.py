"""Exact averages where coefficients depend on time: nothing between output times is missed, or it is refused."""

from itertools import pairwise
from math import pi

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf

from sdeframe import clear_caches, parameters, time
from sdeframe.derivation import Boson, Emitters, Master, exact_means
from sdeframe.derivation.exact import course
from sdeframe.derivation.exact.exponential import Exponential
from sdeframe.derivation.exact.functions_of_time import FunctionsOfTime
from sdeframe.derivation.starts.states import Coherent, Fock

t = time
atom, a = Emitters("s", levels="ge", size=1), Boson("a")
FLIP, EXCITED, NUMBER = atom.sum("eg") + atom.sum("ge"), atom.sum("ee"), a.dag() * a


def excited(rate, times, values=None):
    """Return the excited share of an atom in a resonant field, from the ground state: sin² of the area."""
    return exact_means(Master(rate * FLIP), {"e": EXCITED}, {"s": "g"}, times, values)["e"]


def square(begin, end, height=1):
    return sp.Piecewise((height, (t >= begin) & (t < end)), (0, True))


@pytest.mark.parametrize("spacing", [0.05, 5, 20])
def test_a_pulse_between_output_times(spacing):
    times = np.arange(0, 20.001, spacing)
    found = excited(square(sp.Rational(117, 10), 12, 4), times)
    area = 4 * np.clip(times - 11.7, 0, 0.3)
    assert found[-1] == pytest.approx(0.868697, abs=1e-6)
    np.testing.assert_allclose(found, np.sin(area) ** 2, atol=1e-9)


@st.composite
def pulses(draw):
    """One to three square or Gaussian pulses, from a millionth to a third of the time, and their area up to a time."""
    end = draw(st.sampled_from([1.0, 20.0, 1000.0]))
    rate, areas = 0, []
    for _ in range(draw(st.integers(1, 3))):
        begin, area = draw(st.floats(0, 0.9)) * end, draw(st.floats(0.1, 6))
        width = end * draw(st.floats(1e-6, 0.3))
        if draw(st.booleans()):
            last = min(begin + width, end)
            rate += square(begin, last, area / (last - begin))
            areas.append(lambda x, b=begin, e=last, A=area: A * np.clip((x - b) / (e - b), 0, 1))
        else:
            rate += area / (width * sp.sqrt(sp.pi)) * sp.exp(-((t - begin) ** 2) / width**2)
            areas.append(lambda x, b=begin, w=width, A=area: A / 2 * (erf((x - b) / w) + erf(b / w)))
    times = np.unique([*draw(st.lists(st.floats(0, end), max_size=3)), end])
    return rate, times, sum(area(times) for area in areas)


@pytest.mark.long
@settings(max_examples=10, deadline=None)
@given(pulses())
def test_random_pulses(drawn):
    rate, times, area = drawn
    np.testing.assert_allclose(excited(rate, times), np.sin(area) ** 2, atol=1e-6)


def test_periodic_kicks():
    """A hundred kicks of one thousandth of the period, area 0.01 each."""
    phase = t - sp.floor(t)
    times = np.array([0.0, 33.5, 100.0])
    found = excited(sp.Piecewise((10, (phase > 0.25) & (phase < 0.251)), (0, True)), times)
    np.testing.assert_allclose(found, np.sin(0.01 * np.array([0, 34, 100])) ** 2, atol=1e-9)


def test_kicks_of_a_clock_that_is_a_sine():
    found = excited(sp.Heaviside(sp.sin(50 * t)), [19.9])
    periods, rest = divmod(19.9, pi / 25)
    assert found[0] == pytest.approx(np.sin(periods * pi / 50 + min(rest, pi / 50)) ** 2, abs=1e-8)


def test_parameters_of_a_pulse_may_be_any_numbers():
    """Expanded, the pulse has factors exp(−12,500,000) and exp(5,000,000 t)."""
    centre, width = parameters("centre width", positive=True)
    pulse = sp.exp(-((t - centre) ** 2) / 2 / width**2) / (width * sp.sqrt(2 * sp.pi))
    found = excited(pulse, [0.0, 20.0], {centre: 5.0, width: 1e-3})
    np.testing.assert_allclose(found, [0, np.sin(1) ** 2], atol=1e-9)


def test_rates_that_depend_on_time():
    """n = exp(−∫κ): a pulse of loss, a switch, a slow decay of the rate."""
    for rate, integral in (
        (50 * sp.exp(-((t - 7) ** 2) * 2500), 50 * np.sqrt(pi / 2500)),
        (sp.Piecewise((3, (t > 4) & (t < sp.Rational(9, 2))), (0, True)), 1.5),
        (sp.exp(-t), 1 - np.exp(-20)),
    ):
        found = exact_means(Master(0 * NUMBER, [(rate, a)]), {"n": NUMBER}, {"a": Fock(2)}, [20.0])
        assert found["n"][0] == pytest.approx(2 * np.exp(-integral), abs=1e-8)


def test_a_kicked_mode():
    """α = −i∫F e^{−iΔ(t − s)} ds after two kicks, one of either kind."""
    drive = square(3, sp.Rational(31, 10), 8) + 5 * sp.exp(-((t - 9) ** 2) * 400) / sp.sqrt(sp.pi)
    found = exact_means(Master(NUMBER / 2 + drive * (a + a.dag())), {"a": a}, {"a": Coherent(0)}, [0.0, 15.0])
    first = 8 * np.exp(-0.5j * 12) * (np.exp(0.5j * 0.1) - 1) / 0.5j
    second = 0.25 * np.exp(-0.5j * 6 - 0.25 / 1600)
    assert found["a"][1] == pytest.approx(-1j * (first + second), abs=1e-8)


def test_photons_between_output_times_take_number_states():
    """A constant drive displaces a detuned mode and brings it back to the vacuum at every output time."""
    master = Master(NUMBER + 2 * (a + a.dag()))
    found = exact_means(master, {"n": NUMBER}, {"a": Coherent(0)}, [2 * pi])
    assert abs(found["n"][0]) < 1e-8
    for drive in (2, sp.Piecewise((2, t < 20), (0, True)), 2 + 0 * t + sp.exp(-((t - 40) ** 2))):
        with pytest.raises(ValueError, match="highest number state kept reaches"):
            exact_means(
                Master(NUMBER + drive * (a + a.dag())), {"n": NUMBER}, {"a": Coherent(0)}, [2 * pi], cutoffs={"a": 5}
            )


def hopping(chain):
    return sum((x.dag() * y + y.dag() * x for x, y in pairwise(chain)), 0 * chain[0])


def test_a_start_that_reaches_few_states_of_many_modes():
    """A chain of four modes from |3,1,2,0>, J = 1: each mode is a sum of the start's, b_j(t) = Σ (e^{−iJt})_jk b_k."""
    chain = [Boson(f"b{k}") for k in range(4)]
    start = dict(zip(chain, map(Fock, (3, 1, 2, 0)), strict=True))
    found = exact_means(Master(hopping(chain)), {x.mode.name: x.dag() * x for x in chain}, start, [2.0])
    expected = [0.850009, 1.046937, 1.953063, 2.149991]
    np.testing.assert_allclose([found[x.mode.name][0] for x in chain], expected, atol=1e-6)


def test_one_photon_in_twelve_modes():
    chain = [Boson(f"b{k}") for k in range(12)]
    start = {x: Fock(int(k == 0)) for k, x in enumerate(chain)}
    found = exact_means(
        Master(hopping(chain), [(0.1, x) for x in chain]), {"n": chain[3].dag() * chain[3]}, start, [2.0]
    )
    energies, states = np.linalg.eigh(np.eye(12, k=1) + np.eye(12, k=-1))
    amplitude = states[3] @ (np.exp(-2j * energies) * states[0])
    assert found["n"][0] == pytest.approx(abs(amplitude) ** 2 * np.exp(-0.2), abs=1e-10)


def test_a_solution_that_other_steps_change_is_refused(monkeypatch):
    drive = sp.cos(3 * t)
    assert excited(drive, [5.0])[0] == pytest.approx(np.sin(np.sin(15) / 3) ** 2, abs=1e-9)
    monkeypatch.setattr(course, "COARSER", 1e7)
    clear_caches()
    with pytest.raises(ValueError, match="not as accurate as promised: other steps in time change them"):
        excited(drive, [5.0])


def test_a_trace_that_leaves_one_is_refused(monkeypatch):
    """An atom alone, of which no cutoff could be blamed."""
    exact = Exponential.__call__
    monkeypatch.setattr(Exponential, "__call__", lambda self, t, state: 1.00001 * exact(self, t, state))
    clear_caches()
    with pytest.raises(ValueError, match="the trace of the density matrix is off 1 by 1e-05"):
        excited(1, [5.0])


@pytest.mark.parametrize(
    ("rate", "says"),
    [
        (sp.gamma(1 + t), r"gamma in gamma\(t \+ 1\) is not supported"),
        (sp.DiracDelta(t - 1), "DiracDelta"),
        (sp.Piecewise((1, t < 1)), r"has no value where none of its conditions holds: end it with \(value, True\)"),
        (1 / (t - sp.sqrt(2)), "varies too fast to be followed near t = 1.41421"),
        (sp.Heaviside(sp.sin(1 / (t + sp.Rational(1, 10**6)))), "switch more than 10,000 times"),
    ],
)
def test_refused(rate, says):
    with pytest.raises(ValueError, match=says):
        excited(rate, [2.0])


def test_a_value_that_is_not_within_its_bounds_is_refused():
    with pytest.raises(ValueError, match=r"no reliable value at t = "):
        FunctionsOfTime([(t - 5) ** sp.Rational(1, 3)], 10.0)


@pytest.mark.parametrize(
    ("rate", "right"), [(1 / (1 + t - t * sp.exp(-t)), 0.9987515), (t / (2 + t**2 - 2 * t * sp.sin(t)), 0.9148846)]
)
def test_a_coefficient_without_bounds_is_not_a_constant(rate, right):
    """The bounds of both denominators hold 0 where they are wide, so that those of the quotients are infinite."""
    (found,) = excited(rate, [3.0])
    assert found == pytest.approx(right, abs=1e-6)
