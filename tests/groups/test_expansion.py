"""A sum of kets is expanded in others with the least coefficients."""

import attrs
import numpy as np
import pytest

from sdeframe.groups import Branch, Reexpand
from sdeframe.groups.event import Members
from sdeframe.groups.expansion import expansion
from sdeframe.groups.number_states import number_states
from sdeframe.groups.positions import positions
from sdeframe.interfaces.kets import Field, NumberBasis, Spinor
from sdeframe.symbolic.symbols import complex_variables

x, g, e = complex_variables("x g e")
SECTOR = NumberBasis((Field(x, 9, True), Spinor((g, e), 6)), ((1,), (0, 1)), (8, 8))
PLAIN = NumberBasis((Field(x, 8, False), Spinor((g, e), 2)))


def members(basis, count, seed=1, spread=1.0):
    draw, states = np.random.default_rng(seed), number_states(basis)
    values = draw.normal(size=(count, 3)) + 1j * draw.normal(size=(count, 3))
    values = np.array([[1.0, 1.0, 0.5]]) + spread * values
    C = spread * (draw.normal(size=count) + 1j * draw.normal(size=count))
    key = np.uint64(3), np.uint64(4)
    return Members(states, values, C, np.ones(count, bool), np.arange(count, dtype=np.uint64), 2, key)


def vector(group):
    return group.states.summed(group.values, group.log_weight) / len(group)


@pytest.mark.parametrize("kets", [5, 30])
@pytest.mark.parametrize("basis", [SECTOR, PLAIN], ids=["sector", "plain"])
def test_coefficients_are_the_least_that_hold_the_sum(basis, kets):
    group = members(basis, kets)
    elements, V = group.states.elements(group.values)[0], vector(group)
    found = expansion(group.states, group.values, V, 1e-3)
    stacked = np.concatenate([elements.T, np.sqrt(1e-3) * np.eye(kets)])
    wanted = np.linalg.lstsq(stacked, np.concatenate([V, np.zeros(kets)]), rcond=None)[0]
    np.testing.assert_allclose(found.w, wanted, atol=1e-9)
    lost = np.linalg.norm(V - wanted @ elements) / np.linalg.norm(V)
    assert found.misfit == pytest.approx(lost, abs=1e-9)
    assert found.cost == pytest.approx(np.sum(abs(wanted) ** 2) / np.sum(abs(V) ** 2))


@pytest.mark.parametrize("basis", [SECTOR, PLAIN], ids=["sector", "plain"])
def test_chains_go_where_the_sum_is(basis):
    group = members(basis, 400, spread=0.3)
    group = attrs.evolve(group, values=group.states.on_shell(group.values))
    V = group.states.elements(group.values[:1])[0][0]

    def overlap(values):
        return np.mean(abs(group.states.elements(values)[0].conj() @ V))

    flat, steep = (overlap([*positions(group, V, 4, p)][-1]) for p in (0.0, 4.0))
    assert steep > 1.5 * flat


@pytest.mark.parametrize("event", [Reexpand(every=1.0), Branch(every=1.0, children=4)], ids=["reexpand", "branch"])
@pytest.mark.parametrize("basis", [SECTOR, PLAIN], ids=["sector", "plain"])
def test_events_keep_the_sum(event, basis):
    group = members(basis, 160)
    before = vector(group)
    found = event.act(group)
    after = group.states.summed(found.values, found.log_weight) / len(group)
    assert np.linalg.norm(after - before) / np.linalg.norm(before) == pytest.approx(found.report.misfit, abs=1e-9)
    assert found.report.misfit < 1e-3
    assert found.report.moved > 0


def test_the_lost_count_for_nothing():
    group = members(SECTOR, 160)
    alive = np.arange(160) % 5 > 0
    alive[8:12] = False
    group = attrs.evolve(group, alive=alive)
    group.values[~alive] = np.nan
    wanted = group.states.summed(group.values[alive], group.log_weight[alive])
    for event in (Reexpand(every=1.0), Branch(every=1.0, children=4)):
        found = event.act(group)
        np.testing.assert_allclose(group.states.summed(found.values[alive], found.log_weight[alive]), wanted, rtol=1e-3)
        assert np.isnan(found.values[~alive]).all()


def test_nothing_is_expanded_where_it_costs_more():
    """A single ket at one place is the cheapest expansion of itself."""
    group = members(PLAIN, 30, spread=0.0)
    found = Reexpand(every=1.0).act(group)
    np.testing.assert_allclose(found.values, group.states.on_shell(group.values))
    assert found.report.spread == pytest.approx(1, rel=1e-4)


def test_a_sum_beyond_all_numbers_is_left_alone():
    group = members(PLAIN, 40)
    group = attrs.evolve(group, log_weight=group.log_weight + 800)
    for event in (Reexpand(every=1.0), Branch(every=1.0, children=4)):
        found = event.act(group)
        assert np.isnan(found.report.misfit)
        assert found.values is group.values
