"""Memory that is used again: never while anything refers to it, and enough that blocks take no more of it."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import xarray as xr

from sdeframe.interfaces.observer import Observer
from sdeframe.observers import Moments
from sdeframe.running.block import run_trajectories
from sdeframe.running.compose import compose
from sdeframe.scratch import ALIGNED, borrowed
from tests.support.spread_run import MODEL, SCHEME

SIZE = 2**14
"""Trajectories of a block."""


def place(array):
    return array.ctypes.data


def test_memory_comes_back_once_no_view_of_it_is_left():
    array = borrowed((5, 7))
    first, view = place(array), array[2:, 1]
    assert first % ALIGNED == 0
    del array
    other = borrowed((35,), np.uint64)
    assert not np.shares_memory(view, other)
    view[:], other[:] = 1.0, 0
    assert (view == 1.0).all()
    del view
    assert place(borrowed((4,))) == first


def test_the_smallest_that_is_large_enough_is_taken():
    large, small = borrowed((1_000_003,)), borrowed((1_000_001,))
    places = place(small), place(large)
    del large, small
    again = borrowed((1_000_000,)), borrowed((1_000_002,))
    assert tuple(map(place, again)) == places


def test_another_thread_has_memory_of_its_own():
    array = borrowed((11,))
    first = place(array)
    del array
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: place(borrowed((11,)))).result() != first
    assert place(borrowed((11,))) == first


def problem(*observers, **changes):
    settings = {"times": [0.4, 1.0], "trajectories": 10**5, "seed": 7, "block": SIZE}
    return compose(MODEL, SCHEME, observers=observers, **settings, **changes)


def test_a_block_after_the_first_takes_no_memory_of_its_size():
    chosen = problem(Moments(x=MODEL.observables["x"]), step_error=True)
    run_trajectories(chosen, 0, SIZE)
    tracemalloc.start()
    try:
        run_trajectories(chosen, SIZE, SIZE)
        assert tracemalloc.get_traced_memory()[1] < SIZE * chosen.layout.rows * 8  # what each of its two runs holds
    finally:
        tracemalloc.stop()


class Keeping(Observer):
    """Keeps the last snapshot of every block, which it should not."""

    def __init__(self):
        self.kept = []

    def start(self, ensemble):
        return 0

    def update(self, record, snapshot):
        if snapshot.index == 1:
            self.kept.append(snapshot)

    def finish(self, record):
        return xr.Dataset()


def test_a_snapshot_that_is_kept_shows_its_own_block():
    observer = Keeping()
    chosen = problem(observer)
    for first in (0, SIZE):
        run_trajectories(chosen, first, SIZE)
    rows = [snapshot.held.buffers.copy() for snapshot in observer.kept]
    run_trajectories(chosen, 2 * SIZE, SIZE)
    assert (rows[0] != rows[1]).any()
    for snapshot, seen in zip(observer.kept, rows, strict=False):
        np.testing.assert_array_equal(snapshot.held.buffers, seen)
