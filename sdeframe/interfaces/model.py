"""What is simulated: a system, its initial state and the values of its parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.interfaces.kets import KetOperator
from sdeframe.interfaces.poles import Poles
from sdeframe.symbolic.symbols import log_weight
from sdeframe.symbolic.system import SDE
from sdeframe.validators import shown

Expressions = Mapping[str, sp.Expr]

EXACT: Final = "exact"
"""The method of an exact solution of which there is but one."""


class Model(ABC):
    """A stochastic system with an initial state and parameter values; physical parameters are its attrs fields."""

    @abstractmethod
    def system(self) -> SDE:
        """Return the stochastic differential equations, parameters as symbols."""

    @abstractmethod
    def initial_state(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Return an expression in parameters and random symbols for every variable."""

    @abstractmethod
    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return the value of every parameter."""

    @property
    def observables(self) -> Expressions | Mapping[str, KetOperator]:
        """Quantities worth a mean, by name."""
        return {}

    def average(self, operator: Any) -> sp.Expr:
        """Return the expression in the variables whose average is that of an operator.

        Raises
        ------
        TypeError
            If this is no model of operators.
        """
        raise _no_operators(self, operator)

    def correlation(self, A: Any, B: Any) -> tuple[sp.Expr, sp.Expr]:
        """Return the expressions of which the first one at t₀ and the second one at t have the product <A(t₀) B(t)>.

        Raises
        ------
        TypeError
            If this is no model of operators.
        """
        raise _no_operators(self, f"{A}, {B}")

    def between(self, operator: Any) -> KetOperator:
        """Return an operator between two kets.

        Raises
        ------
        TypeError
            If this is no model of kets.
        """
        raise TypeError(f"{operator}: {type(self).__name__} is no model of kets; run QuantumModel(master, Ket(), ...)")

    @property
    def invariants(self) -> Expressions:
        """Expressions that stay constant on every trajectory."""
        return {}

    @property
    def balances(self) -> Mapping[str, tuple[sp.Expr, sp.Expr]]:
        """Pairs of an expression and its drift in the mean, ``d<expression>/dt = <drift>``."""
        return {}

    @property
    def runaway_variables(self) -> tuple[sp.Symbol, ...]:
        """The variables that the freezing bound tests; all of them unless a model says otherwise."""
        return tuple(self.system().variables.values())

    @property
    def poles(self) -> Poles | None:
        """Where the runaway variables have movable poles, how large they are and what goes wrong first; else None."""
        return None

    @property
    def largest_step(self) -> float | None:
        """The largest step that a scheme of second order should take of this model; None where nothing is known."""
        return None

    @property
    def title(self) -> str:
        """What a picture says of the model where its description is long."""
        return type(self).__name__

    def _repr_html_(self) -> str:
        from sdeframe.interfaces.model_page import model_html

        return model_html(self)


def _no_operators(model: Model, operator: Any) -> TypeError:
    return TypeError(
        f"{operator}: {type(model).__name__} knows no operators; give expressions in its variables, such as "
        f"{next(iter(model.system().variables))}, or run QuantumModel(master, PositiveP(), ...)"
    )


class SolvableModel(Model):
    """A model whose moments are known by other means."""

    @abstractmethod
    def exact(self, times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        """Return the exact value of every observable at the given times, by name.

        A value that is itself an average has its standard error under the name with "_se" added.
        """

    def exact_method(self, times: ArrayLike) -> str:
        """Return how `exact` solves for these times, where it has several ways."""
        return EXACT


def _given(kind: type, example: str) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """Return a validator that raises TypeError unless a value is of a kind."""

    def validate(instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not isinstance(value, kind) or isinstance(value, str):
            raise TypeError(f"{attribute.alias}={shown(value)} in {type(instance).__name__}: must be like {example}")

    return validate


@attrs.frozen(eq=False)
class SymbolicModel(Model):
    """A system that runs without a class of its own.

    Parameters
    ----------
    sde
        The system.
    initial
        For every variable a number or an expression in parameters and random symbols.
    values
        The value of every parameter (given as ``parameters=``).
    initial_log_weight
        Where the log-weight of a weighted system starts.
    tested
        The variables that the freezing bound tests (given as ``runaway_variables=``); all if not given.
    declared_poles
        What is known of movable poles (given as ``poles=``); without it a run has no trust horizon.

    Raises
    ------
    TypeError
        If something is of another kind.
    """

    sde: SDE = attrs.field(validator=_given(SDE, "SDE({x: -x}, {x: W})"))
    initial: Mapping[sp.Symbol, Any] = attrs.field(validator=_given(Mapping, "{x: 1.0}"))
    values: Mapping[sp.Symbol, float] = attrs.field(
        factory=dict, alias="parameters", validator=_given(Mapping, "{k: 1.0}")
    )
    initial_log_weight: Any = 0
    tested: tuple[sp.Symbol, ...] | None = attrs.field(
        default=None, alias="runaway_variables", validator=attrs.validators.optional(_given(Iterable, "(x,)"))
    )
    declared_poles: Poles | None = attrs.field(
        default=None, alias="poles", validator=attrs.validators.optional(_given(Poles, "Poles(scale=1.0)"))
    )

    def system(self) -> SDE:
        """Return the system."""
        return self.sde

    def initial_state(self) -> Mapping[sp.Symbol, sp.Expr]:
        """Return the initial expressions, the log-weight's among them where there is one."""
        weighted = self.sde.log_weight is not None or self.initial_log_weight != 0
        weight = {log_weight: self.initial_log_weight} if weighted else {}
        return {**self.initial, **weight}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return the parameter values."""
        return self.values

    @property
    def runaway_variables(self) -> tuple[sp.Symbol, ...]:
        """The variables that the freezing bound tests."""
        return tuple(self.sde.variables.values()) if self.tested is None else tuple(self.tested)

    @property
    def poles(self) -> Poles | None:
        """What is known of movable poles."""
        return self.declared_poles
