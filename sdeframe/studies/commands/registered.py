"""Commands that plugins are, those that cannot be loaded too: they are listed with their reason and refuse to run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import click
from click.shell_completion import CompletionItem

from sdeframe import registry

Make = Callable[[str, Any], click.Command]
"""A name and its plugin to a command."""


class RegisteredGroup(click.Group):
    """The registered plugins of a kind, each a command that is loaded when it is asked for."""

    def __init__(self, kind: str, make: Make = lambda _, command: command, **options: Any) -> None:
        super().__init__(**options)
        self.kind, self.make = kind, make

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the registered plugins."""
        return sorted(registry.names(self.kind))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; the error for an unknown name lists the known ones."""
        return registered_command(self.kind, cmd_name, partial(self.make, cmd_name))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names without loading what they stand for."""
        names = [CompletionItem(name) for name in self.list_commands(ctx) if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]


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
