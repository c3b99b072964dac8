"""Which random numbers of different trajectories are tied to each other."""

from sdeframe.sampling.balanced import Balanced
from sdeframe.sampling.errors import replicate_error, student_limit
from sdeframe.sampling.plan import Draws, Independent, Plan, Sampling

__all__ = ["Balanced", "Draws", "Independent", "Plan", "Sampling", "replicate_error", "student_limit"]
