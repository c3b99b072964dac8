"""Results kept under a hash of everything that they depend on."""

from sdeframe.storage.keys import code_key, described, exact_key, run_key
from sdeframe.storage.store import Store, cached_exact, cached_run

__all__ = ["Store", "cached_exact", "cached_run", "code_key", "described", "exact_key", "run_key"]
