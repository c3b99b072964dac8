"""Functions of means, such as variances, g2(0) and squeezing."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.bounds import freezing_bound
from sdeframe.interfaces.named_expressions import Named, distinct_names, expressions
from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot
from sdeframe.interfaces.recording import Recording, Summing
from sdeframe.observers.functions.function_of_means import RESOLVED, UNTOLD, FunctionOfMeans
from sdeframe.observers.functions.means_of import MeansOf, outside_of_means
from sdeframe.observers.functions.polarised import polarised
from sdeframe.observers.functions.singular import check_smooth
from sdeframe.observers.moments import Moments
from sdeframe.observers.step_error import KINDS
from sdeframe.observers.trust import TrustHorizon, above_low_bound
from sdeframe.observers.weighted import WeightedMoments
from sdeframe.observers.weighted_trust import WeightedTrustHorizon
from sdeframe.observers.writing import suffixes, written
from sdeframe.sums.estimates import Estimates
from sdeframe.sums.log_weights import times_power_of_two
from sdeframe.symbolic.averages import mean
from sdeframe.symbolic.symbols import log_weight

if TYPE_CHECKING:
    import xarray as xr

SMALLEST: Final = np.finfo(float).tiny / np.finfo(float).eps
"""Smallest mean weight beside which no float loses digits for being small."""


@attrs.define
class FunctionRecord:
    """The record of the means."""

    taken: Observer
    """Takes the means, under the names q0, q1, ...; what is `polarised`."""
    means: Any
    trajectories: int
    """Of the whole run."""

    def __add__(self, other: FunctionRecord) -> FunctionRecord:
        """Return the record of the trajectories of both."""
        return FunctionRecord(self.taken, self.means + other.means, self.trajectories)


@attrs.frozen(init=False)
class Functions(Summing):
    """Functions of means, with errors to first order in those of the means and what these have in common.

    ``Functions(g2=mean(n * (n - 1)) / mean(n) ** 2)`` writes, over "time", the complex ``g2`` with the standard errors
    ``g2_se`` of its real and ``g2_imag_se`` of its imaginary part, by the delta method, which holds where errors are
    small beside what divides: where a denominator, or what stands under a root or logarithm, lies within 5 standard
    errors of zero the function is not a number, and the attribute ``untold`` says so. Functions need not be analytic,
    but smooth. With ``step_error=True`` also ``g2_step_error`` and ``g2_extrapolated`` as in `Moments`. Where the model
    declares its poles, means are those of `TrustHorizon`, and the scalar ``g2_horizon`` is the earliest horizon of what
    enters; where it does not, those of `Moments`. In a run with a log-weight mean(x) is `<xΩ>/<Ω>`, by
    `WeightedTrustHorizon` or `WeightedMoments`.

    The variance of a phase-space variable over trajectories is not the quantum variance: write operators' averages,
    in the ordering of the representation, such as mean(ad**2 * a**2) + mean(ad * a) - mean(ad * a)**2 in positive-P.

    Parameters
    ----------
    bound
        Above 10, in units of the model's scale, as in `TrustHorizon`; not used where the model declares no poles.
    **named
        Functions of `mean`, parameters and time, by name; of a quantum model also of means of operators.

    Raises
    ------
    TypeError, ValueError
        If there is no function, one is none, holds no mean, a variable outside of a mean, or a function that is not
        supported or has steps, a name is taken, or the bound is not positive.
    """

    knows_replicates: ClassVar[bool] = True
    bound_is_relative: ClassVar[bool] = True

    named: Named
    bound: float = attrs.field(validator=above_low_bound)

    def __init__(self, /, *, bound: float = 1e3, **named: Any) -> None:
        distinct_names("Functions", named, (*suffixes(*KINDS), "_horizon"))
        for name, function in named.items():
            _check(name, function)
        self.__attrs_init__(tuple(named.items()), bound)

    def start(self, ensemble: Ensemble) -> FunctionRecord:
        """Return an empty record."""
        for name, function in self.named:
            variables = outside_of_means(function) & set(ensemble.variables)
            if variables:
                x = min(variables, key=str)
                raise ValueError(
                    f"Functions({name}={function}): {x} differs from trajectory to trajectory; write mean({x})"
                )
        for expression in self._means.averaged:
            ensemble.check(expression, self)
        weighted = log_weight in ensemble.variables
        averaged = (self._means.weighted if weighted else self._means).averaged
        named = {f"q{i}": expression for i, expression in enumerate(polarised(list(averaged)))}
        taken: Observer
        if ensemble.poles is None:
            taken = WeightedMoments(**named) if weighted else Moments(**named)
        elif weighted:
            taken = WeightedTrustHorizon(bound=freezing_bound(self, ensemble.poles, ensemble.most), **named)
        else:
            taken = TrustHorizon(bound=self.bound, **named)
        return FunctionRecord(taken, taken.start(ensemble), ensemble.trajectories)

    @property
    def of_means(self) -> Mapping[str, sp.Expr]:
        """The functions by name."""
        return dict(self.named)

    @property
    def _means(self) -> MeansOf:
        return MeansOf.of(self.named)

    def only_sums(self, record: FunctionRecord) -> bool:
        """Return whether the means do."""
        return isinstance(record.taken, Summing)

    def summed(self, record: FunctionRecord) -> tuple[sp.Expr, ...]:
        """Return of what means are taken."""
        return record.taken.summed(record.means) if isinstance(record.taken, Summing) else ()

    def add(self, record: FunctionRecord, recording: Recording) -> None:
        """Add a block's values at some output times."""
        if isinstance(record.taken, Summing):
            record.taken.add(record.means, recording)

    def update(self, record: FunctionRecord, snapshot: Snapshot) -> None:
        """Add a block's values at an output time."""
        record.taken.update(record.means, snapshot)

    def finish(self, record: FunctionRecord) -> xr.Dataset:
        """Return the functions with their errors and horizons."""
        import xarray as xr

        found = record.taken.finish(record.means)
        means = self._means.weighted if "weight" in found else self._means
        count = len(polarised(list(means.averaged)))
        at = {kind: _estimates(found, kind, count) for kind in ("", *KINDS) if f"q0{kind}" in found}
        if "weight" in found:
            at = {kind: _by_size(each, np.abs(found["weight"].values)) for kind, each in at.items()}
        variables: dict[str, Any] = {}
        for (name, function), told in zip(self.named, means.functions, strict=True):
            told_of = FunctionOfMeans(told, means.symbols, record.trajectories)
            variables |= _values(name, function, told_of, at)
            variables[name][-1].update(_untold(variables[name][1], found["time"].values, "weight" in found))
            horizons = [f"q{i}_horizon" for i, m in enumerate(means.symbols) if told.has(m)]
            if horizons[0] in found:
                about = {"long_name": f"last output time that can be trusted, {function}"}
                variables[f"{name}_horizon"] = ((), min(float(found[h]) for h in horizons), about)
        return xr.Dataset(variables, coords={"time": found["time"]})


def _values(name: str, function: sp.Expr, told: FunctionOfMeans, at: dict[str, Estimates]) -> dict[str, Any]:
    """Return a function of means of all kinds, as variables."""
    value = told.of(at[""])
    variables = written(name, value, str(function))
    if "_step_error" in at:
        change = told.change(at[""], at["_step_error"])
        variables |= written(f"{name}_step_error", change, f"step error of {function}")
        better = told.of(at["_extrapolated"])
        variables |= written(f"{name}_extrapolated", better, f"{function} without its step error")
    return variables


def _check(name: str, function: Any) -> None:
    """Raise TypeError or ValueError unless a function is one of means."""
    if isinstance(function, bool) or not isinstance(function, (sp.Expr, Number)):
        raise TypeError(f"Functions({name}={function!r}): must be a sympy expression of mean(...)")
    averages = function.atoms(mean) if isinstance(function, sp.Expr) else set()
    if not isinstance(function, sp.Expr) or not averages:
        raise ValueError(
            f"Functions({name}={function}): holds no mean(...); for the mean itself write mean({function}), or take "
            f"Moments({name}={function})"
        )
    symbols = {m: sp.Dummy("m") for m in averages}
    ((_, smooth),) = expressions({name: function.xreplace(symbols)})
    check_smooth(name, smooth, tuple(symbols.values()))
    expressions({name: sp.Add(*(m.args[0] for m in averages))})


def _estimates(found: xr.Dataset, kind: str, count: int) -> Estimates:
    """Return means that stand in a dataset under the names q0, q1, ... and a kind."""
    columns = [
        np.array([found[f"q{i}{kind}{suffix}"].values for i in range(count)])
        for suffix in ("", "_se", "_imag_se", "_floor", "_imag_floor")
        if f"q0{kind}{suffix}" in found
    ]
    floor = None if len(columns) == 3 else columns[3] + 1j * columns[4]
    return attrs.evolve(Estimates.of_parts((columns[0].real, columns[0].imag), (columns[1], columns[2])), floor=floor)


def _by_size(means: Estimates, size: NDArray[np.float64]) -> Estimates:
    """Return weighted means over a power of two near the mean weight, so that floats hold their powers too.

    Not a number where no float holds the weight, or has fewer digits for it than it should.
    """
    held = (size > SMALLEST) & (size < np.inf)
    exponent = -np.frexp(np.where(held, size, 1.0))[1]
    return means.each(lambda z: np.where(held, times_power_of_two(z, exponent), complex(np.nan, np.nan)))


def _untold(value: NDArray[Any], times: NDArray[np.float64], weighted: bool) -> dict[str, str]:
    """Return an attribute that says where a function is not a number."""
    lacking = times[np.isnan(value)]
    if not len(lacking):
        return {}
    where = f"at {len(lacking)} of {len(times)} output times, from t = {lacking[0]:g} to {lacking[-1]:g},"
    return {
        UNTOLD: f"not a number {where if len(lacking) > 1 else f'at t = {lacking[0]:g},'} where a denominator, or what "
        f"stands under a root or logarithm, lies within {RESOLVED:g} standard errors of zero or of a branch cut, or a "
        f"mean is not told{', or no float holds the weight' if weighted else ''}"
    }
