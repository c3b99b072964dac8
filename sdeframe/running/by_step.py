"""What a run counts at every step, which stands beside its dataset: as a part of it, it would multiply its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sdeframe.validators import is_finite, shown

if TYPE_CHECKING:
    import xarray as xr

STEP_TIME: Final = "step_time"
"""The variable that says when steps begin, where some were cut."""
BY_STEP: Final = ("losses", "weight_losses", STEP_TIME)
"""Variables over steps that the run itself writes."""


def split(whole: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """Return what a file holds as a dataset without what was counted by step, and that, empty if there is none."""
    counted = [name for name in BY_STEP if name in whole and "step" in whole[name].dims]
    if not counted:
        return whole, nothing()
    rest = whole.drop_vars(counted)
    used = {dim for array in rest.data_vars.values() for dim in array.dims}
    only = [dim for dim in ("bound", "step") if dim not in used and dim in rest.coords]
    return rest.drop_vars(only), whole[counted].drop_attrs(deep=False)


def joined(dataset: xr.Dataset, losses: xr.Dataset) -> xr.Dataset:
    """Return what `split` took apart, as files hold it."""
    import xarray as xr

    return xr.merge([dataset, losses], join="exact", combine_attrs="override") if losses.data_vars else dataset


def nothing() -> xr.Dataset:
    """Return the dataset of what was not counted by step."""
    import xarray as xr

    return xr.Dataset()


def runaway_time(losses: xr.Dataset, about: Mapping[Any, Any], share: float, bound: float | None, of: str) -> float:
    """Return when a share of trajectories has passed a bound; see `Result.runaway_time`."""
    if not is_finite(share) or not 0 < share <= 1:
        raise ValueError(f"share={shown(share)}: must be above 0 and at most 1")
    counted = _counted(losses, of)
    known = counted["bound"].values
    wanted = known[-1] if bound is None else bound
    if wanted not in known:
        option = "bound" if of == "state" else "weight_bound"
        raise ValueError(
            f"bound={bound!r}: recorded are {', '.join(f'{b:g}' for b in known)}; add Runaways({option}=...)"
        )
    lost = np.cumsum(counted.sel(bound=wanted).values)
    reached = np.flatnonzero(lost >= share * about["trajectories"])
    if not reached.size:
        return math.inf
    begins = losses.get(STEP_TIME)
    return float(reached[0] * about["dt"] if begins is None else begins[int(reached[0])])


def _counted(losses: xr.Dataset, of: str) -> xr.DataArray:
    """Return the losses of the state or of the weight, over ("bound", "step")."""
    if of not in ("state", "weight"):
        raise ValueError(f"of={of!r}: must be 'state' or 'weight'")
    if "losses" not in losses:
        raise ValueError("this result holds no losses by step: take that of simulate, load or merge")
    if of == "state":
        return losses["losses"]
    if "weight_losses" not in losses:
        raise ValueError(
            "of='weight': this run counted no weights; give it Runaways(weight_bound=1e3), and a system with a "
            "log-weight, such as that of a drift gauge"
        )
    heavy = losses["weight_losses"]
    return heavy.expand_dims(bound=[heavy.attrs["bound"]])
