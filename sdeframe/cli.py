"""The command line: commands are plugins of the group ``sdeframe.commands``."""

from __future__ import annotations

import atexit
import gc
import sys
from concurrent.futures import BrokenExecutor

import click

from sdeframe import registry
from sdeframe.engines.errors import WorkError
from sdeframe.studies.commands.registered import RegisteredGroup
from sdeframe.validators import printable


@click.command(cls=RegisteredGroup, kind="commands")
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
