"""Observers that write to files while a run goes on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from sdeframe.interfaces.observer import Ensemble, Observer


class Filing(Observer):
    """An observer that may put its records into a file as they come, so that none of them is kept.

    Only the process that began the run writes, as records come back to it, in any order and each once. Such a file is
    part of no checkpoint and no store, and a run that has one ends with all of its trajectories.
    """

    file: str | None = None
    """The name of the file, or None where records are kept."""

    @abstractmethod
    def opened(self, ensemble: Ensemble, about: Mapping[str, Any]) -> AbstractContextManager[Callable[[Any], Any]]:
        """Give a function that writes a record and returns an empty one; the file takes its name when all is written.

        Parameters
        ----------
        ensemble
            The run.
        about
            Where its numbers come from, texts and numbers by name.

        Raises
        ------
        OSError
            If the file cannot be written; then nothing is left of it.
        """
