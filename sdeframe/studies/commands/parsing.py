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
