"""What makes a number of trajectories enough."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.validators import is_finite, positive, real_numbers, shown

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.running.ensemble.finished import Finished
    from sdeframe.running.problem import Problem

UNMET: Final = "are not all reached"
"""What is said of standard errors that a run did not reach."""


class Rule(ABC):
    """When a run ends before the most of its trajectories."""

    @abstractmethod
    def check(self, problem: Problem) -> None:
        """Raise ValueError where it does not fit the run, before anything is run."""

    @abstractmethod
    def enough(self, problem: Problem, finished: Finished, seconds: float) -> bool:
        """Tell whether what is done after some time is enough."""

    @abstractmethod
    def told(self, dataset: xr.Dataset, most: int) -> str:
        """Return in a sentence why a run of so many trajectories at most ended as it did."""


@attrs.frozen(init=False)
class TargetError(Rule):
    """A run ends once the standard errors of means are as small as is asked for.

    The errors are those that observers write beside a mean, ``<name>_se`` and ``<name>_imag_se``, both of which must
    be reached. They are looked at after fixed numbers of trajectories, 1,280 at first and 5 % more each time at most,
    so that the run is the same whatever executes it. Looking often makes a run end rather where its error is told too
    small: limits of 1.96 standard errors then hold slightly less often than 95 % of times (docs/clusters). A standard
    error is not a bias: that of the step, and that beyond a `TrustHorizon`, stay.

    Parameters
    ----------
    at
        Output times at which they are to be reached; all of them if not given.
    **errors
        The largest standard error, by the name of a mean.

    Raises
    ------
    TypeError, ValueError
        If there is no error, one is not positive, or times are no numbers; when it is run, if no observer tells the
        error of a name, or a time is no output time.
    """

    errors: dict[str, float]
    at: tuple[float, ...] | None

    def __init__(self, *, at: ArrayLike | None = None, **errors: Any) -> None:
        if not errors:
            raise ValueError("TargetError(): asks for no standard error; give one, such as excited=1e-3")
        for name, error in errors.items():
            if not is_finite(error) or error <= 0:
                raise ValueError(f"{name}={shown(error)} in TargetError: must be a finite number above 0, such as 1e-3")
        times = None if at is None else real_numbers(at)
        if at is not None and (times is None or times.ndim != 1 or times.size == 0):
            raise ValueError(f"at={shown(at)} in TargetError: must be a list of output times, such as [2.0]")
        chosen = None if times is None else tuple(times.tolist())
        self.__attrs_init__({name: float(error) for name, error in errors.items()}, chosen)

    def check(self, problem: Problem) -> None:
        """Raise ValueError where no observer tells one of the errors, or one of the times is no output time."""
        empty = [observer.finish(observer.start(problem)) for observer in problem.observers]
        known = [name for found in empty for name in map(str, found.data_vars) if f"{name}_se" in found]
        for name in self.errors:
            if name not in known:
                told = f"those of {', '.join(known)}" if known else "none: give Moments, or another observer of means"
                raise ValueError(f"{name} in TargetError: of this run's standard errors, observers tell {told}")
        for time in self.at or ():
            near = problem.times[np.argmin(np.abs(problem.times - time))]
            if not _same(near, time):
                raise ValueError(
                    f"at={time:g} in TargetError: is no output time of this run; the nearest one is {near:g}"
                )

    def enough(self, problem: Problem, finished: Finished, seconds: float) -> bool:
        """Tell whether all errors are reached."""
        wanted = dict(self.errors)
        for observer, record in zip(problem.observers, finished.total().records, strict=True):
            found = observer.finish(record)
            for name in [name for name in wanted if f"{name}_se" in found]:
                if not self._largest(found, name) <= wanted.pop(name):
                    return False
            if not wanted:
                return True
        return False

    def told(self, dataset: xr.Dataset, most: int) -> str:
        """Return whether they were reached, and where that says nothing of the truth."""
        largest = {name: self._largest(dataset, name) for name in self.errors}
        reached = all(largest[name] <= error for name, error in self.errors.items())
        errors = ", ".join(f"{largest[name]:.3g} of {name} ({error:g})" for name, error in self.errors.items())
        where = "all output times" if self.at is None else f"t = {', '.join(f'{t:g}' for t in self.at)}"
        number = f"{dataset.attrs['trajectories']:,} trajectories, of {most:,} at most"
        verb = "are reached" if reached else UNMET
        text = f"after {number}: the standard errors asked for at {where} {verb}: {errors}"
        horizons = {
            name: float(dataset[f"{name}_horizon"].min()) for name in self.errors if f"{name}_horizon" in dataset
        }
        last = dataset["time"].values[self._chosen(dataset["time"].values)].max()
        beyond = [f"t = {h:g}, that of {name}" for name, h in horizons.items() if last > h]
        if not beyond:
            return text
        return f"{text}; beyond a horizon ({', '.join(beyond)}) no mean is to be trusted, whatever its standard error"

    def _chosen(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which of the output times are meant."""
        if self.at is None:
            return np.ones(len(times), dtype=bool)
        return np.asarray(_same(times[:, None], np.array(self.at)).any(axis=1))

    def _largest(self, dataset: xr.Dataset, name: str) -> float:
        """Return the largest standard error of both parts of a mean at the times; nan if one of them is not defined."""
        parts = [dataset[key] for key in (f"{name}_se", f"{name}_imag_se") if key in dataset]
        return float(np.max([part.values[self._where(part)].max() for part in parts]))

    def _where(self, part: xr.DataArray) -> Any:
        """Return where the times stand among the errors of a mean; everywhere in one over other dimensions."""
        if "time" not in part.dims:
            return ...
        return (slice(None),) * part.get_axis_num("time") + (self._chosen(part["time"].values),)


@attrs.frozen
class WallTime(Rule):
    """A run ends at the first number of trajectories at which it is looked at after some seconds.

    How many that are depends on the machine, and each look comes after 5 % more trajectories at most. The result is
    that of a run with the number that it tells, which gives the same bits again.

    Parameters
    ----------
    seconds
        From the beginning of the run, without what this process compiles; of a run that goes on from a checkpoint, of
        this call.
    """

    seconds: float = attrs.field(validator=positive)

    def check(self, problem: Problem) -> None:
        """Fit any run."""

    def enough(self, problem: Problem, finished: Finished, seconds: float) -> bool:
        """Tell whether the time is over."""
        return seconds >= self.seconds

    def told(self, dataset: xr.Dataset, most: int) -> str:
        """Return whether the time was over."""
        number = dataset.attrs["trajectories"]
        why = f"{self.seconds:g} s were over" if number < most else "they were all that were asked for"
        return f"after {number:,} trajectories, of {most:,} at most: {why}"


def _same(times: ArrayLike, given: ArrayLike) -> NDArray[np.bool_]:
    """Tell which times are the same but for rounding."""
    return np.asarray(np.isclose(times, given, rtol=1e-9, atol=1e-12))
