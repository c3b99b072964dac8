"""Gauges one after the other."""

from __future__ import annotations

from functools import reduce

import attrs

from sdeframe.interfaces.gauge import Gauge, gauged
from sdeframe.symbolic.system import SDE


@attrs.frozen(init=False)
class Chain(Gauge):
    """Gauges applied one after the other; their averages stay, since each keeps them.

    Parameters
    ----------
    *gauges
        In the order in which they are applied.

    Raises
    ------
    TypeError
        If one is no gauge.
    """

    gauges: tuple[Gauge, ...]

    def __init__(self, *gauges: Gauge) -> None:
        for gauge in gauges:
            if not isinstance(gauge, Gauge):
                raise TypeError(f"Chain holds {gauge!r}: must be Gauge objects, such as Chain(A41(), QuarticDrift())")
        self.__attrs_init__(gauges)

    def transform(self, sde: SDE) -> SDE:
        """Return the system that all gauges have passed."""
        return reduce(lambda system, gauge: gauged(gauge, system), self.gauges, sde)
