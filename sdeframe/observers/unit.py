"""Whether the unit of relative bounds was ever seen."""

from __future__ import annotations

from typing import Final

import attrs

from sdeframe.interfaces.observer import CAVEAT, DOUBT
from sdeframe.interfaces.poles import Poles

TOO_LARGE: Final = 3.0
"""By how much a unit exceeds all that is seen, from which on nobody within a low bound need be tame."""
QUANTUM: Final = 1.0
"""What need not be seen: of a single quantum a mode near the vacuum holds little, and its poles are of that size."""


@attrs.frozen
class Unit:
    """The scale of the strongest observables.

    Parameters
    ----------
    scale
        What relative bounds are multiplied by.
    of_quanta
        Whether it is known to be that of quanta.
    """

    scale: float
    of_quanta: bool

    @classmethod
    def of(cls, poles: Poles) -> Unit:
        """Return that of a model's poles."""
        return cls(poles.scale, poles.grows)

    def told(self, seen: float) -> dict[str, str]:
        """Return what must be known of this unit, as attributes; nothing where it is of the size of what is seen.

        Parameters
        ----------
        seen
            Largest root mean square of a strongest observable.
        """
        if self.scale <= TOO_LARGE * seen or (self.of_quanta and self.certifies(seen)):
            return {}
        times = f"{self.scale / seen:.3g} times" if seen else "far more than"
        found = f"Poles(scale={self.scale:.3g}) is {times} what is seen of the strongest observables, {seen:.2g}"
        if self.certifies(seen):
            return {DOUBT: f"{found}: right where 1 is a quantum (grows=True says so), else horizons may be late"}
        return {
            CAVEAT: f"{found}, so that nothing is certified: a unit far too large hides what runs away; run "
            f"propose_poles(model, integrator, times=times).model, or declare a scale of the size of what is there"
        }

    def certifies(self, seen: float) -> bool:
        """Return whether anything can be certified in this unit."""
        return self.scale <= TOO_LARGE * max(seen, QUANTUM)
