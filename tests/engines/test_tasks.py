"""Which trajectories tasks hold, and how many of them."""

import tracemalloc
from collections import deque
from concurrent.futures import Executor, Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.engines.executors import Anywhere
from sdeframe.engines.flight import Flight
from sdeframe.engines.left import Left, gaps
from sdeframe.engines.task_size import TaskSize


@st.composite
def spans(draw):
    """Ascending spans that do not overlap."""
    ends = sorted(draw(st.sets(st.integers(0, 200), max_size=12)))
    return list(zip(ends[::2], ends[1::2], strict=False))


@given(spans(), st.integers(0, 200), st.integers(0, 200), st.integers(1, 30), st.integers(1, 5))
def test_what_is_missing_is_handed_out_once_and_nothing_else(done, begin, until, block, blocks):
    left = Left(deque(gaps(done, begin, until)), block)
    wanted = set(range(begin, until)) - {k for first, last in done for k in range(first, last)}
    assert left.trajectories == len(wanted)
    taken = []
    while (span := left.take(blocks)) is not None:
        first, last = span
        assert first < last <= (first // block + blocks) * block
        taken += range(first, last)
    assert taken == sorted(wanted)
    assert left.trajectories == 0


def test_tasks_take_the_wanted_time_once_their_speed_is_known():
    size = TaskSize(1.0)
    taken = []
    for _ in range(12):
        blocks = size.blocks(left=1e9, slots=4)
        taken.append(blocks)
        size.measure(blocks, 0.01 * blocks)
    assert taken[:4] == [1, 8, 64, 100]
    assert taken[-1] == 100
    for _ in range(20):
        size.measure(100, 0.05 * 100)  # another model, or a slower machine
    assert 19 <= size.blocks(left=1e9, slots=4) <= 21
    assert size.blocks(left=40, slots=4) == 10  # near the end
    assert size.blocks(left=1, slots=4) == 1


def test_tasks_near_the_end_are_not_shorter_than_what_they_cost():
    size = TaskSize(1.0, block_seconds=0.002, largest=10**6)
    assert [size.blocks(left=left, slots=4) for left in (10_000, 1_000, 100, 10)] == [500, 250, 25, 25]


def test_tasks_are_single_blocks_where_handing_them_out_costs_nothing():
    size = TaskSize(0.0)
    size.measure(1, 1e-3)
    assert size.blocks(left=1e9, slots=4) == 1


class Nothing:
    """Work that is none."""

    def prepare(self):
        pass

    def span(self, first, last, stop=None):
        return last - first


class AtOnce(Executor):
    """Does everything in the call."""

    def submit(self, function, /, *arguments):
        future = Future()
        future.set_result(function(*arguments))
        return future


def planned(count):
    """Return the most memory for a run of so many blocks."""
    work = Nothing()
    tracemalloc.start()
    flight = Flight(Anywhere(AtOnce(), work), work, Left(deque([(0, 2048 * count)]), 2048))
    total = sum(done.value for done in flight)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 2048 * count
    return memory


@pytest.mark.parametrize("many", [20_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_many_blocks_take_no_more_memory_than_few(many):
    assert planned(many) < 1.1 * planned(2_000) + 1e5


def test_tasks_grow_with_the_number_of_workers_up_to_some_seconds():
    size = TaskSize(1.0, block_seconds=0.01, largest=10**6)
    assert [size.blocks(left=1e12, slots=slots) for slots in (8, 1_000, 3_000, 20_000)] == [100, 200, 500, 500]
