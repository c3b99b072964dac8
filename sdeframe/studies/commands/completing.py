"""How words of a command line could go on, found without loading any plugin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from sdeframe import registry
from sdeframe.studies.commands.declarations import declared

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def plugins(kind: str) -> Complete:
    """Return what completes the name of a plugin of a kind."""
    return lambda _, __, begun: _items(begun, registry.names(kind))


def words(*known: str) -> Complete:
    """Return what completes one of some words."""
    return lambda _, __, begun: _items(begun, known)


def parameters(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete NAME= of a parameter of the model that the line names."""
    name = context.params.get("model") or "tavis-cummings"
    known = registry.names("models")
    return _items(begun, (f"{field}=" for field in declared(known[name].value)) if name in known else ())


def _items(begun: str, known: Any) -> list[CompletionItem]:
    return [CompletionItem(name) for name in known if name.startswith(begun)]
