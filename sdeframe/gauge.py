"""What may be changed in a system without changing its analytic averages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import attrs

from sdeframe.system import SDE


class Gauge(ABC):
    """Rewrites a system into another one with the same weighted averages of analytic functions."""

    interpretation: ClassVar[str | None] = "ito"
    """The calculus in which the gauge reads a system; None for any."""

    @abstractmethod
    def transform(self, sde: SDE) -> SDE:
        """Return the gauged system.

        Raises
        ------
        KeyError
            If the system lacks a variable, noise or parameter that the gauge needs, named.
        """


@attrs.frozen
class Identity(Gauge):
    """Leaves the system as it is."""

    interpretation: ClassVar[str | None] = None

    def transform(self, sde: SDE) -> SDE:
        """Return the system itself."""
        return sde
