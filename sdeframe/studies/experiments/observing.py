"""What is recorded of an experiment: observers by kind, each of declared expressions by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from sdeframe import registry
from sdeframe.interfaces.model import Model
from sdeframe.studies.criteria import HIGH, WEIGHT_BOUND
from sdeframe.studies.experiments.experiment import check_known
from sdeframe.studies.experiments.plugins import made, takes_expressions
from sdeframe.studies.experiments.text import Table
from sdeframe.validators import shown

Expressions = Mapping[str, sp.Expr]


def observables(model: Model) -> Expressions:
    """Return what has a mean unless told otherwise: what a model declares, else its variables."""
    return dict(model.observables) or dict(model.system().variables)


def usual(model: Model, weighted: bool) -> list[Table]:
    """Return the observers of an experiment that names none: means, with a horizon where poles are known; losses."""
    kind = "moments" if model.poles is None else "trust-horizon"
    return [
        {"kind": f"weighted-{kind}" if weighted else kind},
        {"kind": "runaways", "bound": HIGH, "weight_bound": WEIGHT_BOUND},
    ]


def observer(table: Table, model: Model) -> tuple[Any, Table]:
    """Return an observer, and the table that describes it with all of its settings.

    ``of`` lists names of observables that the model declares, of its invariants or of its variables; all observables
    if not given, of `Conserved` all invariants. No text is read as an expression.

    Raises
    ------
    TypeError, ValueError
        If there is no such observer, setting or expression.
    """
    name = table["kind"]
    kind, where = registry.find("observers", name), f"observers.{name}"
    settings = {key: value for key, value in table.items() if key not in ("kind", "of")}
    if not takes_expressions(kind):
        if "of" in table:
            raise ValueError(f"{where}.of={shown(table['of'])}: takes no expressions, so leave it out")
        found = made(where, kind, settings)
        return found.value, {"kind": name, **found.settings}
    names = _names(f"{where}.of", table["of"]) if "of" in table else list(_all(name, model))
    known = {**model.system().variables, **model.invariants, **observables(model)}
    check_known(f"{where}.of: {type(model).__name__} declares no", names, known)
    found = made(where, kind, settings, **{name: known[name] for name in names})
    return found.value, {"kind": name, "of": names, **found.settings}


def _all(kind: str, model: Model) -> Expressions:
    return model.invariants if kind == "conserved" else observables(model)


def _names(key: str, given: Any) -> list[str]:
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"{key}={shown(given)}: must be a list of names, such as ['excited']")
    if not given or len(set(given)) < len(given):
        raise ValueError(f"{key}={shown(given)}: must hold at least one name, each once")
    return list(given)
