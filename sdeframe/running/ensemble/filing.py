"""Files that observers write while an ensemble is run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sdeframe.files import writable
from sdeframe.interfaces.filing import Filing
from sdeframe.running.ensemble.total import Total
from sdeframe.running.problem import Problem
from sdeframe.running.provenance import provenance


def files_of(problem: Problem) -> dict[int, Filing]:
    """Return the observers that write files, by number."""
    return {k: o for k, o in enumerate(problem.observers) if isinstance(o, Filing) and o.file is not None}


def refuse_files(problem: Problem, what: str) -> None:
    """Raise ValueError where an observer writes a file.

    Parameters
    ----------
    problem
        The run.
    what
        Tells, behind the name of the file, what is not possible with one and the way out.
    """
    for observer in files_of(problem).values():
        raise ValueError(f"{type(observer).__name__}(file={observer.file!r}): {what}")


@contextmanager
def filed(problem: Problem) -> Iterator[Callable[[Total], Total]]:
    """Give a function that writes down what observers of files have of a sum, and returns the rest of it.

    Raises
    ------
    OSError
        If a file cannot be written; then nothing is left of it.
    ValueError
        If its folder cannot be written to, or two observers have the same file.
    """
    filing = files_of(problem)
    paths = [os.path.realpath(writable(str(observer.file))) for observer in filing.values()]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise ValueError(f"file={twice!r}: two observers write it; give each a file of its own")
    with ExitStack() as stack:
        about = provenance(problem) if filing else {}
        write = {k: stack.enter_context(observer.opened(problem, about)) for k, observer in filing.items()}

        def written(total: Total) -> Total:
            records = [write[k](record) if k in write else record for k, record in enumerate(total.records)]
            return Total(records, total.losses)

        yield written
