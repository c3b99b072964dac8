"""Codes for children, which begin anew at every event."""

import numpy as np
import pytest

from sdeframe.sampling.children import children_plan
from sdeframe.sampling.plan import Draws

DRAWS = Draws(10**6, 1000, factors=2, dimension=3, signs=2, signs_multiply_path=True, numbers=0, normals=0)


def test_there_are_codes_from_one_event_to_the_next():
    plan = children_plan(256, DRAWS, 16)
    assert (plan.exponent, plan.slots) == (8, 32)
    assert plan.shared_from is None


@pytest.mark.parametrize(("children", "steps", "match"), [
    (256, 17, "children=256 .* each of 17 steps .* take 512 or 1024, or have events more often"),
    (128, 2, "children=128 .* take 256 or 512"),
    (256, 10**6, "have events more often"),
])  # fmt: skip
def test_too_few_children_are_refused(children, steps, match):
    with pytest.raises(ValueError, match=match):
        children_plan(children, DRAWS, steps)


def test_slots_begin_anew_at_events():
    from tests.groups.test_events import FAMILIES, run

    problem = run(FAMILIES).problem
    by_step = problem.columns[:, :, :, np.newaxis] >> np.arange(32, dtype=np.uint32) & 1
    steps = np.moveaxis(by_step, -1, 1).reshape(-1, *by_step.shape[1:3])
    np.testing.assert_array_equal(problem.events.turns(14), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1])
    for step in range(14):
        assert np.array_equal(steps[step], steps[step % 4])
    assert not np.array_equal(steps[0], steps[1])
