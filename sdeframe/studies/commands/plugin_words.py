"""Plugins with their parameters, in words of the command line; no text is read as an expression."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.studies.commands.parsing import parse_value

OBSERVER: Final = (
    "must be KIND, or KIND:ITEM,ITEM,... with names of observables and KEY=VALUE, such as moments:excited,pair or "
    "trajectories:trajectory_ids=0:9:10,path=excited"
)
EXAMPLES: Final = {
    "gauge": "quartic-drift:switch=always,switch.kappa=0.5",
    "integrator": "w2s4:increments=octagon",
    "sampling": "balanced:replicates=16",
}
"""Of options that name a plugin with parameters."""


def parse_observer(text: str) -> dict[str, Any]:
    """Return the table that KIND:ITEM,ITEM,... describes.

    An item is a name of what the model declares, or KEY=VALUE. A value is a number, a word, true or false,
    FIRST:LAST:COUNT, or names with colons between; numbers that follow make a list of it, as does a comma at the end.

    Raises
    ------
    ValueError
        If the text is nothing of this kind.
    """
    table, names = _items(f"--observer {text}", OBSERVER, "kind", text)
    return table | ({"of": names} if names else {})


def parse_plugin(option: str, text: str | None) -> dict[str, Any]:
    """Return the table that NAME:KEY=VALUE,... describes, none if no text is given; values are those of observers.

    What is chosen by a word may have parameters of its own behind a dot: switch=always,switch.kappa=0.5.

    Raises
    ------
    ValueError
        If the text is nothing of this kind.
    """
    if text is None:
        return {}
    where = f"--{option} {text}"
    must = f"must be NAME, or NAME:KEY=VALUE,..., such as {EXAMPLES[option]}"
    items, names = _items(where, must, "name", text)
    if names:
        raise ValueError(f"{where}: {names[0]!r} is no KEY=VALUE; {must}")
    table = {key: value for key, value in items.items() if "." not in key}
    for key in items.keys() - table.keys():
        head, _, field = key.partition(".")
        before = {"name": table[head]} if isinstance(table.get(head), str) else table.get(head, {})
        if head in ("", "name") or not field or not isinstance(before, dict) or field in before:
            raise ValueError(f"{where}: {key!r} is no parameter, or stands there twice; {must}")
        table[head] = {**before, field: items[key]}
    return table


def _items(where: str, must: str, head: str, text: str) -> tuple[dict[str, Any], list[str]]:
    """Return the table of a text, what stands before the colon below `head`, and the names without a value."""
    kind, colon, items = text.partition(":")
    table: dict[str, Any] = {head: kind}
    names: list[str] = []
    last = None
    for item in items.split(",") if colon else ():
        key, equals, word = item.partition("=")
        if equals and key not in ("", "of", *table):
            last, table[key] = key, _parse_item(where, word)
        elif not equals and last is not None and _is_number(item.partition(":")[0] or "0"):
            before = table[last] if isinstance(table[last], list) else [table[last]]
            table[last] = [*before, _parse_item(where, item)] if item else before
        elif equals or not item or ":" in item:
            raise ValueError(f"{where}: {item!r} is no item, or stands there twice; {must}")
        else:
            names.append(item)
    if not kind:
        raise ValueError(f"{where}: {must}")
    return table, names


def _parse_item(where: str, word: str) -> Any:
    """Return what stands behind the sign of equality."""
    if word in ("true", "false"):
        return word == "true"
    parts = word.split(":")
    numbers = [_is_number(part) for part in parts]
    if len(parts) == 3 and all(numbers):
        return dict(zip(("first", "last", "count"), map(parse_value, parts), strict=True))
    if not all(parts) or (len(parts) > 1 and any(numbers)):
        raise ValueError(f"{where}: {word!r} is no value, which is a number, a word, FIRST:LAST:COUNT or A:B")
    return parse_value(word) if len(parts) == 1 else parts


def _is_number(word: str) -> bool:
    return not isinstance(parse_value(word), str)
