"""Plain values as text of TOML, there and back; nothing in it ever runs."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from sdeframe.validators import shown

Table = Mapping[str, Any]

LARGEST: Final = 2**20
"""Letters of a text that is read, at most."""
DEEPEST: Final = 8
"""Tables within tables, at most."""
LONG_KEY: Final = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){16}""")
"""A key of more dots than any table is deep, on which the reader of the standard library spends quadratic time."""


def parsed(text: str) -> dict[str, Any]:
    """Return the table that a text holds.

    Raises
    ------
    ValueError
        If it is no TOML, or larger or deeper than the description of any run.
    """
    if len(text) > LARGEST:
        raise ValueError(f"is longer than {LARGEST} letters, which no experiment is")
    if LONG_KEY.search(text):
        raise ValueError(f"holds tables deeper than {DEEPEST}, which no experiment does")
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise ValueError(f"holds tables deeper than {DEEPEST}, which no experiment does") from None
    except ValueError as error:
        raise ValueError(f"is no TOML: {' '.join(str(error).split())}") from None
    check_plain("", table)
    return table


def check_plain(key: str, value: Any, depth: int = 0) -> None:
    """Raise ValueError where a value is or holds something else than numbers, text, lists and tables."""
    if depth > DEEPEST:
        raise ValueError(f"holds tables deeper than {DEEPEST}, which no experiment does")
    if isinstance(value, Mapping):
        for name, item in value.items():
            _check_text(f"a key of {key or 'the table'}", name)
            check_plain(f"{key}.{name}" if key else name, item, depth + 1)
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            check_plain(f"{key}[{number}]", item, depth + 1)
    elif isinstance(value, str):
        _check_text(key, value)
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"{key}: holds an integer that is too large: must be below 2**63 in size")
    elif not isinstance(value, float):
        raise ValueError(f"{key}={shown(value)}: must be a number, text, True or False, a list or a table")
    elif value != value:
        raise ValueError(f"{key}=nan: must be a number")


def _check_text(key: str, value: Any) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{key}={shown(value)}: must be text of one line that can be printed")


def written(table: Table) -> str:
    """Return a table of plain values as text, of which `parsed` makes the same table: a line for each key."""
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in table.items())


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # what can be printed is quoted by TOML as by JSON


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(name)} = {_value(item)}' for name, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    return float.__repr__(value) if isinstance(value, float) else repr(value)  # numbers of numpy are floats too
