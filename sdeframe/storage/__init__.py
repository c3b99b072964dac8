"""Results kept under a hash of everything that they depend on."""

from sdeframe.described import described
from sdeframe.sources import code_key
from sdeframe.storage.keys import exact_key, run_key
from sdeframe.storage.store import Store, cached_exact, cached_run

__all__ = ["Store", "cached_exact", "cached_run", "code_key", "described", "exact_key", "run_key"]
