"""Means over the trajectories alive at each time, as the paper takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.observer import Ensemble, Observer, Snapshot, distinct_names, expressions, valid_bound
from sdeframe.tree import Tree, merge_moments, reduce_leaves

if TYPE_CHECKING:
    import xarray as xr


SUFFIXES = ("_se", "_imag_se", "_alive", "_step_error", "_step_error_se", "_step_error_imag_se")
"""What is written for a name beside its mean."""


@attrs.define
class MomentRecord:
    """Counts, means and squared deviations by time; of the differences of coarse and fine run too where wanted."""

    times: NDArray[np.float64]
    richardson: float | None
    """2^p − 1 for weak order p, where the step error is wanted."""
    values: Tree
    differences: Tree

    def __add__(self, other: MomentRecord) -> MomentRecord:
        """Return the record of the trajectories of both."""
        return attrs.evolve(self, values=self.values + other.values, differences=self.differences + other.differences)


@attrs.frozen(init=False)
class Moments(Observer):
    """Means of symbolic expressions with the standard errors of their real and imaginary parts.

    For each name it writes, over "time": the complex mean ``<name>``, its standard errors ``<name>_se`` (real part)
    and ``<name>_imag_se`` (imaginary part), √(sample variance / number of survivors). With ``step_error=True`` also
    ``<name>_step_error`` = (m_2h − m_h)/(2^p − 1), what the step adds to the mean at weak order p, over the pairs of
    trajectories alive in both runs, with ``<name>_step_error_se`` and ``<name>_step_error_imag_se``. With a bound
    of its own it writes the number of survivors as ``<name>_alive``.

    Parameters
    ----------
    bound
        Who has ever passed this bound is left out; the run's freezing bound decides if not given.
    **named
        Sympy expressions in the model's variables, parameters and time, by name.

    Raises
    ------
    TypeError, ValueError
        If there is no expression, one is no expression, or the bound is not positive.
    """

    named: tuple[tuple[str, sp.Expr], ...]
    bound: float | None = attrs.field(validator=attrs.validators.optional(valid_bound))

    def __init__(self, *, bound: float | None = None, **named: Any) -> None:
        distinct_names("Moments", named, SUFFIXES)
        self.__attrs_init__(tuple(expressions(named).items()), bound)

    def start(self, ensemble: Ensemble) -> MomentRecord:
        """Return an empty record."""
        for _, expression in self.named:
            ensemble.check(expression, self)
        richardson = 2**ensemble.weak_order - 1 if ensemble.step_error else None
        return MomentRecord(ensemble.times, richardson, Tree(merge_moments), Tree(merge_moments))

    def update(self, record: MomentRecord, snapshot: Snapshot) -> None:
        """Add a block's values at an output time."""
        chosen = tuple(expression for _, expression in self.named)
        values, alive = snapshot.evaluate(chosen), snapshot.survivors(self.bound)
        self._add(record.values, record, snapshot, values, alive)
        if snapshot.coarse is not None:
            both = alive & snapshot.coarse.survivors(self.bound)
            self._add(record.differences, record, snapshot, snapshot.coarse.evaluate(chosen) - values, both)

    def _add(
        self, tree: Tree, record: MomentRecord, snapshot: Snapshot, values: NDArray[Any], alive: NDArray[np.bool_]
    ) -> None:
        leaves = moment_leaves(np.concatenate([values.real, values.imag]), alive)
        add_leaves(tree, snapshot, len(record.times), leaves)

    def finish(self, record: MomentRecord) -> xr.Dataset:
        """Return means and standard errors."""
        import xarray as xr

        variables: dict[str, Any] = {}
        count, means, errors = self._statistics(record.values, record)
        for i, (name, expression) in enumerate(self.named):
            about = {"long_name": f"mean of {expression}"}
            variables[name] = ("time", means[i], about)
            variables[f"{name}_se"] = ("time", errors[i].real)
            variables[f"{name}_imag_se"] = ("time", errors[i].imag)
            if self.bound is not None:
                variables[f"{name}_alive"] = ("time", count.astype(np.int64), {"bound": float(self.bound)})
        if record.richardson is not None:
            _, means, errors = self._statistics(record.differences, record)
            for i, (name, _) in enumerate(self.named):
                variables[f"{name}_step_error"] = ("time", means[i] / record.richardson)
                variables[f"{name}_step_error_se"] = ("time", errors[i].real / record.richardson)
                variables[f"{name}_step_error_imag_se"] = ("time", errors[i].imag / record.richardson)
        return xr.Dataset(variables, coords={"time": record.times})

    def _statistics(self, tree: Tree, record: MomentRecord) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        return statistics(total_or_zeros(tree, 1 + 4 * len(self.named), len(record.times)))


def moment_leaves(parts: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what `merge_moments` merges: single trajectories with values of shape (parts, trajectories)."""
    values = np.where(counted, parts, 0.0)
    return np.concatenate([counted[None, :].astype(float), values, np.zeros_like(values)])


def add_leaves(tree: Tree, snapshot: Snapshot, times: int, leaves: NDArray[np.float64]) -> None:
    """Put the trajectories of a snapshot, shape (statistics, trajectories), into a tree over all output times."""
    for key, node in reduce_leaves(snapshot.first, leaves, tree.merge):
        if key not in tree.nodes:
            tree.nodes[key] = np.zeros((len(leaves), times))
        tree.nodes[key][:, snapshot.index] = node


def total_or_zeros(tree: Tree, rows: int, times: int) -> NDArray[np.float64]:
    """Return the node of all trajectories, shape (rows, times); zeros where there are none."""
    total = tree.total()
    return np.zeros((rows, times)) if total is None else total


def statistics(node: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the count, and of each name the complex mean and the errors of its two parts, as one complex.

    The means of a node of `merge_moments` are those of all real parts, then of all imaginary parts.
    """
    m = len(node) // 4
    count, mean, squares = node[0], node[1 : 2 * m + 1], node[2 * m + 1 :]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, mean, np.nan)
        errors = np.sqrt(np.where(count > 1, squares / (count - 1) / count, np.nan))
    return count, mean[:m] + 1j * mean[m:], errors[:m] + 1j * errors[m:]
