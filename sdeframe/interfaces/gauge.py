"""What may be changed in a system without changing its analytic averages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import attrs

from sdeframe.symbolic.system import SDE
from sdeframe.validators import shown


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


def gauged(gauge: Gauge, sde: SDE) -> SDE:
    """Return the system that a gauge makes of another one.

    Raises
    ------
    TypeError, ValueError
        If it returns none, or the system lacks what it needs.
    """
    try:
        found: Any = gauge.transform(sde)
    except KeyError as error:
        raise ValueError(
            f"{shown(gauge)} does not fit this system: {error.args[0]}; take the model that it is made for, or "
            f"gauge=Identity()"
        ) from None
    if not isinstance(found, SDE):
        raise TypeError(
            f"{shown(gauge)} gives {shown(found)}: its transform must return an SDE, such as sde.with_rows(...)"
        )
    return found


@attrs.frozen
class Identity(Gauge):
    """Leaves the system as it is."""

    def transform(self, sde: SDE) -> SDE:
        """Return the system itself."""
        return sde
