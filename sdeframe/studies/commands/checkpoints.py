"""``sdeframe resume`` and ``sdeframe status``: runs that were kept while they went on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from sdeframe.studies.commands.engines import ENGINE, engine_options
from sdeframe.studies.commands.run import run

PATH = click.argument("path", type=click.Path(path_type=Path))


@click.command()
@PATH
@engine_options
@click.pass_context
def resume(ctx: click.Context, /, path: Path, **engine: Any) -> None:
    """Go on with what `sdeframe run --checkpoint PATH` began, with its options, on any engine."""
    from sdeframe.checkpoints import file

    page, _ = file.read(path)
    if page.command is None:
        raise ValueError(f"{path}: was begun by a script, not by `sdeframe run`: run the script again, it goes on")
    ctx.invoke(run, **_options(ctx, path, page.command), **engine)


def _options(ctx: click.Context, path: Path, command: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a command as if they had been given now: plain values, checked by their types."""
    known = {str(p.name): p for p in run.params if p.name not in ENGINE}
    unknown = sorted(set(command) - set(known))
    if unknown:
        raise ValueError(f"{path}: holds options that `sdeframe run` has not: {', '.join(unknown)}; begin anew")
    given = {name: command.get(name, p.get_default(ctx)) for name, p in known.items()} | {"checkpoint": str(path)}
    options = {}
    for name, value in given.items():
        try:
            options[name] = known[name].type_cast_value(ctx, value)
        except (click.UsageError, TypeError):
            told = f"{path}: its option {name} is {value!r}, which `sdeframe run` does not take"
            raise ValueError(told) from None
    return options


@click.command()
@PATH
def status(path: Path) -> None:
    """Say what a checkpoint holds: of what run, how far it is, how fast, and when it was written."""
    from sdeframe.checkpoints import file

    page, _ = file.read(path)
    for name, text in page.about.items():
        click.echo(f"{name.replace('_', ' ')}: {text}")
    share = page.done / max(page.trajectories, 1)
    click.echo(f"trajectories: {page.done} of {page.trajectories} ({share:.1%})")
    if page.done:
        rate = page.done / max(page.seconds, 1e-9)
        left = max(page.trajectories - page.done, 0) / rate
        click.echo(f"rate: {rate:.4g} trajectories a second, {page.seconds:.0f} s so far, {left:.0f} s left")
    click.echo(f"written: {page.written}")
    click.echo("go on with: " + ("the same call" if page.command is None else f"sdeframe resume {path}"))
