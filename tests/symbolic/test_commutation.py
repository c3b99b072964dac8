"""Which noises commute, decided from their coefficients, and what Milstein's scheme makes of it."""

import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, complex_noises, complex_variables, real_noises, real_variables, simulate
from sdeframe.conformance.orders import Linear
from sdeframe.integrators import W2S4, Milstein
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments
from sdeframe.symbolic.commutation import noncommuting_pair
from tests.support.paper_forms import a39, a46

x, y = real_variables("x y")
z = complex_variables("z")
V, W = real_noises("V W")
F = complex_noises("F")


def test_the_noises_of_a39_commute():
    assert noncommuting_pair(a39()) is None


def test_those_of_a46_do_not_and_a_pair_with_the_noise_s_is_named():
    """The noises of the field commute with each other; Re S and Im S with nothing."""
    pair = noncommuting_pair(a46())
    assert any(name in ("Re S", "Im S") for name in pair)
    without = {row: e.subs({s: 0 for s in a46().noises.values() if s.name == "S"}) for row, e in a46().noise.items()}
    assert noncommuting_pair(SDE(a46().drift, without)) is None


@pytest.mark.parametrize(
    ("noise", "pair"),
    [
        ({x: V, y: W}, None),
        ({x: V, y: x * W}, ("V", "W")),
        ({x: x * V + x * W, y: y * V}, None),
        ({x: x * V + W, y: 0}, ("V", "W")),
    ],
)
def test_hand_results(noise, pair):
    assert noncommuting_pair(SDE({x: 0, y: 0}, noise)) == pair


@pytest.mark.parametrize(
    ("row", "commute"),
    [
        (z * F, True),  # multiplication by complex numbers
        (z * F + z * sp.conjugate(F), True),
        (z * sp.conjugate(z) * F, False),
        (sp.conjugate(z) * F, False),  # conj twice: Re F and Im F act as reflections
        (F, True),
    ],
)
def test_the_parts_of_a_complex_noise_are_noises_of_their_own(row, commute):
    found = noncommuting_pair(SDE({z: 0}, {z: row}))
    assert found == (None if commute else ("Re F", "Im F"))


@pytest.mark.parametrize("noises", [(2, 0), (3, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("seed", [1, 2])
def test_random_linear_systems_commute_when_drawn_so(noises, seed):
    assert noncommuting_pair(Linear.draw(*noises, seed=seed, commuting=True).sde()) is None
    assert noncommuting_pair(Linear.draw(*noises, seed=seed).sde()) is not None


def run(form):
    model = TavisCummings(10, 10.0, form=form)
    return simulate(
        model, Milstein(dt=0.01), observers=[Moments(excited=model.excited)], times=[0.1], trajectories=10, seed=1,
        progress=False,
    )  # fmt: skip


def test_milstein_takes_a39():
    assert int(run("A39").dataset["alive"][-1]) == 10


def test_milstein_is_refused_on_a46_naming_the_pair_and_the_way_out():
    first, second = noncommuting_pair(TavisCummings(10, 10.0).system())
    message = f"Milstein takes noises only that commute, but {first} and {second} of TavisCummings do not"
    with pytest.raises(ValueError, match=f"{message}: choose another integrator, such as W2S4"):
        run("A46")


def test_a_stratonovich_system_is_judged_after_its_conversion():
    """Coefficients are the same in both readings, and so is the answer."""
    sde = SDE({x: 0, y: 0}, {x: V, y: x * W}, interpretation="stratonovich")
    model = SymbolicModel(sde, {x: 0, y: 0})
    with pytest.raises(ValueError, match="but V and W of SymbolicModel do not"):
        simulate(model, Milstein(dt=0.1), observers=[Moments(x=x)], times=[1.0], trajectories=1, seed=1)
    assert simulate(model, W2S4(dt=0.1), observers=[Moments(x=x)], times=[1.0], trajectories=1, seed=1, progress=False)
