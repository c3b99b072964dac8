"""Observers: one record a file."""

from sdeframe.observers.moments import Moments
from sdeframe.observers.runaways import Runaways
from sdeframe.observers.trajectories import Trajectories

__all__ = ["Moments", "Runaways", "Trajectories"]
