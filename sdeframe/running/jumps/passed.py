"""The end of a run in which the rate of a jump is not within its bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeframe.engines.errors import WorkError
from sdeframe.kernels.layout import Layout
from sdeframe.symbolic.system import SDE


class RateError(WorkError, ValueError):
    """The rate of a Poisson noise was negative, or above its bound, so that jumps would be missed."""


def check_rates(sde: SDE, layout: Layout, rows: NDArray[np.float64], ids: NDArray[np.uint64], end: float) -> None:
    """Raise RateError where a rate was not within its bounds up to a time.

    Parameters
    ----------
    sde, layout
        The system and its rows.
    rows
        The buffers, shape (groups, rows, lanes).
    ids
        The numbers of trajectories, shape (groups, lanes).
    end
        Until when they went.
    """
    offenders = rows[:, layout.offender]
    if not offenders.any():
        return
    place: Any = np.unravel_index(int(np.argmax(offenders > 0)), offenders.shape)
    N = [*sde.jumps][int(offenders[place]) - 1]
    rate, what = float(rows[:, layout.offender + 1][place]), f"rate={N.rate} of {N}"
    where = f"in trajectory {int(ids[place])} before t = {end:g}"
    if not rate >= 0:
        raise RateError(f"{what} is {rate:g} {where}: it must not be negative; write Max(0, ...)")
    bound = "what its parameters and the time allow" if N.bound is None else f"its bound={N.bound}"
    raise RateError(
        f"{what} is {rate:g} {where}, above {bound}: jumps would be missed; give a larger bound, such as "
        f'poisson_noises("{N}", rate=..., bound={2 * rate:.2g})'
    )
