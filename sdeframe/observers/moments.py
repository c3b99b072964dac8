"""Means over the trajectories alive at each time, as the paper takes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.observer import Ensemble, Observer, Snapshot, distinct_names, expressions, valid_bound
from sdeframe.sums.moments import reduce_moments
from sdeframe.sums.tree import NodeKey, Tree, merge_moments, reduce_leaves

if TYPE_CHECKING:
    import xarray as xr


Named = tuple[tuple[str, sp.Expr], ...]

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

    named: Named
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
        add_moments(record.values, snapshot, len(record.times), real_parts(values), alive)
        add_differences(record.differences, snapshot, len(record.times), values, chosen, self.bound)

    def finish(self, record: MomentRecord) -> xr.Dataset:
        """Return means and standard errors."""
        import xarray as xr

        variables: dict[str, Any] = {}
        count, means, errors = statistics(total_or_zeros(record.values, 1 + 4 * len(self.named), len(record.times)))
        for i, (name, expression) in enumerate(self.named):
            variables |= written(name, means[i], errors[i], f"mean of {expression}")
            if self.bound is not None:
                variables[f"{name}_alive"] = ("time", count.astype(np.int64), {"bound": float(self.bound)})
        variables |= step_errors(self.named, record.differences, record.richardson, len(record.times))
        return xr.Dataset(variables, coords={"time": record.times})


def written(name: str, mean: NDArray[Any], error: NDArray[Any], about: str) -> dict[str, Any]:
    """Return a mean and the standard errors of its parts as variables."""
    return {
        name: ("time", mean, {"long_name": about}),
        f"{name}_se": ("time", error.real),
        f"{name}_imag_se": ("time", error.imag),
    }


def step_errors(named: Named, differences: Tree, richardson: float | None, times: int) -> dict[str, Any]:
    """Return what the step adds to means, with standard errors, as variables; nothing where it is not wanted."""
    if richardson is None:
        return {}
    variables: dict[str, Any] = {}
    _, means, errors = statistics(total_or_zeros(differences, 1 + 4 * len(named), times))
    for i, (name, expression) in enumerate(named):
        about = f"step error of the mean of {expression}"
        variables |= written(f"{name}_step_error", means[i] / richardson, errors[i] / richardson, about)
    return variables


def real_parts(values: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return all real parts, then all imaginary parts, along the first axis."""
    return np.concatenate([values.real, values.imag])


def add_moments(
    tree: Tree, snapshot: Snapshot, times: int, parts: NDArray[np.float64], counted: NDArray[np.bool_]
) -> None:
    """Put real values of the trajectories that count, shape (parts, trajectories), into a tree of `merge_moments`."""
    add_nodes(tree, snapshot, times, reduce_moments(snapshot.first, parts, counted))


def real_leaves(parts: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what `merge_moments` merges: single trajectories with real values of shape (parts, trajectories)."""
    values = np.where(counted, parts, 0.0)
    return np.concatenate([counted[None, :].astype(float), values, np.zeros_like(values)])


def add_differences(
    tree: Tree,
    snapshot: Snapshot,
    times: int,
    values: NDArray[np.complex128],
    chosen: tuple[sp.Expr, ...],
    bound: float | None,
) -> None:
    """Put coarse less fine values of the trajectories within a bound in both runs into a tree, where both are run."""
    if snapshot.coarse is not None:
        both = snapshot.survivors(bound) & snapshot.coarse.survivors(bound)
        add_moments(tree, snapshot, times, real_parts(snapshot.coarse.evaluate(chosen) - values), both)


def add_leaves(tree: Tree, snapshot: Snapshot, times: int, leaves: NDArray[np.float64]) -> None:
    """Put the trajectories of a snapshot, shape (statistics, trajectories), into a tree over all output times."""
    add_nodes(tree, snapshot, times, reduce_leaves(snapshot.first, leaves, tree.merge))


def add_nodes(tree: Tree, snapshot: Snapshot, times: int, nodes: Iterable[tuple[NodeKey, NDArray[np.float64]]]) -> None:
    """Put nodes of a snapshot, each of shape (statistics,), into a tree over all output times."""
    for key, node in nodes:
        if key not in tree.nodes:
            tree.nodes[key] = np.zeros((len(node), times))
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
