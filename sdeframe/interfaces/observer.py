"""What is kept of an ensemble as it passes by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, Self, runtime_checkable

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.operators import in_variables
from sdeframe.validators import shown

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.interfaces.model import Model
    from sdeframe.interfaces.poles import Poles


COUNT: Final = "count"
"""The attribute of a plain mean that names the variable which says how many trajectories it is taken over."""

CAVEAT: Final = "caveat"
"""The attribute of a variable with what must be known beside it, which a run gives among its warnings."""
DOUBT: Final = "doubt"
"""The attribute with what should be known as well, which a result tells when it is asked."""
TRAJECTORIES: Final = {"units": "trajectories"}
"""The attributes of what counts trajectories, so that those of other trajectories add to it."""


class Ensemble(Protocol):
    """What an observer may know of a run before it starts."""

    @property
    def times(self) -> NDArray[np.float64]:
        """Output times."""

    @property
    def weak_order(self) -> float:
        """Weak order with which means converge."""

    @property
    def step_error(self) -> bool:
        """Whether a coarse run on the same Brownian paths goes along."""

    @property
    def trajectories(self) -> int:
        """Number of trajectories."""

    @property
    def numbers(self) -> range:
        """Numbers of the trajectories, as many, which need not begin with 0."""

    @property
    def most(self) -> int:
        """As many, or the most that a run could have had which ended early: bounds follow from it."""

    @property
    def replicate_size(self) -> int:
        """Trajectories that only together are independent of others, a power of 2: 1 if each is.

        Replicate number ρ holds the trajectories from ρ times this size on. See `sdeframe.sampling.replicate_error`.
        """

    @property
    def group_size(self) -> int:
        """Neighbouring trajectories that form a group, which no block splits: 1 where there are no groups."""

    @property
    def event_times(self) -> Sequence[float]:
        """When something happens to groups as a whole."""

    @property
    def variables(self) -> Sequence[sp.Symbol]:
        """State variables."""

    @property
    def poles(self) -> Poles | None:
        """What the model declares of its movable poles."""

    def check(self, expression: sp.Expr, owner: object) -> None:
        """Raise ValueError if an expression holds a symbol or function that the run cannot evaluate."""


class Held(Protocol):
    """A block's trajectories as kernels hold them: row r of lane l of a buffer at r·lanes + l."""

    @property
    def step(self) -> int:
        """Steps made."""

    @property
    def first(self) -> int:
        """Number of the first trajectory."""

    @property
    def count(self) -> int:
        """Number of trajectories."""

    @property
    def lanes(self) -> int:
        """Trajectories a buffer."""

    @property
    def folded(self) -> bool:
        """Whether neighbours stand in the same lane of a group of buffers; see `sdeframe.sums.fold`."""

    @property
    def alive(self) -> int:
        """Row that tells who has not passed the freezing bound."""

    @property
    def peak(self) -> int:
        """Row of the largest squared modulus so far of the tested variables."""

    @property
    def reach(self) -> int | None:
        """Row of the largest squared modulus so far of the strongest observables, where poles are simple."""

    @property
    def buffers(self) -> NDArray[np.float64]:
        """Shape (buffers, rows · lanes)."""

    @property
    def reports(self) -> NDArray[np.float64]:
        """What events did so far to each group of the block, shape (groups, events, 3)."""

    def row(self, number: int) -> NDArray[np.float64]:
        """Return a row, shape (trajectories,)."""

    def state(self) -> NDArray[np.complex128]:
        """Return the state, shape (variables, trajectories)."""

    def evaluate(self, expressions: tuple[sp.Expr, ...], out: NDArray[np.float64]) -> None:
        """Write real parts, then imaginary parts of expressions of the state, shape (2 expressions, buffers, lanes)."""

    def in_order(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values of shape (..., buffers, lanes) by trajectory, shape (..., trajectories)."""


@attrs.frozen(eq=False, slots=False)
class Snapshot:
    """A block of trajectories at one output time, to be read while its observer is told of it, in `update`."""

    index: int
    """Number of the output time."""
    time: float
    _lanes: Held
    _step: int
    coarse: Snapshot | None = None
    """The same trajectories with twice the step, where the step error is wanted."""

    @property
    def held(self) -> Held:
        """The trajectories as kernels hold them, for what is summed in compiled code."""
        if self._lanes.step != self._step:
            raise RuntimeError("trajectories have gone on since this snapshot: copy in update what is wanted later")
        return self._lanes

    @property
    def first(self) -> int:
        """Number of the block's first trajectory, which need not be the first one of a replicate."""
        return self.held.first

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        """Who has not passed the freezing bound, shape (trajectories,)."""
        return self.held.row(self.held.alive) > 0

    @cached_property
    def peak_squared(self) -> NDArray[np.float64]:
        """Largest squared modulus so far of the tested variables, shape (trajectories,)."""
        return self.held.row(self.held.peak)

    @cached_property
    def reach_squared(self) -> NDArray[np.float64] | None:
        """Largest squared modulus so far of the strongest observables, where poles are simple."""
        return None if self.held.reach is None else self.held.row(self.held.reach)

    @cached_property
    def state(self) -> NDArray[np.complex128]:
        """Shape (variables, trajectories), the log-weight last where there is one; the lost keep their last state."""
        return self.held.state()

    @property
    def reports(self) -> NDArray[np.float64]:
        """What events did so far to each group of the block, shape (groups, events, 3)."""
        return self.held.reports

    def parts(self, expressions: tuple[sp.Expr, ...]) -> NDArray[np.float64]:
        """Return real parts, then imaginary parts of expressions of the state, shape (2 expressions, trajectories)."""
        if not isinstance(expressions, Sequence):
            raise TypeError(f"expressions={shown(expressions)}: must be a tuple, such as ({shown(expressions)},)")
        held = self.held
        out = np.empty((2 * len(expressions), len(held.buffers), held.lanes))
        held.evaluate(expressions, out)
        return held.in_order(out)

    def evaluate(self, expressions: tuple[sp.Expr, ...]) -> NDArray[np.complex128]:
        """Return values of expressions of the state, shape (expressions, trajectories)."""
        return complex_values(self.parts(expressions))

    def survivors(self, bound: float | None) -> NDArray[np.bool_]:
        """Return who lives and has never passed a bound of the observer's own."""
        return self.alive if bound is None else self.alive & (self.peak_squared <= float(bound) ** 2)


def complex_values(parts: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return complex numbers of which real parts, then imaginary parts are given along the first axis."""
    real, imaginary = parts.reshape(2, len(parts) // 2, *parts.shape[1:])
    values = np.empty(real.shape, dtype=complex)
    values.real, values.imag = real, imaginary  # re + 1j im would lose 1 + inf i
    return values


@runtime_checkable
class Record(Protocol):
    """What an observer keeps of some trajectories; records of other trajectories add to it."""

    def __add__(self, other: Any) -> Self:
        """Return the record of the trajectories of both; the same bits for any grouping.

        Runs say ``+=`` where the left record is held by nobody else: a large one may have ``__iadd__`` too.
        """


class Observer(ABC):
    """Records something at every output time."""

    bound: float | None = None
    """The bound on the tested variables that this observer wants, or None."""
    weight_bound: float | None = None
    """The bound beyond which |Ω| = exp(Re C0) is to be counted, or None."""
    knows_replicates: ClassVar[bool] = False
    """Whether its errors are right where trajectories are tied, or it tells none; else its results are marked."""
    bound_is_relative: ClassVar[bool] = False
    """Whether `bound` is in units of the model's scale, and grows with large ensembles; see `freezing_bound`."""

    @property
    def of_means(self) -> Mapping[str, sp.Expr]:
        """What it writes that is a function of `mean`, by name: its exact curve follows from those of the means."""
        return {}

    def of_model(self, model: Model) -> Self:
        """Return the observer with expressions in a model's variables in place of operators.

        Raises
        ------
        TypeError, ValueError
            If the model knows no operators, or not these.
        """
        return in_variables(self, model.average)

    @abstractmethod
    def start(self, ensemble: Ensemble) -> Any:
        """Return an empty record.

        Raises
        ------
        ValueError
            If the observer does not fit the run.
        """

    @abstractmethod
    def update(self, record: Any, snapshot: Snapshot) -> None:
        """Take a block's state at an output time into its record."""

    @abstractmethod
    def finish(self, record: Any) -> xr.Dataset:
        """Return the record, of no or all trajectories, as variables over "time" and dimensions of its own."""
