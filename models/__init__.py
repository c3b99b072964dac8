"""Models: one family a file."""

from sdeframe.models.geometric_brownian_motion import GeometricBrownianMotion
from sdeframe.models.ornstein_uhlenbeck import OrnsteinUhlenbeck
from sdeframe.models.tavis_cummings import TavisCummings

__all__ = ["GeometricBrownianMotion", "OrnsteinUhlenbeck", "TavisCummings"]
