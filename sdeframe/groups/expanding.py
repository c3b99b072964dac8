"""Events that expand the sum of a group in kets."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.groups.event import Event, Members, Report
from sdeframe.groups.expansion import Expansion, expansion
from sdeframe.groups.positions import positions
from sdeframe.validators import is_finite, positive, positive_integer, shown

Complexes = NDArray[np.complex128]

MOST: Final = 100
"""Sweeps, of whose steps all numbers can be addressed."""
FEW: Final = 3
"""Kets a number state up to which they are few."""
FLAT: Final = {True: 0.25, False: 0.5}
"""p where they are few, for kets that are projected or not."""


def _density(instance: Any, attribute: Any, density: Any) -> None:
    if density is not None and (not is_finite(density) or not 0 <= density <= 2):
        raise ValueError(f"density={shown(density)} in {type(instance).__name__}: must be between 0 and 2, or None")


def _few_enough(instance: Any, attribute: Any, sweeps: Any) -> None:
    positive_integer(instance, attribute, sweeps)
    if sweeps > MOST:
        raise ValueError(f"sweeps={sweeps} in {type(instance).__name__}: must be {MOST} at most")


@attrs.frozen(kw_only=True)
class Expanding(Event):
    """An event that expands V = Σ w|z), the sum of the kets of a group, in kets at other places.

    Parameters
    ----------
    ridge
        μ, what coefficients cost: |V − Σ w|z)|² + μ Σ|w|² is least.
    sweeps
        How often each ket tries each of three steps; after every sweep V is expanded, and the best expansion taken.
    density
        p, with kets at places of density |(z|V)|^p. If not given it is 1, but where there are fewer than three kets a
        number state ½, and ¼ for those of one number of quanta.
    """

    ridge: float = attrs.field(default=1e-6, validator=positive)
    sweeps: int = attrs.field(default=3, validator=_few_enough)
    density: float | None = attrs.field(default=None, validator=_density)

    def moved(self, group: Members, V: Complexes) -> Expansion | None:
        """Return the best expansion of V in as many kets as those given, on shell, at other places."""
        tried = [
            found
            for place in positions(group, V, self.sweeps, self._power(group))
            if (found := expansion(group.states, place, V, self.ridge)) is not None
        ]
        return min(tried, key=lambda e: e.misfit**2 + self.ridge * e.cost, default=None)

    def _power(self, group: Members) -> float:
        """Return p for the kets of a group."""
        if self.density is not None:
            return self.density
        return FLAT[group.states.projected] if len(group) < FEW * group.states.length else 1.0


def told(found: Expansion, moved: float) -> Report:
    """Return what is told of an event."""
    return Report(found.misfit, len(found.w) * found.cost, moved)


def is_vector(V: Complexes) -> bool:
    """Tell whether a sum of kets is one that can be expanded."""
    return bool(np.all(np.isfinite(V)) and np.any(V != 0))
