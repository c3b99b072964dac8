"""Words of the command line as parameters, numbers or times."""

from __future__ import annotations

from typing import Any


def parse_settings(settings: tuple[str, ...]) -> dict[str, Any]:
    """Return parameters that were set, as numbers where they look like numbers.

    Raises
    ------
    ValueError
        If a setting is not NAME=VALUE.
    """
    values = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting}: must be NAME=VALUE, such as atoms=100")
        values[key] = parse_value(text)
    return values


def parse_until(settings: tuple[str, ...]) -> dict[str, Any]:
    """Return when a run ends, as an experiment says it: NAME=ERROR for each mean with at=TIMES, or seconds=SECONDS.

    Raises
    ------
    ValueError
        If a setting is not NAME=VALUE.
    """
    until: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise ValueError(f"--until {setting}: must be NAME=VALUE, such as excited=1e-3, at=1,2 or seconds=60")
        if key == "at":
            until[key] = [parse_value(part) for part in text.split(",")]
        elif key == "seconds":
            until[key] = parse_value(text)
        else:
            until.setdefault("errors", {})[key] = parse_value(text)
    return until


def parse_value(text: str) -> int | float | str:
    """Return a number where the text is one, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse_times(text: str) -> dict[str, Any] | list[float]:
    """Return the times of FIRST:LAST:COUNT or of a list with commas, as an experiment says them.

    Raises
    ------
    ValueError
        If the text is neither.
    """
    try:
        if ":" in text:
            first, last, count = text.split(":")
            return {"first": float(first), "last": float(last), "count": int(count)}
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(
            f"--times {text}: must be FIRST:LAST:COUNT, such as 0:5:101, or a list such as 0,1,2.5"
        ) from None


def parse_trajectories(text: str) -> int | list[int]:
    """Return the number of trajectories, or the first one and the one behind the last of FIRST:END.

    Raises
    ------
    ValueError
        If the text is neither.
    """
    try:
        numbers = [int(part) for part in text.split(":", 1)]
    except ValueError:
        raise ValueError(
            f"--trajectories {text}: must be how many, such as 100000, or FIRST:END, such as 50000:100000"
        ) from None
    return numbers[0] if len(numbers) == 1 else numbers


OBSERVER = (
    "must be KIND, or KIND:ITEM,ITEM,... with names of observables and KEY=VALUE, such as moments:excited,pair or "
    "trajectories:trajectory_ids=0:9:10,path=excited"
)


def parse_observer(text: str) -> dict[str, Any]:
    """Return the table that KIND:ITEM,ITEM,... describes; no text is read as an expression.

    An item is a name of what the model declares, or KEY=VALUE. A value is a number, a word, true or false,
    FIRST:LAST:COUNT, or names with colons between; numbers that follow make a list of it, as does a comma at the end.

    Raises
    ------
    ValueError
        If the text is nothing of this kind.
    """
    kind, colon, items = text.partition(":")
    table: dict[str, Any] = {"kind": kind}
    names: list[str] = []
    last = None
    for item in items.split(",") if colon else ():
        key, equals, word = item.partition("=")
        if equals and key not in ("", "kind", "of", *table):
            last, table[key] = key, _parse_item(text, word)
        elif not equals and last is not None and _is_number(item.partition(":")[0] or "0"):
            before = table[last] if isinstance(table[last], list) else [table[last]]
            table[last] = [*before, _parse_item(text, item)] if item else before
        elif equals or not item or ":" in item:
            raise ValueError(f"--observer {text}: {item!r} is no item, or stands there twice; {OBSERVER}")
        else:
            names.append(item)
    if not kind:
        raise ValueError(f"--observer {text}: {OBSERVER}")
    return table | ({"of": names} if names else {})


def _parse_item(text: str, word: str) -> Any:
    """Return what stands behind the sign of equality."""
    if word in ("true", "false"):
        return word == "true"
    parts = word.split(":")
    numbers = [_is_number(part) for part in parts]
    if len(parts) == 3 and all(numbers):
        return dict(zip(("first", "last", "count"), map(parse_value, parts), strict=True))
    if not all(parts) or (len(parts) > 1 and any(numbers)):
        raise ValueError(f"--observer {text}: {word!r} is no value, which is a number, a word, FIRST:LAST:COUNT or A:B")
    return parse_value(word) if len(parts) == 1 else parts


def _is_number(word: str) -> bool:
    return not isinstance(parse_value(word), str)
