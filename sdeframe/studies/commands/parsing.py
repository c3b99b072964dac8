"""Words of the command line as models, numbers or times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sdeframe import registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sdeframe.interfaces.model import Model

    Curves = dict[str, NDArray[Any]]

DEFAULTS: Final = {"tavis-cummings": {"atoms": 10, "photons": 10}}
"""Parameters of models that have no defaults of their own."""


def make_model(name: str, settings: tuple[str, ...]) -> Model:
    """Return a registered model with the parameters that were set, as numbers where they look like numbers.

    Raises
    ------
    ValueError
        If a setting is not NAME=VALUE, or the model has no such parameter or lacks one.
    """
    import attrs

    plugin = registry.find("models", name)
    fields = {field.alias: field for field in attrs.fields(plugin) if field.init}
    values: dict[str, Any] = dict(DEFAULTS.get(name, {}))
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting}: must be NAME=VALUE, such as atoms=100")
        if key not in fields:
            raise ValueError(f"--set {setting}: {name} has no parameter {key!r}, only {', '.join(fields)}")
        values[key] = parse_value(text)
    missing = [k for k, field in fields.items() if field.default is attrs.NOTHING and k not in values]
    if missing:
        raise ValueError(f"{name} needs --set {missing[0]}=VALUE")
    return plugin(**values)


def parse_value(text: str) -> int | float | str:
    """Return a number where the text is one, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse_times(text: str) -> NDArray[np.float64]:
    """Return the times of FIRST:LAST:COUNT or of a list with commas.

    Raises
    ------
    ValueError
        If the text is neither.
    """
    import numpy as np

    try:
        if ":" in text:
            first, last, count = text.split(":")
            return np.linspace(float(first), float(last), int(count))
        return np.array([float(part) for part in text.split(",")])
    except ValueError:
        raise ValueError(
            f"--times {text}: must be FIRST:LAST:COUNT, such as 0:5:101, or a list such as 0,1,2.5"
        ) from None
