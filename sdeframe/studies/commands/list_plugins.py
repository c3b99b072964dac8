"""``sdeframe list``: what is installed."""

from __future__ import annotations

import click

from sdeframe import registry


@click.command("list")
def list_plugins() -> None:
    """Show all plugins with a line on each."""
    import sys

    from rich.console import Console
    from rich.table import Table

    table = Table("kind", "name", "what it is", box=None)
    for kind in registry.GROUPS:
        for name, point in registry.names(kind).items():
            table.add_row(kind, name, summary(point.load()))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def summary(plugin: object) -> str:
    """Return the first sentence of a plugin's description."""
    text = (plugin.help if isinstance(plugin, click.Command) else plugin.__doc__) or ""
    return " ".join(text.strip().split("\n\n")[0].split())
