"""Kets of one number of quanta at the point of their orbit whose mean number it is."""

import numpy as np
import pytest

from sdeframe.interfaces.kets import Field, NumberBasis, Spinor
from sdeframe.interfaces.number_states import elements
from sdeframe.symbolic.symbols import complex_variables

x, y, g, e, f = complex_variables("x y g e f")
COUNT = 200


def basis(E, size=4):
    return NumberBasis((Field(x, E + 1, True), Spinor((g, e, f), size), Field(y, E + 1, True)),
                       ((1,), (0, 1, 3), (1,)), (E, E))  # fmt: skip


def kets(spread=1.0, seed=1):
    draw = np.random.default_rng(seed)
    state = {v: spread * (draw.normal(size=COUNT) + 1j * draw.normal(size=COUNT)) for v in (x, g, e, f, y)}
    return state, draw.normal(size=COUNT) + 1j * draw.normal(size=COUNT)


def projected(basis, state, log_weight):
    """Return the elements of exp(C0)|z> of every ket."""
    tables, norms = zip(*[elements(k, [state[v] for v in k.variables]) for k in basis.factors], strict=True)
    return np.exp(log_weight + sum(norms))[:, np.newaxis] * basis.joined(tables)


def mean_number(basis, state):
    mean = 0.0
    for factor, q in zip(basis.factors, basis.weights, strict=True):
        squares = np.abs([state[v] for v in factor.variables]) ** 2
        share = factor.size * squares / squares.sum(axis=0) if isinstance(factor, Spinor) else squares
        mean = mean + np.array(q) @ share
    return mean


@pytest.mark.parametrize("E", [1, 3, 9, 30])
@pytest.mark.parametrize("spread", [0.1, 1.0, 3.0])
def test_the_projected_ket_stays_and_the_mean_is_its_number(E, spread):
    within, (state, log_weight) = basis(E), kets(spread)
    before = {v: z.copy() for v, z in state.items()}
    found, weight, valid = within.on_shell(state, log_weight)
    assert valid.all()
    assert all((state[v] == z).all() for v, z in before.items())
    wanted = projected(within, state, log_weight)
    size = np.linalg.norm(wanted, axis=1)[:, np.newaxis]
    assert np.abs(projected(within, found, weight) / size - wanted / size).max() < 1e-11
    np.testing.assert_allclose(mean_number(within, found), E, rtol=1e-10)
    np.testing.assert_allclose(sum(np.abs(found[v]) ** 2 for v in (g, e, f)), 1)
    again, same, _ = within.on_shell(found, weight)
    assert max(np.abs(again[v] - found[v]).max() for v in found) < 1e-9
    np.testing.assert_allclose(same, weight, atol=1e-8)


def test_limits_are_taken():
    within, (state, log_weight) = basis(0), kets()
    found, weight, valid = within.on_shell(state, log_weight)  # only the vacuum and all atoms in g
    assert valid.all()
    assert not any(np.any(found[v]) for v in (x, y, e, f))
    np.testing.assert_allclose(projected(within, found, weight), projected(within, state, log_weight), rtol=1e-12)
    everything = NumberBasis((Spinor((g, e), 3),), ((0, 1),), (3, 3))
    found, weight, valid = everything.on_shell({g: state[g], e: state[e]}, log_weight)
    assert valid.all()
    assert not np.any(found[g])


@pytest.mark.parametrize(("level", "E", "reached"), [(g, 4, True), (e, 4, True), (e, 7, True), (e, 3, False)])
def test_starts_in_one_level_are_reached_from_its_quanta_on(level, E, reached):
    state = {v: np.array([1.0 + 0j if v in (x, level) else 0j]) for v in (x, y, g, e, f)}
    found, weight, valid = basis(E).on_shell(state, np.zeros(1, complex))
    assert valid[0] == reached
    if reached:
        assert abs(found[x][0]) ** 2 == pytest.approx(E - 4 * (level == e), abs=1e-9)
        wanted = projected(basis(E), state, np.zeros(1))
        np.testing.assert_allclose(projected(basis(E), found, weight), wanted, rtol=1e-11, atol=1e-14)
    else:
        assert found[x][0] == 1.0
        assert weight[0] == 0


def test_what_has_too_few_or_too_many_quanta_is_none():
    atoms = NumberBasis((Spinor((g, e), 3),), ((0, 1),), (2, 2))
    one = np.ones(3, complex)
    state = {g: one * [1, 0, 1], e: one * [0, 1, np.nan]}
    _, _, valid = atoms.on_shell(state, np.zeros(3, complex))
    assert not valid.any()  # none, three, and no number at all


def test_kets_of_several_numbers_are_normalised_in_their_spinors_alone():
    wide = NumberBasis((Field(x, 30, True), Spinor((g, e), 4)), ((1,), (0, 1)), (0, 20))
    state, log_weight = kets(0.5)
    assert wide.sector is None
    found, weight, valid = wide.on_shell(state, log_weight)
    assert valid.all()
    assert (found[x] == state[x]).all()
    np.testing.assert_allclose(projected(wide, found, weight), projected(wide, state, log_weight), rtol=1e-11)
    np.testing.assert_allclose(np.abs(found[g]) ** 2 + np.abs(found[e]) ** 2, 1)
