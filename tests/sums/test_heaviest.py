"""The heaviest trajectories of all blocks are those of the whole ensemble."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.heaviest import Heaviest


@given(size=st.integers(1, 3000), cuts=st.sets(st.integers(1, 2999), max_size=20), seed=st.integers(0, 2**32))
def test_the_heaviest_of_blocks_are_those_of_all(size, cuts, seed):
    random = np.random.default_rng(seed)
    log_moduli = random.normal(0.0, 5.0, size)
    records = []
    for start, stop in itertools.pairwise([0, *sorted(c for c in cuts if c < size), size]):
        record = Heaviest.of_none(size, 2)
        record.add(0, log_moduli[start:stop])
        records.append(record)
    random.shuffle(records)
    total = sum(records, start=Heaviest.of_none(size, 2)).total(np.array([size, 0]), np.zeros(2))
    heaviest = np.exp(np.sort(log_moduli)[-int(np.ceil(size / 1000)) :])
    assert np.allclose(total, [heaviest.sum(), 0.0], rtol=1e-12)
