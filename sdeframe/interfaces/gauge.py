"""What may be changed in a system without changing its analytic averages."""

from __future__ import annotations

from abc import ABC, abstractmethod

import attrs

from sdeframe.symbolic.system import SDE


class Gauge(ABC):
    """Rewrites a system into another one with the same weighted averages of analytic functions."""

    @abstractmethod
    def transform(self, sde: SDE) -> SDE:
        """Return the gauged system.

        What is given may be read in either calculus, and so may what is returned: a gauge that looks at drifts begins
        with ``sde.to_ito()``.

        Raises
        ------
        KeyError
            If the system lacks a variable, noise or parameter that the gauge needs, named.
        """


@attrs.frozen
class Identity(Gauge):
    """Leaves the system as it is."""

    def transform(self, sde: SDE) -> SDE:
        """Return the system itself."""
        return sde
