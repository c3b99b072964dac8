"""Commands that plugins are, those that cannot be loaded too: they are listed with their reason and refuse to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from sdeframe import registry


def registered_command(kind: str, name: str, make: Callable[[Any], click.Command]) -> click.Command:
    """Return the command that is made of a registered plugin; of a broken one a command that says why it is none.

    Raises
    ------
    ValueError
        If there is no plugin of that name; the message lists those there are.
    """
    try:
        return make(registry.find(kind, name))
    except registry.BrokenPluginError as error:
        return _broken(name, error)


def _broken(name: str, error: registry.BrokenPluginError) -> click.Command:
    def refuse() -> None:
        raise error

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=refuse, help=f"Broken: {error}", context_settings=anything)
