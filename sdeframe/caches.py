"""What is kept in memory between calls, known in one place so that all of it can be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_forget: list[Callable[[], object]] = []


def cached(maxsize: int | None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator like `functools.lru_cache`, whose memory `clear_caches` frees."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        kept = lru_cache(maxsize)(function)
        forgets(kept.cache_clear)
        return cast(Callable[P, T], kept)

    return decorate


def forgets(clear: Callable[[], object]) -> None:
    """Let `clear_caches` call a function too."""
    _forget.append(clear)


def clear_caches() -> None:
    """Forget everything that sdeframe keeps in memory between calls: traced systems, derivations, compiled kernels.

    It is computed again, or read from disk, when it is next needed, with the same bits. Results and problems that are
    at hand stay as they are; what is kept on disk stays too. Hashes of source files stay as well: they are those of the
    code that runs, whatever an editor did to a file since. Call it between runs, not while other threads are in one.
    """
    for clear in _forget:
        clear()
