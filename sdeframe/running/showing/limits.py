"""Limits of trust that are told in words."""

from typing import Final

MANY: Final = 0.005
"""Share of lost trajectories up to which the paper trusts a mean."""
NEVER: Final = (
    "no mean can be trusted at any output time: take earlier ones, more damping, another form of the equations or "
    "a drift gauge"
)
OF_SEED: Final = (
    "that is the last output time at which this ensemble can be trusted: it hangs on the seed and on the number of "
    "trajectories, so look at a second seed"
)
"""What is said of horizons that come before the end."""
