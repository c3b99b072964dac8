"""What studies hold results against."""

from typing import Final

from sdeframe.running.showing.limits import MANY

SHARE: Final = MANY
"""Share of lost trajectories up to which the paper trusts a mean."""
LOW: Final = 10.0
"""The lower bound on runaway variables, which tells early who runs away."""
HIGH: Final = 1e3
"""The upper bound on runaway variables, beyond which nobody comes back."""
WEIGHT_BOUND: Final = 1e3
"""Beyond which the weight of a trajectory is counted as lost."""
LARGEST_DEVIATION: Final = 5.0
"""Standard errors; the false-alarm probability of one comparison is 6e-7."""
