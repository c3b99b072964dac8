"""Whether random numbers of different addresses know of each other.

Every statistical check accepts within `SIGMA` = 6.5 standard deviations (two-sided false alarm 8e-11 for a normal
statistic, below 1e-8 for the few skewed ones) or a p-value above `P_VALUE` = 1e-9. No test makes more than 550 of them,
so that the false-alarm probability of each test is below 1e-7. Seeds are fixed.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import special, stats

from sdeframe.compiled import random_numbers as rn
from tests.support.random_streams import SIGMA, Array, ids, normals

FEATURES: dict[str, Callable[[Array], Array]] = {
    "x": lambda x: x,
    "x^2": lambda x: (x**2 - 1) / math.sqrt(2),
    "sign": np.sign,
    "tail": lambda x: ((np.abs(x) > 2) - 2 * stats.norm.sf(2)) / math.sqrt(2 * stats.norm.sf(2) * special.erf(2**0.5)),
}


def check_independent(a: Array, b: Array) -> None:
    """Every correlation of two features, each of mean 0 and variance 1, vanishes within SIGMA/sqrt(n)."""
    for f in FEATURES.values():
        for g in FEATURES.values():
            assert abs(np.mean(f(a) * g(b))) < SIGMA / math.sqrt(a.size)


def test_planted_dependence_is_caught() -> None:
    x, y = normals(ids(2**19), **HERE)
    for wrong in (x, -x, 0.99 * y + 0.02 * x, np.abs(x) * np.sign(y), np.where(np.abs(x) > 2, -2.0, y)):
        with pytest.raises(AssertionError):
            check_independent(x, wrong)


HERE = {"step": 8, "channel": 3, "purpose": rn.PATH, "level": 0, "seed": 20}
NEIGHBOURS = [
    *({"step": step} for step in (9, 10, 16, 8 + 2**16, 8 + 2**31)),
    *({"channel": channel} for channel in (2, 4, 3 + 2**15)),
    *(
        {"purpose": purpose}
        for purpose in (
            rn.SIGN,
            rn.INITIAL,
            rn.JUMP,
            rn.BRIDGE,
            rn.BITS,
        )
    ),
    *({"level": level} for level in (1, 2)),
    *({"seed": seed} for seed in (19, 21, 22, 20 + 2**32, 20 + 2**62)),
]


@pytest.mark.parametrize("change", NEIGHBOURS, ids=str)
def test_neighbouring_addresses_are_independent(change: dict[str, int]) -> None:
    here, there = (normals(ids(2**19), **place) for place in (HERE, HERE | change))
    check_independent(here.ravel(), there.ravel())
    check_independent(here.ravel(), there[::-1].ravel())


@pytest.mark.parametrize("shift", [1, 2, 8, 2**16, 2**32, 2**63], ids=lambda shift: f"shift{shift}")
def test_neighbouring_trajectories_are_independent(shift: int) -> None:
    here, there = normals(ids(2**19), **HERE), normals(ids(2**19, first=shift), **HERE)
    check_independent(here[0], there[0])
    check_independent(here[0], there[1])
    check_independent(here[1], there[1])


def test_the_two_normals_of_a_call_are_independent() -> None:
    check_independent(*normals(ids(2**21), **HERE))
