"""What does not go with jumps, with the reason."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.symbolic.system import SDE
from sdeframe.validators import shown

STRONG_ORDER: Final = 0.5
"""What is left of a strong order where jumps stand at half steps."""


def refuse_with_jumps(system: SDE, integrator: Integrator, gauge: Gauge) -> None:
    """Raise ValueError where a system has jumps and something would not be right with them."""
    if not system.jumps:
        return
    named: Any = ", ".join(N.name for N in system.jumps)
    if not isinstance(gauge, Identity):
        raise ValueError(
            f"gauge={shown(gauge)} with the jumps {named}: a gauge keeps averages of analytic functions, and jumps "
            f"at a real rate are not analytic in the variables; take gauge=Identity()"
        )
    if integrator.strong_order > STRONG_ORDER:
        name = type(integrator).__name__
        raise ValueError(
            f"{name} with the jumps {named}: jumps stand at half steps, not at their times, which leaves no strong "
            f"order {integrator.strong_order:g}; take a scheme for averages, such as W2S4(dt={integrator.dt:g})"
        )
