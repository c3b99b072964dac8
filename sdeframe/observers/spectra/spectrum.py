"""Spectra of stationary fluctuations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.named_expressions import distinct_names, expressions
from sdeframe.interfaces.observer import Ensemble
from sdeframe.interfaces.operators import two_times, with_fields
from sdeframe.interfaces.recording import ALIVE, PEAK, Recording, Summing
from sdeframe.observers.spectra.samples import Samples
from sdeframe.observers.spectra.transforms import TAPERS, Pair, frequencies, plan, taper_of, to_spectra
from sdeframe.observers.spectra.unweighted import check_unweighted
from sdeframe.observers.step_error import KINDS
from sdeframe.observers.trust import above_low_bound
from sdeframe.observers.windows import Window, held, spacing, valid_window
from sdeframe.observers.writing import suffixes
from sdeframe.validators import one_of, shown, true_or_false

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.interfaces.model import Model

SUFFIXES: Final = ("_alive", "_horizon", *suffixes(*KINDS))
"""What is written for a name beside its mean."""
FREQUENCY: Final = "frequency"


@attrs.define
class SpectrumRecord:
    """Spectra of trajectories, summed; while a block runs, its values in the window."""

    first: int
    """Number of the first output time in the window."""
    count: int
    """Output times in the window."""
    dt: float
    """Time between them."""
    samples: Samples
    series: NDArray[np.float64] | None = None
    """Of the expressions, shape (runs, 2 max(expressions, names), times, trajectories); none after the window."""

    def __add__(self, other: SpectrumRecord) -> SpectrumRecord:
        """Return the record of the trajectories of both."""
        return attrs.evolve(self, samples=self.samples + other.samples, series=None)


@attrs.frozen(init=False)
class Spectrum(Summing):
    """Spectra S_AB(ω) = ∫ ⟨A(t) B(t+τ)⟩ e^{iωτ} dτ of what is stationary within a window of time.

    Of each trajectory it takes Ã(ω) B̃(ω) dt/N, with Ã = Σ_j A(t_j) e^{-iωt_j} and B̃ = Σ_j B(t_j) e^{iωt_j} over the N
    output times in the window, dt apart: so a ∝ e^{-iΔt} has its line at ω = +Δ, and at any length and spacing

        Σ_k S(ω_k) Δω/2π = (1/N) Σ_j ⟨A(t_j) B(t_j)⟩,    Δω = 2π/T,    T = N dt

    holds exactly, with Δω the resolution and π/dt the largest frequency. A line that is narrower than Δω comes out with
    that width, and what lies beyond π/dt is folded back. A window of length T sees correlations of delay τ with the
    share 1 − |τ|/T: S is the true spectrum smoothed by (1/T) |sin(ωT/2)/(ω/2)|²/2π, which a line of width γ misses by
    a share of about 2/(γT) at its top (γ: full width at half maximum).

    For each name it writes, over the angular "frequency", two-sided and ascending: the complex mean over trajectories
    ``<name>`` with the standard errors ``<name>_se`` and ``<name>_imag_se`` of its parts; with ``step_error=True`` also
    ``<name>_step_error`` and ``<name>_extrapolated``, as in `Moments`; and once ``<name>_alive``, how many trajectories
    count: those that were not lost up to the end of the window. Trajectories are samples, so correlation in time costs
    errors no honesty. Spectra of different frequencies come from the same trajectories.

    Where the model declares its poles, ``<name>_horizon`` is the last output time that can be trusted: no later than
    those of A, B and AB, as `TrustHorizon` tells them, and before the end of the window unless the survivors of its two
    bounds agree in S at every frequency. That a window ends beyond it is among the warnings of the result.
    Averages are bare, so the representation says what is ordered how: see docs/spectra, also for the field that leaves
    a cavity. While a block runs it holds 16 bytes an expression, output time in the window and trajectory of the block,
    twice that with a step error; nothing grows with the number of trajectories.

    Parameters
    ----------
    window
        First and last time. All output times within count, and must be equally spaced.
    taper
        "none", or "hann", which multiplies values in time by √(2/3) (1 − cos(2πj/N)) first: a line then falls off with
        the sixth power of the distance in place of the second, and is some 1.6 times as wide. In the law above
        ⟨A(t_j) B(t_j)⟩ has the weight w_j², of mean 1, which changes nothing where it is stationary.
    bound
        Above 10, in units of the model's scale, as in `TrustHorizon`; not used where the model declares no poles.
    unweighted
        Whether the spectrum without the weight is wanted where the system has one.
    **named
        Pairs (A, B) of sympy expressions in the model's variables, parameters and time, by name: (early, late). Of a
        quantum model also of operators, ``S=(a.dag(), a)``, if their products are averages at both signs of τ: each is
        one that stands before or, the second one, behind the other, or a pair (L, R) of what stands on both sides.

    Raises
    ------
    TypeError, ValueError
        If there is no pair, one is no pair of expressions, or something else is not valid; when it is run, if the
        window does not fit the output times, there is a weight that nobody said to leave out, or operators have no
        such expressions.
    """

    knows_replicates: ClassVar[bool] = True
    bound_is_relative: ClassVar[bool] = True

    named: tuple[Pair, ...]
    window: Window
    taper: str = attrs.field(validator=one_of(*TAPERS))
    bound: float = attrs.field(validator=above_low_bound)
    unweighted: bool = attrs.field(validator=true_or_false)

    def __init__(
        self, /, *, window: Sequence[float], taper: str = "none", bound: float = 1e3, unweighted: bool = False,
        **named: Any,
    ) -> None:  # fmt: skip
        self.__attrs_init__(_pairs(named), valid_window("Spectrum", window), taper, bound, unweighted)

    def of_model(self, model: Model) -> Self:
        """Return the observer with expressions in a model's variables in place of operators."""
        found = partial(_both_orders, model)
        pairs = ((name, *two_times(f"Spectrum({name}=...)", (a, b), found)) for name, a, b in self.named)
        return with_fields(self, named=tuple(pairs))

    def start(self, ensemble: Ensemble) -> SpectrumRecord:
        """Return an empty record."""
        for name, *pair in self.named:
            check_unweighted(ensemble, f"Spectrum({name}=...)", pair, self.unweighted)
            for expression in pair:
                ensemble.check(expression, self)
        inside = held("Spectrum", self.window, ensemble.times)
        dt = spacing("Spectrum", ensemble.times[inside.start : inside.stop])
        entering = [(a, b, a * b) for _, a, b in self.named]
        samples = Samples.of_none(ensemble, entering, len(inside), self.bound)
        return SpectrumRecord(inside.start, len(inside), dt, samples)

    def summed(self, record: SpectrumRecord) -> tuple[sp.Expr, ...]:
        """Return the expressions that are transformed, then what is watched for poles."""
        return (*plan(self.named)[0], *record.samples.watched)

    def add(self, record: SpectrumRecord, recording: Recording) -> None:
        """Keep a block's values at output times in the window; at its end take their spectra into the record."""
        if record.samples.watch is not None:
            record.samples.watch.add(recording)
        begin, last = max(recording.first, record.first), record.first + record.count - 1
        end = min(recording.times.stop, last + 1)
        if begin >= end:
            return
        (expressions, products), held = plan(self.named), recording.held
        if record.series is None:
            rows = 2 * max(len(expressions), len(self.named))
            record.series = np.empty((len(recording.rows), rows, record.count, held.count))
        rows_at = recording.rows[:, begin - recording.first : end - recording.first]
        values = held.in_order(rows_at[:, :, recording.places(expressions)])
        at = slice(begin - record.first, end - record.first)
        record.series[:, : 2 * len(expressions), at] = values.swapaxes(1, 2)
        if end == last + 1:
            taper = taper_of(self.taper, record.count)
            runs = [to_spectra(run, products, record.dt, taper) for run in record.series]
            record.samples.add(held.first, runs, held.in_order(rows_at[:, -1, [ALIVE, PEAK]]))
            record.series = None

    def finish(self, record: SpectrumRecord) -> xr.Dataset:
        """Return the spectra with their standard errors."""
        import xarray as xr

        resolution, largest = 2 * np.pi / (record.count * record.dt), np.pi / record.dt
        told = (
            f"angular frequency; {record.count} values {record.dt:.6g} apart resolve {resolution:.4g}, and reach "
            f"{largest:.4g}"
        )
        named = [(name, f"spectrum of {a} with {b}") for name, a, b in self.named]
        variables = record.samples.written(named, (FREQUENCY,), record.first + record.count - 1)
        for name, _ in named:
            variables[name][-1].update(resolution=resolution, largest_frequency=largest)
        axis = (FREQUENCY, frequencies(record.count, record.dt), {"long_name": told})
        return xr.Dataset(variables, coords={FREQUENCY: axis})


def _both_orders(model: Model, A: Any, B: Any) -> tuple[sp.Expr, sp.Expr]:
    """Return the expressions of operators A and B, whichever of them acts first; B stands behind A."""
    (before, behind) = A if isinstance(A, tuple) else (A, None)
    (left, right) = B if isinstance(B, tuple) else (None, B)
    found = model.correlation(A, right if left is None else left * right)
    model.correlation((1, B) if left is None else B, before if behind is None else before * behind)  # may refuse it
    return found


def _pairs(named: Mapping[str, Any]) -> tuple[Pair, ...]:
    """Return pairs of expressions by name, or raise an error where one is none."""
    if not named:
        raise ValueError("Spectrum() has no pair: give at least one, such as S=(ad, a): the early, then the late one")
    for name, pair in named.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"{name}={shown(pair)} in Spectrum: must be a pair of expressions, such as (ad, a)")
        if name == FREQUENCY:
            raise ValueError(f"Spectrum({name}=...): is the name of a coordinate; choose another name")
    distinct_names("Spectrum", named, SUFFIXES)
    early, late = (expressions({name: pair[i] for name, pair in named.items()}) for i in range(2))
    return tuple((name, a, b) for (name, a), (_, b) in zip(early, late, strict=True))
