"""How long a figure takes: before it begins, told by the first blocks of its ensembles, and after each column."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final

import attrs
import click

from sdeframe.campaigns.default_step import default_scheme
from sdeframe.campaigns.run_cost import duration, estimate
from sdeframe.running.compose import compose
from sdeframe.storage.keys import run_key
from sdeframe.studies.ensembles import SEARCHED, SEED, grid, run_options

if TYPE_CHECKING:
    from sdeframe.models import TavisCummings
    from sdeframe.storage.store import Store
    from sdeframe.studies.figures.changes import Changes

ENSEMBLES: Final = 3
"""Of a column: closed, and at two dampings."""
SEARCHES: Final = 8.0
"""Whole ensembles that a search for the minimal damping takes, about; most of its dampings take a sixteenth of one."""


@attrs.define(eq=False)
class Clock:
    """What columns are expected to take, and how long they have been at it."""

    columns: Sequence[float]
    """Seconds of each."""
    begin: float = attrs.field(factory=perf_counter)

    def tell(self, done: int) -> None:
        """Say how much is left, of which what was done tells more than what was expected of it."""
        spent, expected = perf_counter() - self.begin, sum(self.columns[:done])
        left = sum(self.columns[done:]) * (spent / expected if expected else 1.0)
        if not done:
            click.echo(f"about {duration(left)}, beside exact solutions" if left else "all is kept from before")
        elif left:
            click.echo(f"{done} of {len(self.columns)} columns after {duration(spent)}, about {duration(left)} left")


def expected(
    store: Store, models: Sequence[TavisCummings], trajectories: int, threads: int | None, changes: Changes
) -> Clock:
    """Return what the columns of a figure will take; nothing those of which the store has the closed ensemble."""
    seconds = []
    for model in models:
        options = run_options(model, trajectories, SEED, changes.gauge, changes.last)
        scheme = default_scheme(model, grid(model, changes.last))
        kept = store.load(run_key(compose(model, scheme, **options))) is not None
        each = 0.0 if kept else estimate(model, scheme, threads=threads, **options).seconds
        seconds.append(each * (ENSEMBLES + SEARCHES * SEARCHED / trajectories))
    return Clock(seconds)
