"""A figure of the paper with other parameters."""

from __future__ import annotations

from functools import wraps
from typing import Any, Final

import attrs
import click

from sdeframe import registry
from sdeframe.interfaces.gauge import Gauge
from sdeframe.studies.commands.completing import plugins
from sdeframe.studies.commands.plugin_words import parse_plugin
from sdeframe.studies.ensembles import BRACKET, IDENTITY, LAST
from sdeframe.studies.experiments.plugins import made, rest
from sdeframe.studies.figures.paper import Draw, Drawing
from sdeframe.validators import is_finite, shown

WIDER: Final = (0.0, 8.0)
"""Where the minimal damping is sought of what is not in the paper."""


@attrs.frozen
class Changes:
    """What is otherwise than in the paper; None is what is as there.

    Raises
    ------
    ValueError
        If the last time is not a positive number.
    """

    atoms: int | None = None
    photons: float | None = None
    """At the start, of the only column."""
    gauge: Gauge = IDENTITY
    last: float = attrs.field(default=LAST)
    """The last output time."""

    @last.validator
    def _positive(self, _: object, value: Any) -> None:
        if not is_finite(value) or value <= 0:
            raise ValueError(f"--times {shown(value)}: must be the last time, a positive number, such as 12")

    @property
    def bracket(self) -> tuple[float, float]:
        """Dampings between which the minimal one is sought."""
        same = self.atoms is None and self.photons is None and self.last == LAST
        return BRACKET if same else WIDER


def changeable(draw: Draw) -> Draw:
    """Give a figure the options --atoms, --photons, --gauge and --times, from which it is given `Changes`."""

    @wraps(draw)
    def changed(
        atoms: int | None, photons: float | None, gauge: str | None, times: float | None, **options: Any
    ) -> Drawing:
        last = LAST if times is None else times
        return draw(changes=Changes(atoms, photons, _gauge(gauge), last), **options)

    several = "Photons at the start: one column in place of several."
    gauged = "Apply a gauge, such as quartic-drift:switch=always; means are then those by the weight."
    for option in (
        click.option("--times", type=float, metavar="LAST", help=f"The last time, if not {LAST:g}."),
        click.option("--gauge", metavar="NAME:KEY=VALUE,...", shell_complete=plugins("gauges"), help=gauged),
        click.option("--photons", type=click.FloatRange(min=0), help=several),
        click.option("--atoms", type=click.IntRange(min=1), help="Number of atoms, if not that of the figure."),
    ):
        changed = option(changed)
    return changed


def _gauge(text: str | None) -> Gauge:
    table = parse_plugin("gauge", text)
    found: Gauge = made("gauge", registry.find("gauges", table["name"]), rest(table)).value if table else IDENTITY
    return found
