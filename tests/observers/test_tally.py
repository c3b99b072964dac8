"""Sums of several kinds in one pass: the same bits in folded blocks and in others."""

import numpy as np
import pytest

from sdeframe import simulate
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways, TrustHorizon
from sdeframe.sampling import Balanced, Independent
from sdeframe.sums.fold import foldable

MODEL = TavisCummings(10, 10.0)
ODD = 3000
"""Trajectories of a block that no buffer divides."""


def taken(block, sampling):
    observers = [
        Moments(bound=10.0, **{f"{name}_within": e for name, e in MODEL.observables.items()}),
        TrustHorizon(**MODEL.observables),
        Runaways(30.0, 1e3),
    ]
    return simulate(
        MODEL, W2S4(dt=0.1), observers=observers, times=np.linspace(0, 4, 6), trajectories=24_576, seed=4,
        progress=False, step_error=True, block=block, sampling=sampling,
    )  # fmt: skip


@pytest.mark.parametrize("sampling", [Independent(), Balanced(block=1024)], ids=str)
@pytest.mark.filterwarnings("ignore:increments share codes")
def test_folded_blocks_have_the_bits_of_others(sampling):
    folded, others = taken(2048, sampling), taken(ODD, sampling)
    assert foldable(0, 2048, folded.problem.lanes)
    assert not foldable(0, ODD, folded.problem.lanes)
    assert folded.dataset.lost_low.values[-1] > 0
    assert folded.dataset.equals(others.dataset)
