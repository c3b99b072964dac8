"""Everything kept in memory can be forgotten, and what is made anew has the same bits."""

import functools
import importlib
import pkgutil
import sys
import threading

import numpy as np

import sdeframe
from sdeframe import caches, clear_caches, simulate
from sdeframe.compiled import cache
from sdeframe.integrators import W2S4
from sdeframe.models import AtomsInCavity
from sdeframe.observers import Moments

STAYING = ("code_key", "_foreign_source", "_environment")
"""Hashes of the sources that were loaded: read again, they could be those of another text than runs."""


def modules():
    return [importlib.import_module(m.name) for m in pkgutil.walk_packages(sdeframe.__path__, "sdeframe.")]


def kept_in(module):
    """Return the cached functions that a module defines."""
    kept = [value for value in vars(module).values() if isinstance(value, functools._lru_cache_wrapper)]
    return [
        function for function in kept if function.__module__ == module.__name__ and function.__name__ not in STAYING
    ]


def test_every_cache_is_known():
    found = [function for module in modules() for function in kept_in(module)]
    assert len(found) > 15
    assert {function.cache_clear for function in found} <= set(caches._forget)


def small_run():
    model = AtomsInCavity()
    observers = [Moments(**model.observables)]
    return simulate(model, W2S4(dt=0.05), observers=observers, times=[0.5], trajectories=50, seed=1, progress=False)


def test_what_is_forgotten_is_made_anew_with_the_same_bits():
    first = small_run()
    assert any(name.startswith(cache.MODULE) for name in sys.modules)
    clear_caches()
    assert not cache._functions
    assert not any(name.startswith(cache.MODULE) for name in sys.modules)
    assert all(function.cache_info().currsize == 0 for module in modules() for function in kept_in(module))
    assert small_run().dataset.drop_attrs().identical(first.dataset.drop_attrs())
    assert np.array_equal(first.replay([7])["time"], small_run().replay([7])["time"])  # a result at hand still works


def test_two_sources_are_compiled_at_a_time_and_one_source_once():
    """Each source waits until the other one runs, which a single lock would never let it do."""
    meeting, ran = threading.Barrier(2), []
    programs = {"meet": lambda: (meeting.wait(timeout=20), ran.append(1))}
    texts = ["meet()\n# one\n", "meet()\n# two\n"]
    threads = [threading.Thread(target=cache.compile_source, args=(text, programs)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ran) == 2
    for text in texts:
        cache.compile_source(text, programs)
    assert len(ran) == 2
