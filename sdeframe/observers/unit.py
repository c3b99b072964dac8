"""Whether the unit of relative bounds was ever seen."""

from __future__ import annotations

from typing import Final

import attrs

from sdeframe.interfaces.poles import Poles

TOO_LARGE: Final = 3.0
"""By how much a unit exceeds all that is seen, from which on nobody within a low bound need be tame."""


@attrs.frozen
class Unit:
    """The scale of the strongest observables.

    Parameters
    ----------
    scale
        What relative bounds are multiplied by.
    least
        What need not be seen: a single quantum, of which a mode near the vacuum holds less.
    """

    scale: float
    least: float

    @classmethod
    def of(cls, poles: Poles) -> Unit:
        """Return that of a model's poles."""
        return cls(poles.scale, float(poles.grows))

    def objection(self, seen: float) -> str:
        """Return in words why nothing is certified in this unit; nothing where it is of the size of what is seen.

        Parameters
        ----------
        seen
            Largest root mean square of a strongest observable.
        """
        if self.scale <= TOO_LARGE * max(seen, self.least):
            return ""
        return (
            f"Poles(scale={self.scale:.3g}) is {self.scale / seen:.2g} times what is seen of the strongest ones, "
            f"{seen:.2g}, so that nothing is certified: a unit far too large hides what runs away; run "
            f"propose_poles(model, integrator, times=times).model, or declare a scale of the size of what is there"
        )
