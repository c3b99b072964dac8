"""Trajectories that belong together."""

from sdeframe.groups.groups import Groups

__all__ = ["Groups"]
