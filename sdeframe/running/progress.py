"""The progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(trajectories: int, wanted: bool) -> Iterator[Callable[[int], object]]:
    """Give a function that takes the number of trajectories done; it draws in a terminal or notebook only."""
    if not wanted or not (in_notebook() or (sys.stderr and sys.stderr.isatty())):
        yield lambda done: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=trajectories, unit=" trajectories", unit_scale=True, dynamic_ncols=True) as bar:
        yield bar.update


def in_notebook() -> bool:
    """Return whether this process is a notebook's kernel."""
    kernel = sys.modules.get("ipykernel")
    return kernel is not None and "IPython" in sys.modules
