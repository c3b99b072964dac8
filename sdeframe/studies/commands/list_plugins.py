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
    from rich.text import Text

    table = Table("kind", "name", "what it is", box=None)
    for kind in registry.GROUPS:
        for name in registry.names(kind):
            table.add_row(kind, name, Text(described(kind, name)))  # D[a] is no markup
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def described(kind: str, name: str) -> str:
    """Return what a plugin is, or why it cannot be loaded."""
    try:
        return summary(registry.find(kind, name))
    except registry.BrokenPluginError as error:
        return f"broken: {error}"


def summary(plugin: object) -> str:
    """Return the first sentence of a plugin's description."""
    text = (plugin.help if isinstance(plugin, click.Command) else plugin.__doc__) or ""
    return " ".join(text.strip().split("\n\n")[0].split())
