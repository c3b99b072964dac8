"""The semi-implicit midpoint scheme."""

from typing import Any, ClassVar

import attrs

from sdeframe.interfaces.integrator import Increments, Integrator, System, Vector
from sdeframe.validators import is_whole


def _some(instance: Any, attribute: Any, count: Any) -> None:
    if not is_whole(count) or count < 2:
        raise ValueError(f"iterations={count!r}: must be an integer of at least 2, such as 3")


@attrs.frozen
class SemiImplicitMidpoint(Integrator):
    """Midpoint rule by fixed-point iteration: weak order 1, strong order ½ (1 where noises commute); Stratonovich.

    Source: Drummond and Mortimer, J. Comput. Phys. 93, 144 (1991).

    Parameters
    ----------
    dt
        The step, in units of the system's time.
    iterations
        How often the midpoint is improved.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    interpretation: ClassVar[str] = "stratonovich"

    iterations: int = attrs.field(default=3, kw_only=True, validator=_some)

    def step(self, f: System, x: Vector, t: Any, dW: Increments) -> Vector:
        """Return 2m − x, with the midpoint m = x + (a(m)·dt + N(m; dW))/2."""
        h, middle = dW.dt, x
        for _ in range(self.iterations):
            middle = x + (h * f.drift(middle, t + h / 2) + f.noise(middle, t + h / 2, dW.path)) / 2
        return 2 * middle - x
