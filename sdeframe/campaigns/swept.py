"""How a sweep shows itself: what `swept.sweep` offers, for every dataset that `sdeframe.sweep` returns."""

from __future__ import annotations

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
    """A picture and a page of a sweep: ``swept.sweep.plot("n")``, of a part too, ``swept.sel(k=0.5).sweep.plot()``."""

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

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be known beside the numbers, with the combination of which it is said."""
        return self._result.warnings

    def _repr_html_(self) -> str:
        return result_html(self._result)
