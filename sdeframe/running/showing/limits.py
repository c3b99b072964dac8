"""Limits of trust that are told in words."""

from typing import Final

MANY: Final = 0.005
"""Share of lost trajectories up to which the paper trusts a mean."""
NEVER: Final = (
    "no mean can be trusted at any output time: take earlier ones, more damping, another form of the equations or "
    "a drift gauge"
)
