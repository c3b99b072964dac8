"""Weighted sums have the same bits in folded blocks and in others."""

import numpy as np
import pytest

from sdeframe import simulate
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import WeightedMoments, WeightedTrustHorizon
from sdeframe.sampling import Balanced, Independent
from sdeframe.sums.fold import foldable

MODEL = TavisCummings(10, 10.0)
FOLDED, ODD = 4096, 3000
"""Trajectories of a block that buffers divide, and of one that none does."""


def taken(observer, block, sampling):
    return simulate(
        MODEL, W2S4(dt=0.1), gauge=QuarticDrift(), observers=[observer], times=np.linspace(0, 2, 6), seed=4,
        trajectories=2 * FOLDED, progress=False, step_error=True, block=block, sampling=sampling,
    )  # fmt: skip


@pytest.mark.parametrize(
    "sampling", [Independent(), pytest.param(Balanced(block=1024), marks=pytest.mark.long)], ids=str
)
@pytest.mark.parametrize(
    "observer",
    [
        *(WeightedMoments(policy=policy, bound=10.0, **MODEL.observables) for policy in ("dropped", "kept", "zero")),
        WeightedTrustHorizon(**MODEL.observables),
    ],
    ids=["dropped", "kept", "zero", "trust"],
)
@pytest.mark.filterwarnings("ignore:increments share codes", "ignore:[0-9,]+ of 8,192 trajectories left the range")
def test_folded_blocks_have_the_bits_of_others(observer, sampling):
    folded, others = taken(observer, FOLDED, sampling), taken(observer, ODD, sampling)
    assert foldable(0, FOLDED, folded.problem.lanes)
    assert not foldable(0, ODD, folded.problem.lanes)
    assert folded.dataset.equals(others.dataset)
