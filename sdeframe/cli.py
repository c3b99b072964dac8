"""The command line: commands are plugins of the group ``sdeframe.commands``."""

from __future__ import annotations

import atexit
import gc
import sys
from concurrent.futures import BrokenExecutor

import click

from sdeframe import registry
from sdeframe.engines.errors import WorkError
from sdeframe.studies.commands.registered import registered_command
from sdeframe.validators import printable


class Commands(click.Group):
    """The registered commands, loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the registered commands."""
        return sorted(registry.names("commands"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; the error for an unknown name lists the known ones."""
        return registered_command("commands", cmd_name, lambda command: command)


@click.command(cls=Commands)
@click.version_option(package_name="sdeframe")
def commands() -> None:
    """Stochastic differential equations for quantum dynamics in phase space."""


def main() -> None:
    """Run the command line; what a user gave wrong is one line on standard error and exit status 2.

    Of a run that failed when it was under way, what is kept of it is said too, and the status is 1.
    """
    atexit.register(gc.freeze)  # a process that ends need not look for what it could free, which takes half a second
    try:
        commands.main()
    except (ValueError, TypeError, OSError, registry.BrokenPluginError) as error:
        click.echo(f"sdeframe: {_told(error)}", err=True)
        sys.exit(2)
    except (WorkError, BrokenExecutor) as error:
        click.echo(f"sdeframe: {_told(error)}", err=True)
        sys.exit(1)


def _told(error: Exception) -> str:
    return printable("; ".join((str(error), *getattr(error, "__notes__", ()))))
