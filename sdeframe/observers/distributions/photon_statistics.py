"""Probabilities of photon numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.caches import cached
from sdeframe.interfaces.named_expressions import Named, distinct_names, expressions
from sdeframe.interfaces.observer import Ensemble
from sdeframe.interfaces.operators import in_variables
from sdeframe.interfaces.recording import VALUES, Recording, Summing, row_count
from sdeframe.observers.distributions.ordering import Ordering, check_number, ordering
from sdeframe.observers.distributions.photon_kernels import KINDS_OF_VALUES, fill
from sdeframe.observers.step_error import KINDS, step_estimates, tally
from sdeframe.observers.tally import Tally
from sdeframe.observers.trust import TrustHorizon, TrustRecord, alarms, last_before
from sdeframe.observers.writing import suffixes, written
from sdeframe.scratch import scratch
from sdeframe.symbolic.averages import has_placeholder
from sdeframe.symbolic.symbols import log_weight
from sdeframe.validators import is_whole, shown

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.interfaces.model import Model

SUFFIXES: Final = ("_horizon", *suffixes(*KINDS))
"""What is written for a name beside its probabilities."""

LARGEST: Final = 500
"""Beyond, e^(−N) may be no float where N^n e^(−N)/n! is one."""

OVER: Final = ("photons", "time")


@attrs.define
class PhotonRecord:
    """Sums of what is averaged for every photon number, by time."""

    times: NDArray[np.float64]
    sums: tuple[Tally, ...]
    """Of each mode what is averaged, then in positive-P and P the same without what is not tame."""
    trust: TrustRecord | None
    """Of the photon numbers, where the model declares poles."""

    def __add__(self, other: PhotonRecord) -> PhotonRecord:
        """Return the record of the trajectories of both."""
        both = self.trust + other.trust if self.trust is not None and other.trust is not None else None
        sums = tuple(a + b for a, b in zip(self.sums, other.sums, strict=True))
        return PhotonRecord(self.times, sums, both)


@attrs.frozen(init=False)
class PhotonStatistics(Summing):
    """Probabilities P(n) of n photons of a mode, with the standard errors of their real and imaginary parts.

    In positive-P and in P they are averages of N^n e^(−N)/n! with N = α·α⁺, in Wigner of 2(−1)^n L_n(4|α|²) e^(−2|α|²)
    with the Laguerre polynomials; in Q there is no function that could be averaged. For a name ``P`` it writes, over
    ("time", "photons"), the complex means ``P`` with ``P_se`` and ``P_imag_se``, and with ``step_error=True`` what
    `Moments` does; of tied trajectories the floors too.

    In positive-P N^n e^(−N) grows without limit where Re N is negative, and a few trajectories then decide a mean. So
    ``P_horizon``, over "photons", is the last output time before an alarm that is raised in either of two ways. What is
    averaged is held against the same with 0 in place of values beyond 10 n^n e^(−n)/n!, ten times what a Poisson law
    gives n photons at most, with the constants of `TrustHorizon`. And where the model declares poles, the photon number
    has a horizon of its own, see `TrustHorizon`. `Result.horizon` gives the earliest of all n. A record takes 64 bytes,
    in Wigner half of it, for each n, output time and level of a binary tree of the trajectories.

    Parameters
    ----------
    largest
        The largest photon number n, up to 500.
    representation
        "positive-P", "P" or "Wigner": that of the equations.
    **named
        The expression whose average is `<a†a>` in this representation, by the name of the probabilities: α·α⁺, or in
        Wigner |α|² − 1/2, as `Derivation.average` and the observables of models give it. Or the operator a†a.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, or it is none or not that of a photon number, n or the representation is not valid,
        or, when it is run, trajectories have a weight.
    """

    knows_replicates: ClassVar[bool] = True
    bound_is_relative: ClassVar[bool] = True
    bound: ClassVar[float | None] = 1e3  # type: ignore[misc]

    named: Named
    largest: int
    representation: str

    def __init__(self, /, largest: int, *, representation: str = "positive-P", **named: Any) -> None:
        distinct_names("PhotonStatistics", named, SUFFIXES, ("photons",))
        if not is_whole(largest) or not 1 <= largest <= LARGEST:
            raise ValueError(
                f"largest={shown(largest)} in PhotonStatistics: must be a photon number from 1 to {LARGEST}"
            )
        ordering(representation)
        self.__attrs_init__(expressions(named), int(largest), representation)
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name, number in self.named:
            if not has_placeholder(number):
                check_number(name, number, self.representation)

    def of_model(self, model: Model) -> Self:
        """Return the observer with expressions in a model's variables in place of operators."""
        found = in_variables(self, model.average)
        found._check_numbers()
        return found

    @property
    def _ordering(self) -> Ordering:
        return ordering(self.representation)

    @property
    def _labels(self) -> tuple[sp.Expr, ...]:
        """Names of the rows of what is summed up of a mode."""
        return _labels((self.largest + 1) * KINDS_OF_VALUES[self._ordering.kernel])

    @property
    def _trust(self) -> TrustHorizon:
        """What tells the horizon of the photon numbers."""
        return _trust(self.named)

    def start(self, ensemble: Ensemble) -> PhotonRecord:
        """Return an empty record."""
        if log_weight in ensemble.variables:
            raise ValueError(
                f"PhotonStatistics({self.named[0][0]}=...): this run has a weight exp(C0), such as that of a drift "
                f"gauge: run without it, or take WeightedMoments of N**n * exp(-N) / factorial(n) for single n"
            )
        for _, number in self.named:
            for expression in _averaged(number, self._ordering):
                ensemble.check(expression, self)
        trust = None if ensemble.poles is None else self._trust.start(ensemble)
        bound = None if trust is None else trust.bounds[0]
        return PhotonRecord(ensemble.times, tuple(tally(ensemble, len(self._labels), bound) for _ in self.named), trust)

    def summed(self, record: PhotonRecord) -> tuple[sp.Expr, ...]:
        """Return photon numbers with their kernels' first values, and what tells the horizon of photon numbers."""
        own = (expression for _, number in self.named for expression in _averaged(number, self._ordering))
        return tuple(dict.fromkeys((*own, *(self._trust.summed(record.trust) if record.trust else ()))))

    def add(self, record: PhotonRecord, recording: Recording) -> None:
        """Add a block's values at some output times."""
        if record.trust is not None:
            self._trust.add(record.trust, recording)
        runs, times, _, *place = recording.rows.shape
        shape = runs, 1, row_count(len(self._labels), None), *place
        for (_, number), sums in zip(self.named, record.sums, strict=True):
            chosen = recording.places(_averaged(number, self._ordering))
            for at in range(times):
                rows, out = np.ascontiguousarray(recording.rows[:, at]), scratch("photons", shape)
                out[:, 0, :VALUES] = rows[:, :VALUES]
                flat = (each.reshape(runs, -1, place[0] * place[1]) for each in (rows, out))
                fill(self._ordering.kernel, self.largest, chosen, VALUES, *flat)
                with np.errstate(over="ignore", invalid="ignore"):  # of e^(−N), which the horizon tells
                    sums.add(Recording(recording.first + at, recording.held, self._labels, out), self._labels)

    def finish(self, record: PhotonRecord) -> xr.Dataset:
        """Return probabilities, their standard errors and horizons."""
        import xarray as xr

        trusted = None if record.trust is None else self._trust.finish(record.trust)
        variables: dict[str, Any] = {}
        for (name, number), sums in zip(self.named, record.sums, strict=True):
            about, many = f"probability of photons, {number} in {self.representation}", slice(self.largest + 1)
            found = sums.estimates(0)[1]
            variables |= written(name, found[many], about, OVER)
            for kind, step in zip(KINDS, step_estimates(sums) or (), strict=False):
                variables |= written(f"{name}{kind}", step[many], f"{kind[1:].replace('_', ' ')} of the {about}", OVER)
            last = np.full(self.largest + 1, np.inf if trusted is None else float(trusted[f"{name}_horizon"]))
            if self._ordering.analytic:
                with np.errstate(invalid="ignore"):
                    raised = alarms(found[many], found[self.largest + 1 :], self._trust.error_ratio, self._trust.shift)
                last = np.minimum(last, [last_before(record.times, each) for each in raised])
            if np.isfinite(last).all():
                told = {"long_name": f"last output time that can be trusted, {about}"}
                variables[f"{name}_horizon"] = ("photons", last, told)
        coords = {"time": record.times, "photons": np.arange(self.largest + 1)}
        return xr.Dataset(variables, coords=coords).transpose("time", "photons")


@cached(64)
def _trust(named: Named) -> TrustHorizon:
    return TrustHorizon(**dict(named))


@cached(64)
def _averaged(number: sp.Expr, known: Ordering) -> tuple[sp.Expr, ...]:
    """Return the photon number and the first value of a kernel, from which all others follow."""
    return number, known.start(number)


@cached(64)
def _labels(count: int) -> tuple[sp.Expr, ...]:
    return tuple(sp.Symbol(f"row {k}") for k in range(count))
