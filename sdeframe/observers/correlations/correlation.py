"""Correlations of two expressions at two times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import attrs
import numpy as np
import sympy as sp

from sdeframe.interfaces.named_expressions import distinct_names, expressions
from sdeframe.interfaces.observer import Ensemble
from sdeframe.interfaces.operators import two_times, with_fields
from sdeframe.interfaces.recording import Recording, Summing
from sdeframe.observers.correlations import lags
from sdeframe.observers.correlations.lags import Lags
from sdeframe.observers.correlations.normalisation import is_amplitude
from sdeframe.observers.correlations.products import NAMES
from sdeframe.observers.correlations.record import CorrelationRecord
from sdeframe.observers.correlations.told import told
from sdeframe.observers.step_error import KINDS, tally
from sdeframe.observers.tally import Sum, Tally
from sdeframe.observers.trust import above_low_bound
from sdeframe.observers.trusted import Trusted
from sdeframe.observers.windows import Window, valid_window
from sdeframe.observers.writing import suffixes
from sdeframe.symbolic.symbols import log_weight
from sdeframe.validators import shown

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.interfaces.model import Model

SUFFIXES: Final = (*suffixes(*KINDS, *(f"_normalised{kind}" for kind in ("", *KINDS))), "_horizon")
"""What is written for a name beside its correlation."""

ONCE: Final = ("delay",)


@attrs.frozen(init=False)
class Correlation(Summing):
    """Averages of two expressions at two times, <E(t₀) L(t₀ + τ)>, at every output time from t₀ on.

    ``Correlation(start=10.0, g1=(ad, a))`` writes, over "delay" (τ), the complex ``g1`` with the standard errors
    ``g1_se`` of its real and ``g1_imag_se`` of its imaginary part; over ("start", "delay") for several starts, not a
    number where a start has no such delay. With a window of starts each trajectory gives one sample, the average over
    all output times t₀ in it, and errors are told by trajectories. Who is lost up to t₀ + τ does not count there.

    ``g1_normalised``, with errors by the delta method from what the averages have in common, is

    - g1 = <E(t₀) L(t)> / (<E L>(t₀) √|<E L>(t) / <E L>(t₀)|) for amplitudes, E and L both of degree one in the
      variables: with √(<E L>(t₀) <E L>(t)) where these are positive, as <a†a> is, and 1 at τ = 0 always;
    - g2 = <E(t₀) L(t)> / (<E>(t₀) <L>(t)) for all others.

    Averages at t₀ are over the trajectories that count at t; with a window they are over all of its starts too. Where
    what divides lies within 5 standard errors of zero it is not a number, and the attribute ``untold`` says so.

    With ``step_error=True`` each has a ``..._step_error`` and a ``..._extrapolated`` as in `Moments`. Where the model
    declares its poles, ``g1_horizon`` is the last output time t₀ + τ that can be trusted: no later than those of E, L
    and what divides, as `TrustHorizon` tells them, and where the survivors of its two bounds agree in <E(t₀) L(t)>.

    What these averages are in terms of operators depends on the representation: `Derivation.correlation` gives E and L,
    and does so for a pair of operators of a quantum model, ``g1=(a.dag(), a)`` or, for what acts on both sides at t₀,
    ``g2=((a.dag(), a), a.dag() * a)``.

    Parameters
    ----------
    start
        t₀, an output time, or several of which output times come at the same delays.
    window
        First and last time of the starts that are averaged over, in place of one start.
    bound
        Above 10, in units of the model's scale, as in `TrustHorizon`; not used where the model declares no poles.
    **named
        Pairs (E, L) of expressions in the model's variables, parameters and time, or of operators, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no pair, something is no pair of expressions, a name is taken, there is no start or both kinds, or,
        when it is run, a start is no output time, the run has a weight, or operators have no such expressions.
    """

    knows_replicates: ClassVar[bool] = True
    bound_is_relative: ClassVar[bool] = True

    start_times: tuple[float, ...] | None
    window: Window | None
    one: bool
    """Whether there is no dimension "start"."""
    named: tuple[tuple[str, tuple[sp.Expr, sp.Expr]], ...]
    bound: float = attrs.field(validator=above_low_bound)

    def __init__(self, /, *, start: Any = None, window: Any = None, bound: float = 1e3, **named: Any) -> None:
        distinct_names("Correlation", named, SUFFIXES, ONCE)
        if (start is None) == (window is None):
            raise ValueError(
                f"start={shown(start)}, window={shown(window)} in Correlation: give one of them, such as start=10.0, "
                f"or window=(10.0, 20.0) to average over the starts in it"
            )
        one = window is not None or np.ndim(start) == 0
        pairs = tuple((name, _pair(name, pair)) for name, pair in named.items())
        valid = None if window is None else valid_window("Correlation", window)
        self.__attrs_init__(lags.starts(start), valid, one, pairs, bound)

    def of_model(self, model: Model) -> Self:
        """Return the observer with expressions in a model's variables in place of operators."""
        pairs = ((name, two_times(f"Correlation({name}=...)", pair, model.correlation)) for name, pair in self.named)
        return with_fields(self, named=tuple(pairs))

    def start(self, ensemble: Ensemble) -> CorrelationRecord:
        """Return an empty record."""
        if log_weight in ensemble.variables:
            raise ValueError(
                "Correlation: this run has a weight exp(C0), such as that of a drift gauge, which correlations do not "
                "know: run it without a gauge, where means can be trusted for as long as you need"
            )
        both = [pair for _, pair in self.named]
        for expression in (expression for pair in both for expression in pair):
            ensemble.check(expression, self)
        times = ensemble.times
        found = Lags.of_window(times, self.window) if self.window else Lags.of_starts(times, self.start_times or ())
        amplitudes = tuple(all(is_amplitude(x, ensemble.variables) for x in pair) for pair in both)
        entering = [(E, L, E * L)[: 3 if amplitude else 2] for (E, L), amplitude in zip(both, amplitudes, strict=True)]
        trust, count, bound, low = Trusted.of(ensemble, self.bound, entering), found.latest.size, None, None
        if trust is not None:
            bound, low_bound = trust.bounds
            low = Tally.of_none(len(both), count, ensemble.replicate_size, (Sum(low_bound),))
        return CorrelationRecord(
            times, found, amplitudes, tuple(x for pair in both for x in pair),
            tally(ensemble, NAMES * len(both), bound, count=count), low, trust,
        )  # fmt: skip

    def summed(self, record: CorrelationRecord) -> tuple[sp.Expr, ...]:
        """Return both expressions of every pair, and what is watched for poles."""
        return record.expressions if record.trust is None else (*record.expressions, *record.trust.expressions)

    def add(self, record: CorrelationRecord, recording: Recording) -> None:
        """Add a block's values at some output times."""
        with np.errstate(all="ignore"):  # of the lost, who do not count
            record.add(recording)
        if record.trust is not None:
            record.trust.add(recording)

    def finish(self, record: CorrelationRecord) -> xr.Dataset:
        """Return the correlations, with and without normalisation, with errors and horizons."""
        import xarray as xr

        over = ("delay",) if self.one else ("start", "delay")
        variables = told(record, [name for name, _ in self.named], over)
        if record.trust is not None and record.low is not None:
            about = [(name, f"correlation {name}") for name, _ in self.named]
            upper, low = record.sums.estimates(0)[1][::NAMES], record.low.estimates(0)[1]
            variables |= record.trust.horizons(about, upper, low, record.lags.latest.ravel())
        coordinates: dict[str, Any] = {"delay": record.lags.delays}
        if not self.one:
            coordinates["start"] = [float(record.times[group[0]]) for group in record.lags.groups]
        return xr.Dataset(variables, coords=coordinates)


def _pair(name: str, pair: Any) -> tuple[sp.Expr, sp.Expr]:
    """Return both expressions of a pair, checked."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError(
            f"Correlation({name}={shown(pair)}): must be a pair, what is taken at the start and what later, such as "
            f"{name}=(ad, a)"
        )
    (_, first), (_, second) = (expressions({name: each})[0] for each in pair)
    return first, second
