"""How a sweep shows itself: what `swept.sweep` offers, for every dataset that `sdeframe.sweep` returns."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import xarray as xr

from sdeframe.drawing.sweeps import parameters
from sdeframe.running.result import Result
from sdeframe.running.showing.notebook import result_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME: Final = "sweep"


@xr.register_dataset_accessor(NAME)
class Swept:
    """Picture, page, text and table of a sweep or of a part of it: ``swept.sel(k=0.5).sweep.plot("n")``."""

    def __init__(self, dataset: xr.Dataset) -> None:
        if not parameters(dataset):
            raise ValueError("this dataset is no sweep, whose dt stands over parameters: take one of sdeframe.sweep")
        self._result = Result(dataset)

    def plot(self, *names: str, at: float | None = None) -> Figure:
        """Return a picture of means at a time: with error bars over one parameter, as a map over two.

        Faint or hatched is what is not to be trusted at that time.

        Parameters
        ----------
        *names
            What is drawn; every mean if not given.
        at
            The time, the last one if not given.

        Raises
        ------
        TypeError, ValueError
            If there is nothing of a name, or there are more than two parameters.
        """
        return self._result.plot(*names, at=at)

    def to_table(self, path: str | os.PathLike[str], *names: str) -> None:
        """Write means to a text file, a row for each combination of parameters and output time; see `Result.to_table`.

        Raises
        ------
        ValueError
            If there is nothing of a name over parameters and time alone, or the folder cannot be written to.
        OSError
            If the file cannot be written.
        """
        self._result.to_table(path, *names)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be known beside the numbers, with the combination of which it is said."""
        return self._result.warnings

    def __repr__(self) -> str:
        return repr(self._result)

    def _repr_html_(self) -> str:
        return result_html(self._result)
