"""Groups of trajectories."""

from __future__ import annotations

import attrs

from sdeframe.validators import positive_integer

__all__ = ["Groups"]


@attrs.frozen
class Groups:
    """Groups of neighbouring trajectories: group number k holds those from k times the size on, and no block splits it.

    Parameters
    ----------
    size
        Trajectories of a group.
    """

    size: int = attrs.field(validator=positive_integer)
