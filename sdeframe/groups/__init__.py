"""Trajectories that belong together."""

from sdeframe.groups.branch import Branch
from sdeframe.groups.groups import Groups
from sdeframe.groups.reexpand import Reexpand

__all__ = ["Branch", "Groups", "Reexpand"]
