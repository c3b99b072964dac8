"""``sdeframe validate`` and ``sdeframe bench``: tables whose rows judge themselves."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import click

from sdeframe.files import write_whole
from sdeframe.studies.commands.registered import RegisteredGroup


@attrs.frozen
class Row:
    """One line of a table; None where a column does not apply."""

    case: str
    quantity: str
    value: float
    time: float | None = None
    standard_error: float | None = None
    reference: float | None = None
    passed: bool | None = None
    note: str = ""


TableFunction = Callable[[int | None, int], Iterator[Row]]
"""A table: (trajectories or None for its own number, threads) to rows; its docstring says what it shows."""


def print_rows(title: str, rows: Iterator[Row]) -> list[Row]:
    """Print rows as they come and return them."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(title, style="bold", markup=False, highlight=False)
    layout = "{:<28} {:<44} {:>8} {:>12} {:>10} {:>10}  {:<6} {}"
    heads = ("case", "quantity", "time", "value", "std error", "reference", "passed", "note")
    console.print(layout.format(*heads), highlight=False)
    done = []
    for row in rows:
        passed = {None: "", True: "yes", False: "NO"}[row.passed]
        cells = (_text(row.time), _text(row.value), _text(row.standard_error), _text(row.reference))
        line = layout.format(row.case, row.quantity, *cells, passed, row.note)
        console.print(line.rstrip(), style="red" if row.passed is False else None, markup=False, highlight=False)
        done.append(row)
    return done


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:.4g}"


def _command(name: str, table: TableFunction | click.Command) -> click.Command:
    """Return the command of a table; one that has options of its own is a command already."""
    return table if isinstance(table, click.Command) else table_command(name, table)


def table_command(name: str, table: TableFunction) -> click.Command:
    """Return the command that prints a table; its exit status is 1 where a row fails its own criterion."""

    @click.command(name, help=table.__doc__)
    @click.option("--trajectories", type=click.IntRange(min=1), help="Size of each ensemble; scales the table down.")
    @click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Number of threads.")
    @click.option("--json", "file", type=click.Path(dir_okay=False), help="Write the rows to this file as well.")
    def command(trajectories: int | None, threads: int, file: str | None) -> None:
        show_table((table.__doc__ or name).split("\n")[0], table(trajectories, threads), file)

    return command


def show_table(title: str, rows: Iterator[Row], file: str | None) -> None:
    """Print a table, write it to a file where one is named, and exit, with status 1 where a row fails."""
    from sdeframe.files import writable

    target = writable(file) if file else None
    done = print_rows(title, rows)
    if target:
        write_whole(target, json.dumps([_plain(row) for row in done], indent=1).encode() + b"\n")
    failed = sum(row.passed is False for row in done)
    click.echo(f"{len(done)} rows, {failed} failed")
    sys.exit(1 if failed else 0)


def _plain(row: Row) -> dict[str, Any]:
    """Return a row for JSON, which knows neither infinity nor nan."""
    finite = {k: v for k, v in attrs.asdict(row).items() if not isinstance(v, float) or abs(v) < float("inf")}
    return {k: finite.get(k) for k in attrs.asdict(row)}


validate = RegisteredGroup(
    "validations", _command, name="validate", help="Tables that hold results against exact ones."
)  # fmt: skip
bench = RegisteredGroup("benchmarks", _command, name="bench", help="Tables of speed, as ratios within one run.")
