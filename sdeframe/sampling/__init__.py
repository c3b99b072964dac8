"""Which random numbers of different trajectories are tied to each other."""

from sdeframe.sampling.balanced import Balanced
from sdeframe.sampling.errors import replicate_error, student_limit
from sdeframe.sampling.plan import Draws, Independent, Sampling

__all__ = ["Balanced", "Draws", "Independent", "Sampling", "replicate_error", "student_limit"]
