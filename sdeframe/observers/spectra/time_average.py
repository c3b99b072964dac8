"""Means over a window of time, for what is stationary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.named_expressions import Named, distinct_names, expressions
from sdeframe.interfaces.observer import Ensemble
from sdeframe.interfaces.recording import ALIVE, PEAK, Recording, Summing
from sdeframe.observers.spectra.samples import Samples
from sdeframe.observers.spectra.unweighted import check_unweighted
from sdeframe.observers.step_error import KINDS
from sdeframe.observers.trust import above_low_bound
from sdeframe.observers.windows import Window, held, valid_window
from sdeframe.observers.writing import suffixes
from sdeframe.validators import true_or_false

if TYPE_CHECKING:
    import xarray as xr

SUFFIXES: Final = ("_alive", "_horizon", *suffixes(*KINDS))
"""What is written for a name beside its mean."""


@attrs.define
class AverageRecord:
    """Averages of trajectories, summed; while a block runs, the sum of its values in the window so far."""

    first: int
    """Number of the first output time in the window."""
    count: int
    """Output times in the window."""
    samples: Samples
    so_far: NDArray[np.float64] | None = None
    """Shape (runs, 2 names, trajectories); none before the window and after it."""

    def __add__(self, other: AverageRecord) -> AverageRecord:
        """Return the record of the trajectories of both."""
        return attrs.evolve(self, samples=self.samples + other.samples, so_far=None)


@attrs.frozen(init=False)
class TimeAverage(Summing):
    """Means over the output times in a window, for what is stationary there, one sample a trajectory.

    Its errors are those of trajectories, whose values at different times need not be independent: correlation in time
    costs them no honesty. Every output time in the window counts alike.

    For each name it writes numbers: the complex mean ``<name>`` with the standard errors ``<name>_se`` and
    ``<name>_imag_se`` of its parts; with ``step_error=True`` also ``<name>_step_error`` and ``<name>_extrapolated``, as
    in `Moments`; and ``<name>_alive``, how many trajectories count: those that were not lost up to the end of the
    window. Where the model declares its poles, ``<name>_horizon`` is the last output time that can be trusted, no later
    than `TrustHorizon` tells it, and before the end of the window unless the survivors of its two bounds agree. That a
    window ends beyond it is among the warnings of the result.

    Parameters
    ----------
    window
        First and last time; two output times at least lie within.
    bound
        Above 10, in units of the model's scale, as in `TrustHorizon`; not used where the model declares no poles.
    unweighted
        Whether means without the weight are wanted where the system has one.
    **named
        Sympy expressions in the model's variables, parameters and time, or operators of a quantum model, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, or something else is not valid; when it is run, if the window
        does not fit the output times, or there is a weight that nobody said to leave out.
    """

    knows_replicates: ClassVar[bool] = True
    bound_is_relative: ClassVar[bool] = True

    named: Named
    window: Window
    bound: float = attrs.field(validator=above_low_bound)
    unweighted: bool = attrs.field(validator=true_or_false)

    def __init__(
        self, /, *, window: Sequence[float], bound: float = 1e3, unweighted: bool = False, **named: Any
    ) -> None:
        distinct_names("TimeAverage", named, SUFFIXES)
        self.__attrs_init__(expressions(named), valid_window("TimeAverage", window), bound, unweighted)

    def start(self, ensemble: Ensemble) -> AverageRecord:
        """Return an empty record."""
        for name, expression in self.named:
            check_unweighted(ensemble, f"TimeAverage({name}=...)", (expression,), self.unweighted)
            ensemble.check(expression, self)
        inside = held("TimeAverage", self.window, ensemble.times)
        return AverageRecord(
            inside.start, len(inside), Samples.of_none(ensemble, [[e] for _, e in self.named], 1, self.bound)
        )

    def summed(self, record: AverageRecord) -> tuple[sp.Expr, ...]:
        """Return the expressions, then what is watched for poles."""
        return (*(expression for _, expression in self.named), *record.samples.watched)

    def add(self, record: AverageRecord, recording: Recording) -> None:
        """Add up a block's values at output times in the window; at its end take their means into the record."""
        if record.samples.watch is not None:
            record.samples.watch.add(recording)
        last, held, expressions = record.first + record.count - 1, recording.held, tuple(e for _, e in self.named)
        for at, index in enumerate(recording.times):
            if not record.first <= index <= last:
                continue
            values = held.in_order(recording.rows[:, at, recording.places(expressions)])
            with np.errstate(all="ignore"):  # of the lost, who do not count
                record.so_far = values if record.so_far is None else record.so_far + values
            if index == last:
                told = held.in_order(recording.rows[:, at, [ALIVE, PEAK]])
                runs = [*(record.so_far / record.count)[:, :, None]]
                record.samples.add(held.first, runs, told)
                record.so_far = None

    def finish(self, record: AverageRecord) -> xr.Dataset:
        """Return the means with their standard errors."""
        import xarray as xr

        named = [(name, f"mean of {e} over t = {self.window[0]:g} to {self.window[1]:g}") for name, e in self.named]
        return xr.Dataset(record.samples.written(named, (), record.first + record.count - 1))
