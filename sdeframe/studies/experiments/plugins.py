"""Objects of plugins from plain settings, and their settings again."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

import attrs
import sympy as sp

from sdeframe.gauges import Always, ConditionalSwitch, Switch, TanhSwitch
from sdeframe.interfaces.increments import FourPoint, Gaussian, Law, Octagon
from sdeframe.sampling import Balanced, Independent
from sdeframe.studies.experiments.experiment import check_known
from sdeframe.studies.experiments.text import Table
from sdeframe.validators import shown

LAWS: Final[Mapping[str, type[Law]]] = {"gaussian": Gaussian, "four-point": FourPoint, "octagon": Octagon}
SWITCHES: Final[Mapping[str, type[Switch]]] = {
    "always": Always, "conditional": ConditionalSwitch, "tanh": TanhSwitch,
}  # fmt: skip
BY_WORD: Final[Mapping[str, Mapping[str, Any]]] = {"increments": LAWS, "switch": SWITCHES}
"""Settings that are objects, told by a word, or by a table with the word as its name."""
SAMPLINGS: Final = {"independent": Independent, "balanced": Balanced}
REQUIRED: Final = inspect.Parameter.empty


def chosen(key: str, name: Any, words: Mapping[str, Any]) -> Any:
    """Return what a word stands for, or raise ValueError."""
    if not isinstance(name, str) or name not in words:
        raise ValueError(f"{key}={shown(name)}: must be {' or '.join(map(repr, words))}")
    return words[name]


@attrs.frozen
class Made:
    """An object with all of its settings that are plain values, those too that were not given."""

    value: Any
    settings: Table


def made(where: str, kind: Any, given: Table, /, **more: Any) -> Made:
    """Return an object of a plugin's class.

    Parameters
    ----------
    where
        Names the table in messages.
    kind
        The class.
    given
        Settings, plain values.
    **more
        Arguments that are no settings.

    Raises
    ------
    TypeError, ValueError
        If it has no such setting, lacks one, or refuses a value.
    """
    known = defaults(kind)
    check_known(f"{where}: {kind.__name__} has no parameter", given, known)
    if missing := [name for name, value in known.items() if value is REQUIRED and name not in {*given, *more}]:
        raise ValueError(f"{where} needs {missing[0]} = ...: {kind.__name__} has no default for it")
    arguments = {name: _read(where, name, value) for name, value in given.items()}
    try:
        value = kind(**arguments, **more)
    except Exception as error:  # a plugin that does not check what it is given may raise anything
        told = f"{where}: {' '.join(str(error).split()) or type(error).__name__}"
        raise (TypeError if isinstance(error, TypeError) else ValueError)(told) from error
    return Made(value, {name: plain for name in known if (plain := given.get(name, _plain(value, name))) is not None})


def defaults(kind: Any) -> dict[str, Any]:
    """Return the default of every setting of a class, `REQUIRED` where there is none."""
    return {p.name: p.default for p in inspect.signature(kind).parameters.values() if p.kind is not p.VAR_KEYWORD}


def takes_expressions(kind: Any) -> bool:
    """Tell whether a class of observers takes expressions, each under a name of its own."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(kind).parameters.values())


def expression_fields(kind: Any) -> list[str]:
    """Return the settings of a class that are declared to be an expression each."""
    known = (sp.Expr, "sp.Expr", "sympy.Expr", "Expr")
    return [name for name, p in inspect.signature(kind).parameters.items() if p.annotation in known]


def rest(table: Table) -> Table:
    """Return a table without the name in it."""
    return {name: value for name, value in table.items() if name != "name"}


def _read(where: str, name: str, value: Any) -> Any:
    """Return a value for a class: where it is told by a word, the object."""
    if name not in BY_WORD or isinstance(value, bool):
        return value
    key = f"{where}.{name}"
    if not isinstance(value, Mapping):
        return made(key, chosen(key, value, BY_WORD[name]), {}).value
    return made(key, chosen(f"{key}.name", value.get("name"), BY_WORD[name]), rest(value)).value


def _plain(value: Any, name: str) -> Any:
    """Return an attribute as a plain value, or None where it is none: then it is what its class says."""
    found = getattr(value, name, None)
    for word, kind in BY_WORD.get(name, {}).items():
        if type(found) is kind:
            own = {field: _plain(found, field) for field in defaults(kind)}
            return {"name": word, **own} if own else word
    if isinstance(found, tuple):
        items = [list(item) if isinstance(item, tuple) else item for item in found]
        return items if all(map(_is_plain, items)) else None
    if isinstance(found, sp.Expr) and found.is_real and found.is_number:
        return int(found) if found.is_Integer else float(found)
    return found if _is_plain(found) else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str)) or (isinstance(value, list) and all(map(_is_plain, value)))
