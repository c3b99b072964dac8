"""``sdeframe validate open``: the open cases of figures 2 to 5 at the minimal damping against the exact solution."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.models import TavisCummings
from sdeframe.storage.store import Store
from sdeframe.studies.criteria import HIGH, LARGEST_DEVIATION, LOW, SHARE
from sdeframe.studies.ensembles import (
    drawn_damping,
    ensemble,
    figure_cases,
    reference,
    searched_damping,
)
from sdeframe.studies.tables import Row

if TYPE_CHECKING:
    import xarray as xr

BIAS: Final = 0.5
"""The share lost at the low bound, in standard errors, from which on the mean may be biased: what left it is of order
one, as is the observable."""


def open_system(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold open systems at the minimal damping against the exact solution (100,000 trajectories each)."""
    store = Store()
    for closed in figure_cases():
        yield from case_rows(store, closed, trajectories or 100_000, threads)


def case_rows(store: Store, closed: TavisCummings, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield the rows of one case."""
    name = f"N={closed.atoms} {closed.start} nph={closed.photons:g}"
    minimal = searched_damping(store, closed, threads)
    decay = drawn_damping(minimal)
    low, high = minimal.interval
    yield Row(name, "minimal damping", minimal.value, standard_error=(high - low) / 4, note=f"used: {decay:g}")
    model = attrs.evolve(closed, decay=decay)
    result = ensemble(store, model, trajectories, threads)
    exact = reference(store, model)
    yield Row(name, f"0.5 % time, bound {LOW:g}", result.runaway_time(SHARE, LOW))
    yield Row(name, f"0.5 % time, bound {HIGH:g}", result.runaway_time(SHARE, HIGH))
    yield Row(name, "trusted until", result.horizon("excited"))
    yield from deviation_rows(name, result.dataset, exact)


def deviation_rows(case: str, run: xr.Dataset, exact: xr.Dataset) -> Iterator[Row]:
    """Yield until when the mean of bound 10 is judged, and its largest deviations until then and after.

    The error of the exact curve is added in quadrature. The mean of bound 1e3 is shown by its own standard error,
    which proves nothing: it is inflated by what biases the mean.
    """
    times, index = run["time"].values, np.arange(run.sizes["time"])
    end = first_biased(run)
    before, after = (index > 0) & (index < end), index >= end
    off, error = deviation(run, exact, "excited_low")
    imaginary = np.abs(run["excited_low"].values.imag) / divisible_errors(run["excited_low_imag_se"].values)

    def row(quantity: str, values: NDArray[Any], where: NDArray[np.bool_], limit: float | None = None) -> Row:
        at = int(np.argmax(np.where(where, values, -1.0)))
        passed = None if limit is None else bool(values[at] < limit)
        return Row(case, quantity, float(values[at]), float(times[at]), None, limit, passed)

    yield Row(case, f"bound {LOW:g}: share lost above se/2 from", float(times[end]) if after.any() else math.inf)
    yield row(f"bound {LOW:g}, before: |mean - exact| / se", off / error, before, LARGEST_DEVIATION)
    yield row(f"bound {LOW:g}, before: |imaginary part| / se", imaginary, before, LARGEST_DEVIATION)
    if after.any():
        yield row(f"bound {LOW:g}, after: |mean - exact| / se", off / error, after)
        yield row(f"bound {LOW:g}, after: |mean - exact|", off, after)
    off, error = deviation(run, exact, "excited")
    yield row(f"bound {HIGH:g}: |mean - exact| / own se", off / error, index > 0)
    yield row(f"bound {HIGH:g}: |mean - exact|", off, index > 0)


def first_biased(run: xr.Dataset) -> int:
    """Return the index of the first output time at which the share that has passed 10 exceeds half a standard error."""
    biased = run["lost_low"].values > BIAS * run["excited_low_se"].values
    return int(np.argmax(biased)) if biased.any() else len(biased)


def deviation(run: xr.Dataset, exact: xr.Dataset, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a mean's distance from the exact curve and the standard error of that."""
    off = np.abs(run[name].values.real - exact["excited"].values)
    return off, divisible_errors(np.hypot(run[f"{name}_se"].values, exact["excited_se"].values))


def divisible_errors(errors: NDArray[Any]) -> NDArray[Any]:
    """Return standard errors to divide by: those of the start are 0, as is what they divide."""
    return np.maximum(errors, np.finfo(float).tiny)
