"""What is kept of an ensemble as it passes by."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, Self

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.interfaces.poles import Poles

Evaluator = Callable[[sp.Expr], NDArray[np.complex128]]


class Ensemble(Protocol):
    """What an observer may know of a run before it starts."""

    @property
    def times(self) -> NDArray[np.float64]:
        """Output times."""

    @property
    def weak_order(self) -> float:
        """Weak order of the integrator."""

    @property
    def step_error(self) -> bool:
        """Whether a coarse run on the same Brownian paths goes along."""

    @property
    def trajectories(self) -> int:
        """Number of trajectories."""

    @property
    def variables(self) -> Sequence[sp.Symbol]:
        """State variables."""

    @property
    def poles(self) -> Poles | None:
        """What the model declares of its movable poles."""

    def check(self, expression: sp.Expr, owner: object) -> None:
        """Raise ValueError if an expression holds a symbol or function that the run cannot evaluate."""


@attrs.frozen(eq=False)
class Snapshot:
    """A block of trajectories at one output time."""

    index: int
    """Number of the output time."""
    time: float
    first: int
    """Number of the block's first trajectory."""
    state: NDArray[np.complex128]
    """Shape (variables, trajectories), the log-weight last where there is one; the lost keep their last state."""
    alive: NDArray[np.bool_]
    """Who has not passed the freezing bound, shape (trajectories,)."""
    peak_squared: NDArray[np.float64]
    """Largest squared modulus so far of the tested variables, shape (trajectories,)."""
    evaluate: Callable[[tuple[sp.Expr, ...]], NDArray[np.complex128]]
    """Expressions of the state to values of shape (expressions, trajectories)."""
    coarse: Snapshot | None = None
    """The same trajectories with twice the step, where the step error is wanted."""

    def survivors(self, bound: float | None) -> NDArray[np.bool_]:
        """Return who lives and has never passed a bound of the observer's own."""
        return self.alive if bound is None else self.alive & (self.peak_squared <= float(bound) ** 2)


class Record(Protocol):
    """What an observer keeps of some trajectories; records of other trajectories add to it."""

    def __add__(self, other: Any) -> Self:
        """Return the record of the trajectories of both; the same bits for any grouping."""


class Observer(ABC):
    """Records something at every output time."""

    bound: float | None = None
    """The bound on the tested variables that this observer wants, or None."""
    weight_bound: float | None = None
    """The bound beyond which |Ω| = exp(Re C0) is to be counted, or None."""
    bound_is_relative: ClassVar[bool] = False
    """Whether `bound` is in units of the model's scale, and grows with large ensembles; see `freezing_bound`."""

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


def valid_bound(instance: object, attribute: attrs.Attribute[Any], bound: Any) -> None:
    """Raise ValueError unless a bound is a positive number whose square is one too, or inf (attrs validator)."""
    number = isinstance(bound, Real) and not isinstance(bound, bool)
    if not (number and (1e-150 <= float(bound) <= 1e150 or float(bound) == math.inf)):
        raise ValueError(
            f"{attribute.name}={bound!r} in {type(instance).__name__}: must be a positive number, such as 1e3 "
            f"(1e-150 to 1e150, or inf)"
        )


LARGE_ENSEMBLE: Final = 1_000_000
"""In larger ones a single spike below a bound of 1e3 changes no mean of order one by its standard error; so a relative
bound grows as the square root of their number."""


def freezing_bound(observer: Observer, poles: Poles | None, trajectories: int) -> float | None:
    """Return the bound on the tested variables that an observer asks for in a run, or None."""
    if observer.bound is None or not observer.bound_is_relative:
        return observer.bound
    grown = float(observer.bound) * math.sqrt(max(1.0, trajectories / LARGE_ENSEMBLE))
    return grown if poles is None else poles.on_variables(grown)


def common_weight_bound(observers: Sequence[Observer]) -> float | None:
    """Return the bound on the weight that observers ask for, or None where none does.

    Raises
    ------
    ValueError
        If they ask for different ones.
    """
    bounds = sorted({float(o.weight_bound) for o in observers if o.weight_bound is not None})
    if len(bounds) > 1:
        raise ValueError(
            f"weight_bound is {' and '.join(f'{b:g}' for b in bounds)} in different observers: "
            f"a run counts weights beyond one bound, so give all of them the same"
        )
    return bounds[0] if bounds else None


COORDINATES = ("time", "step", "bound", "trajectory")
"""Names that a dataset's coordinates have."""


def distinct_names(owner: str, named: Iterable[str], suffixes: Sequence[str], once: Sequence[str] = ()) -> None:
    """Raise ValueError where a name is one that is written for another name, or `once` for all of them."""
    known = tuple(named)
    if not known:
        raise ValueError(f"{owner}() has no expression: give at least one, such as {owner}(excited=model.excited)")
    for name in known:
        if name in once:
            raise ValueError(f"{owner}({name}=...): {name!r} is written for all names; choose another name")
        clash = next((n for n in known for suffix in suffixes if n == name + suffix), None)
        if clash:
            raise ValueError(
                f"{owner}({name}=..., {clash}=...): {clash!r} is written for {name!r}; choose another name"
            )


def expressions(named: Mapping[str, Any]) -> dict[str, sp.Expr]:
    """Return named expressions, numbers turned into sympy ones.

    Raises
    ------
    TypeError, ValueError
        If one of them is text or no expression, or has the name of a coordinate.
    """
    for key, value in named.items():
        if not isinstance(value, (sp.Expr, int, float, complex)):
            raise TypeError(
                f"{key}={value!r}: must be a sympy expression in the model's variables, such as model.excited"
            )
    for key in named:
        if key in COORDINATES:
            raise ValueError(f"{key}=...: is the name of a coordinate; choose another name")
    return {key: sp.sympify(value) for key, value in named.items()}
