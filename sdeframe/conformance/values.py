"""Values along every trajectory of a small ensemble, and the comparison of a mean with its exact value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot
from sdeframe.running.simulation import simulate

if TYPE_CHECKING:
    import xarray as xr

STANDARD_ERRORS: Final = 5.0
"""Where a mean and its exact value part; the false-alarm probability of one comparison is 6e-7."""


@contextmanager
def accepted() -> Iterator[None]:
    """Turn a refusal of the program into a failed check."""
    try:
        yield
    except (TypeError, ValueError) as refusal:
        raise AssertionError(str(refusal)) from refusal


@attrs.define
class ValueRecord:
    """Values by output time and first trajectory."""

    values: dict[tuple[int, int], NDArray[np.complex128]]

    def __add__(self, other: ValueRecord) -> ValueRecord:
        """Return the record of the trajectories of both."""
        return ValueRecord({**self.values, **other.values})


@attrs.frozen(eq=False)
class Values(Observer):
    """Keeps expressions of every trajectory, of the coarse run too where there is one: for small ensembles."""

    expressions: Mapping[str, sp.Expr]

    def start(self, ensemble: Ensemble) -> ValueRecord:
        """Return an empty record."""
        for expression in self.expressions.values():
            ensemble.check(expression, self)
        return ValueRecord({})

    def update(self, record: ValueRecord, snapshot: Snapshot) -> None:
        """Keep a block's values, fine ones first."""
        chosen = tuple(self.expressions.values())
        runs = [snapshot] if snapshot.coarse is None else [snapshot, snapshot.coarse]
        record.values[snapshot.index, snapshot.first] = np.array([run.evaluate(chosen) for run in runs])

    def finish(self, record: ValueRecord) -> xr.Dataset:
        """Return the values over ("run", "time", "trajectory")."""
        import xarray as xr

        indices = sorted({index for index, _ in record.values})
        table = [
            np.concatenate([v for (i, _), v in sorted(record.values.items()) if i == index], axis=-1)
            for index in indices
        ]
        values = np.moveaxis(np.array(table), 0, 2) if table else np.zeros((1, len(self.expressions), 0, 0))
        return xr.Dataset({n: (("run", "moment", "path"), values[:, k]) for k, n in enumerate(self.expressions)})


def values(
    model: Model, integrator: Integrator, named: Mapping[str, sp.Expr], times: Sequence[float], count: int, **run: Any
) -> xr.Dataset:
    """Return expressions along every trajectory of a small ensemble."""
    result = simulate(
        model, integrator, observers=[Values(named)], times=times, trajectories=count, seed=1, progress=False, **run
    )
    return result.dataset


def compare(name: str, runs: NDArray[np.complex128], exact: complex, weak_order: float, uncertain: float = 0.0) -> None:
    """Check that a mean is exact within 5 standard errors plus twice its step error, real and imaginary part.

    Values of the fine and of the coarse run have the shape (2, trajectories); `uncertain` is the standard error of the
    exact value.
    """
    fine, coarse = runs
    root, scale = np.sqrt(fine.size), 2**weak_order - 1
    for part in ("real", "imag"):
        mean, right = getattr(fine, part).mean(), getattr(exact, part)
        error = np.hypot(getattr(fine, part).std(ddof=1) / root, uncertain)
        difference = getattr(coarse - fine, part)
        step = (abs(difference.mean()) + 2 * difference.std(ddof=1) / root) / scale
        allowed = STANDARD_ERRORS * error + 2 * step + 1e-12
        assert abs(mean - right) <= allowed, (
            f"{name}: {part} part {mean:.6g} ± {error:.2g} (step {step:.2g}), not {right:.6g}"
        )
