"""What tied trajectories cancel, seen through whole runs; planted errors are seen too.

Cancellation is judged to rounding; planted errors are far beyond it.
"""

import itertools
import math

import numpy as np
import pytest

from sdeframe import SDE, SymbolicModel, real_noises, real_variables, simulate
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces import FourPoint
from sdeframe.kernels import code_columns
from sdeframe.observers import Moments
from sdeframe.running import block
from sdeframe.sampling import Balanced, plan

x, W = real_variables("x"), real_noises("W")
WIENER = SymbolicModel(SDE({x: 0}, {x: W}), {x: 0})
MOMENTS = (1, 0, 1, 0, 3, 0)
"""Of a four-point variable, up to the fifth."""


def increments(scheme=None, model=WIENER, steps=16, size=128, replicates=8, name="dW", index=None):
    """Return increments of variance 1, shape (replicates, trajectories, steps), of a run, or of one in each."""
    scheme = scheme or EulerMaruyama(dt=1.0, increments=FourPoint())
    result = simulate(
        model, scheme, observers=[Moments(x=x)], times=[steps * scheme.dt], trajectories=replicates * size, seed=9,
        progress=False, sampling=Balanced(block=size),
    )  # fmt: skip
    ids = np.arange(replicates * size).reshape(replicates, size)
    chosen = ids if index is None else ids[:, [index]]
    return (result.replay(chosen.ravel())[name].values / math.sqrt(scheme.dt)).reshape(*chosen.shape, steps)


def off(values, powers):
    """Return how far means of replicates of a monomial are from its expectation, at most."""
    expected = math.prod(MOMENTS[p] for p in powers.values())
    product = math.prod(values[..., k] ** p for k, p in powers.items())
    return np.abs(product.mean(axis=1) - expected).max()


def monomials(degree, count, seed=1):
    """Return random monomials of a degree in sixteen variables, as powers by variable."""
    random = np.random.default_rng(seed)
    for chosen in random.integers(0, 16, (count, degree)):
        yield dict(zip(*np.unique(chosen, return_counts=True), strict=True))


def test_monomials_up_to_third_and_of_fifth_order_are_exact_and_of_fourth_not():
    """Sixteen increments of replicates of 128 trajectories: as many as there are codes for."""
    values = increments()
    assert len(np.unique(np.round(values, 9))) == 4
    for degree in (1, 2, 3, 5):
        assert max(off(values, powers) for powers in monomials(degree, 300)) < 3e-14
    assert max(off(values, powers) for powers in monomials(4, 300)) > 0.1
    for one, two in itertools.combinations(range(16), 2):  # squares of two are exact as well
        assert off(values, {one: 2, two: 2}) < 1e-14


def planted(what):
    """Return the code vectors of slots with a fault."""
    right = plan.codes

    def wrong(degree, dimension):
        table = right(degree, dimension).copy()
        if what == "two in one slot":
            table[5] = table[9]
        elif what == "moduli shared":
            table[:, 1:] = table[0, 1:]
        elif what == "no foldover":
            table[:, 0] ^= 1
        return table

    return wrong


def odd_ones(values):
    return max(off(values, powers) for degree in (1, 3, 5) for powers in monomials(degree, 300))


def pairs(values):
    return max(off(values, {one: 1, two: 1}) for one, two in itertools.combinations(range(16), 2))


def squares(values):
    return max(off(values, {one: 2, two: 2}) for one, two in itertools.combinations(range(16), 2))


@pytest.mark.parametrize(
    ("what", "statistic"), [("two in one slot", pairs), ("moduli shared", squares), ("no foldover", odd_ones)]
)
def test_planted_codes_are_caught(monkeypatch, what, statistic):
    assert statistic(increments()) < 3e-14
    monkeypatch.setattr(plan, "codes", planted(what))
    assert statistic(increments()) > 0.1


def test_signs_cancel_beside_increments_of_their_own_step():
    """And beside those of the next one, which they meet in the coarse run; in products of two and of three."""
    assert worst_with_signs() < 1e-14


def worst_with_signs():
    """Return how far means of s X and s X Y are from 0, for a sign and the increments of its step and the next."""
    two = SymbolicModel(SDE({x: 0}, {x: W + 2 * real_noises("V")}), {x: 0})
    scheme = W2S4(dt=1.0)
    names = ("dV", "dW", "s_V", "s_W")
    dV, dW, sV, sW = (increments(scheme, two, 12, 256, 8, name) for name in names)
    worst = 0.0
    for sign, step in itertools.product((sV, sW), range(11)):
        beside = [z[..., step + k] for z in (dV, dW) for k in (0, 1)]
        terms = [*beside, *(a * b for a, b in itertools.combinations_with_replacement(beside, 2))]
        worst = max(worst, *(np.abs((sign[..., step] * term).mean(axis=1)).max() for term in terms))
    return worst


def no_offset(monkeypatch):
    """Plant signs on the slots of their own step."""
    monkeypatch.setattr(plan.Plan, "sign_offset", 0)


def on_the_next_step(monkeypatch):
    """Plant signs on the slots of the next step, which only the coarse run sees."""
    monkeypatch.setattr(plan.Plan, "sign_offset", 2)


def no_foldover(monkeypatch):
    """Plant signs without coordinate 0: the same for i and i ^ 1."""
    right = code_columns.sign_code
    monkeypatch.setattr(code_columns, "sign_code", lambda *given: right(*given) ^ 1)


@pytest.mark.parametrize("plant", [no_offset, on_the_next_step, no_foldover])
def test_planted_signs_are_caught(monkeypatch, plant):
    plant(monkeypatch)
    assert worst_with_signs() > 0.05


def frequencies(values):
    """Return by how many deviations the four values of a fixed trajectory's increments are off over replicates."""
    negative, large = values < 0, np.abs(values) > 1
    share = np.array(
        [negative.mean(axis=0) - 1 / 2, large.mean(axis=0) - 1 / 4, (negative & large).mean(axis=0) - 1 / 8]
    )
    return np.abs(share) / np.sqrt(np.array([1 / 4, 3 / 16, 7 / 64]) / len(values))[:, None]


def test_a_single_trajectory_has_its_old_law():
    """Frequencies over 5000 replicates of 40 increments of three trajectories, and of pairs: within 6.5; 1e-7."""
    for index in (0, 5, 63):
        own = increments(steps=40, size=64, replicates=5000, index=index)[:, 0]
        assert frequencies(own).max() < 6.5
        signs = np.sign(own)
        together = signs.T @ signs / len(signs) - np.eye(40)
        assert np.abs(together).max() * math.sqrt(len(signs)) < 6.5


def not_renewed(right):
    """Return what fills words as if every replicate were the first one."""
    return lambda: lambda words, ids, *rest: right()(words, ids % np.uint64(64), *rest)


def test_a_shift_that_is_not_renewed_is_caught(monkeypatch):
    monkeypatch.setattr(block, "fill_tied_words", not_renewed(block.fill_tied_words))
    values = increments(steps=40, size=64, replicates=100, index=5)
    assert frequencies(values[:, 0]).max() > 6.5
    assert (values == values[0]).all()
