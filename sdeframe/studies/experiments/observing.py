"""What is recorded of an experiment: observers by kind, each of declared expressions by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from sdeframe import registry
from sdeframe.interfaces.model import Model
from sdeframe.studies.criteria import HIGH, WEIGHT_BOUND
from sdeframe.studies.experiments.experiment import check_known
from sdeframe.studies.experiments.plugins import defaults, expression_fields, made, takes_expressions
from sdeframe.studies.experiments.spaced import spelled_out
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

    ``of`` lists names of observables that the model declares, of its invariants or of its variables. Any other key that
    is no parameter of the observer is a name of its own for one of them, or for several of which the observer makes
    one thing: ``g1 = ["a_plus", "a"]``. If nothing is named, it is all observables, of `Conserved` all invariants. No
    text is read as an expression. A parameter of many numbers may be a table of the first, the last and their number.

    Raises
    ------
    TypeError, ValueError
        If there is no such observer, setting or expression.
    """
    name = table["kind"]
    kind, where = registry.find("observers", name), f"observers.{name}"
    own = {key: value for key, value in table.items() if key not in ("kind", "of")}
    known = {**model.system().variables, **model.invariants, **observables(model)}
    denial = f"{type(model).__name__} declares no"
    if not takes_expressions(kind):
        fields = expression_fields(kind)
        if "of" in table:
            way_out = f"give {fields[0]} = ..., the name of one" if fields else "takes no expressions, so leave it out"
            raise ValueError(f"{where}.of={shown(table['of'])}: {way_out}")
        named = {key: own[key] for key in fields if key in own}
        for key, value in named.items():
            check_known(f"{where}.{key}: {denial}", [value], known)
        settings = {key: value for key, value in own.items() if key not in named}
        given = {key: known[value] for key, value in named.items()}
        return _made(where, kind, {"kind": name, **named}, settings, **given)
    for key, value in own.items():
        if key not in defaults(kind) and isinstance(value, list) and not _is_naming(value):
            raise TypeError(
                f"{where}.{key}={shown(value)}: must be a name, such as {next(iter(known))!r}, or a list of two or "
                f"more, of which the observer makes one thing; there are {', '.join(known)}"
            )
    renamed = {key: value for key, value in own.items() if key not in defaults(kind) and _is_naming(value)}
    settings = {key: value for key, value in own.items() if key not in renamed}
    names = _names(f"{where}.of", table["of"]) if "of" in table else [] if renamed else list(_all(name, model))
    if twice := sorted({*names} & {*renamed}):
        raise ValueError(f"{where}.{twice[0]}={shown(renamed[twice[0]])}: {twice[0]!r} stands in {where}.of too")
    check_known(f"{where}.of: {denial}", names, known)
    for key, value in renamed.items():
        check_known(f"{where}.{key}: {denial}", [value] if isinstance(value, str) else value, known)
    chosen = {key: known[v] if isinstance(v, str) else tuple(known[n] for n in v) for key, v in renamed.items()}
    said = {"kind": name, **({"of": names} if names else {}), **renamed}
    return _made(where, kind, said, settings, **{n: known[n] for n in names}, **chosen)


def _made(where: str, kind: Any, said: Table, settings: Table, /, **named: Any) -> tuple[Any, Table]:
    """Return an observer and its table, in which settings stand as they were given."""
    numbers = {key: spelled_out(f"{where}.{key}", value) for key, value in settings.items()}
    found = made(where, kind, numbers, **named)
    return found.value, {**said, **found.settings, **settings}


def _is_naming(value: Any) -> bool:
    """Tell whether a value can name expressions: a name, or a list of two or more."""
    return isinstance(value, str) or (
        isinstance(value, list) and len(value) > 1 and all(isinstance(v, str) for v in value)
    )


def _all(kind: str, model: Model) -> Expressions:
    return model.invariants if kind == "conserved" else observables(model)


def _names(key: str, given: Any) -> list[str]:
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"{key}={shown(given)}: must be a list of names, such as ['excited']")
    if not given or len(set(given)) < len(given):
        raise ValueError(f"{key}={shown(given)}: must hold at least one name, each once")
    return list(given)
