"""Means over the trajectories alive at each time, as the paper takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.bounds import valid_bound
from sdeframe.interfaces.named_expressions import Named, distinct_names, expressions
from sdeframe.interfaces.observer import COUNT, Ensemble
from sdeframe.interfaces.recording import Recording, Summing
from sdeframe.observers.plain import check_plain
from sdeframe.observers.step_error import KINDS, step_errors, tally
from sdeframe.observers.tally import Tally
from sdeframe.observers.writing import suffixes, written
from sdeframe.validators import true_or_false

if TYPE_CHECKING:
    import xarray as xr

SUFFIXES = ("_alive", *suffixes(*KINDS))
"""What is written for a name beside its mean."""


@attrs.define
class MomentRecord:
    """Moments by time, with those of the differences of coarse and fine run."""

    times: NDArray[np.float64]
    sums: Tally

    def __add__(self, other: MomentRecord) -> MomentRecord:
        """Return the record of the trajectories of both."""
        return MomentRecord(self.times, self.sums + other.sums)


@attrs.frozen(init=False)
class Moments(Summing):
    """Means of symbolic expressions with the standard errors of their real and imaginary parts.

    For each name it writes, over "time": the complex mean ``<name>``, its standard errors ``<name>_se`` (real part)
    and ``<name>_imag_se`` (imaginary part), √(sample variance / number of survivors). With ``step_error=True`` also
    ``<name>_step_error`` = (m_2h − m_h)/(2^p − 1), what the step adds to the mean at weak order p, over the pairs of
    trajectories alive in both runs, and ``<name>_extrapolated``, their mean without it, each with ``..._se`` and
    ``..._imag_se``. With a bound of its own it writes the number of survivors as ``<name>_alive``.

    Of tied trajectories (`sdeframe.sampling.Balanced`) standard errors are told by replicates, and hold the floors
    ``<name>_floor`` and ``<name>_imag_floor``, max |x − m|/n, which are written beside every mean.

    Parameters
    ----------
    bound
        Who has ever passed this bound is left out; the run's freezing bound decides if not given.
    unweighted
        Whether means without the weight are wanted where the system has one; `WeightedMoments` takes those with it.
    **named
        Sympy expressions in the model's variables, parameters and time, or operators of a quantum model, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, the bound is not positive, or, when it is run, there is a
        weight that nobody said to leave out.
    """

    knows_replicates: ClassVar[bool] = True

    named: Named
    bound: float | None = attrs.field(validator=attrs.validators.optional(valid_bound))
    unweighted: bool = attrs.field(validator=true_or_false)

    def __init__(self, /, *, bound: float | None = None, unweighted: bool = False, **named: Any) -> None:
        distinct_names("Moments", named, SUFFIXES)
        self.__attrs_init__(expressions(named), bound, unweighted)

    def start(self, ensemble: Ensemble) -> MomentRecord:
        """Return an empty record."""
        check_plain(ensemble, "Moments", self.named, self.unweighted)
        for _, expression in self.named:
            ensemble.check(expression, self)
        return MomentRecord(ensemble.times, tally(ensemble, len(self.named), self.bound))

    def summed(self, record: MomentRecord) -> tuple[sp.Expr, ...]:
        """Return the expressions."""
        return tuple(expression for _, expression in self.named)

    def add(self, record: MomentRecord, recording: Recording) -> None:
        """Add a block's values at some output times."""
        record.sums.add(recording, self.summed(record))

    def finish(self, record: MomentRecord) -> xr.Dataset:
        """Return means and standard errors."""
        import xarray as xr

        variables: dict[str, Any] = {}
        count, means = record.sums.estimates(0)
        for i, (name, expression) in enumerate(self.named):
            variables |= written(name, means[i], f"mean of {expression}")
            variables[name][-1][COUNT] = "alive" if self.bound is None else f"{name}_alive"
            if self.bound is not None:
                variables[f"{name}_alive"] = ("time", count.astype(np.int64), {"bound": float(self.bound)})
        variables |= step_errors(record.sums, self.named)
        return xr.Dataset(variables, coords={"time": record.times})
