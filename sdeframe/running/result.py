"""What a run gives back: a dataset that a file can hold, and the problem from which it can be replayed."""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import ArrayLike

from sdeframe.running.problem import Problem
from sdeframe.running.provenance import FORMAT

if TYPE_CHECKING:
    import xarray as xr

COMPLEX_PART = "complex_part"
"""The dimension that holds real and imaginary parts in a file."""


WARNINGS: Final = "warnings"
"""The attribute of a dataset that holds them, a line each."""


@attrs.frozen(eq=False)
class Result:
    """A dataset with its run."""

    dataset: xr.Dataset
    problem: Problem | None = attrs.field(default=None, repr=False)
    """The run; None for a result that was read from a file."""
    seconds: float = attrs.field(default=math.nan)
    """Wall time of the run, without compiling its kernel."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be known beside the numbers, such as trajectories that were frozen; none if all is well."""
        return tuple(self.dataset.attrs.get(WARNINGS, "").splitlines())

    def runaway_time(self, share: float, bound: float | None = None, of: str = "state") -> float:
        """Return the first step time at which at least a share of all trajectories has passed a bound, or inf.

        Parameters
        ----------
        share
            Between 0 and 1.
        bound
            One of the bounds that the observers asked for; if not given the freezing bound (the largest) of the
            state, or the bound of the weight.
        of
            "state", or "weight" for the trajectories whose |Ω| passed the bound while they lived.

        Raises
        ------
        ValueError
            If the share is not in (0, 1], or nothing was recorded of this at this bound.
        """
        if not 0 < share <= 1:
            raise ValueError(f"share={share!r}: must be above 0 and at most 1")
        losses = self._losses(of)
        known = losses["bound"].values
        wanted = known[-1] if bound is None else bound
        if wanted not in known:
            option = "bound" if of == "state" else "weight_bound"
            raise ValueError(
                f"bound={bound!r}: recorded are {', '.join(f'{b:g}' for b in known)}; add Runaways({option}=...)"
            )
        lost = np.cumsum(losses.sel(bound=wanted).values)
        reached = np.flatnonzero(lost >= share * self.dataset.attrs["trajectories"])
        return self._step_time(int(reached[0])) if reached.size else math.inf

    def _step_time(self, step: int) -> float:
        """Return the time at which a step begins; a run without a cut step has them at multiples of dt."""
        known = self.dataset.get("step_time")
        return float(step * self.dataset.attrs["dt"] if known is None else known[step])

    def horizon(self, name: str) -> float:
        """Return the last output time at which a mean can be trusted, as `TrustHorizon` tells it.

        The last output time of the run if no alarm was raised, 0.0 if the first one raised it.

        Raises
        ------
        ValueError
            If the run has no horizon of this name.
        """
        key = f"{name}_horizon"
        if key not in self.dataset:
            known = [str(k).removesuffix("_horizon") for k in self.dataset if str(k).endswith("_horizon")]
            raise ValueError(
                f"name={name!r}: this run has {'horizons of ' + ', '.join(known) if known else 'no trust horizon'}; "
                f"add TrustHorizon({name}=...), or WeightedTrustHorizon where there are weights"
            )
        return float(self.dataset[key])

    def _losses(self, of: str) -> xr.DataArray:
        """Return the losses of the state or of the weight, over ("bound", "step")."""
        if of == "state":
            return self.dataset["losses"]
        if of != "weight":
            raise ValueError(f"of={of!r}: must be 'state' or 'weight'")
        if "weight_losses" not in self.dataset:
            raise ValueError(
                "of='weight': this run counted no weights; give it Runaways(weight_bound=1e3), and a system with a "
                "log-weight, such as that of a drift gauge"
            )
        losses = self.dataset["weight_losses"]
        return losses.expand_dims(bound=[losses.attrs["bound"]])

    def replay(self, trajectory_ids: ArrayLike, window: tuple[float, float] | None = None) -> xr.Dataset:
        """Return chosen trajectories at every step of a window of time, the same bits as in the run.

        Parameters
        ----------
        trajectory_ids
            Numbers of trajectories, shape (n,).
        window
            First and last time, taken at the nearest steps; the whole run if not given.

        Returns
        -------
        xarray.Dataset
            Each variable over ("trajectory", "time"); the increment ``d<noise>`` of each noise, and its sign
            ``s_<noise>`` where the integrator uses signs, over ("trajectory", "step_time"), which is the time at
            which the step begins.

        Raises
        ------
        ValueError
            If a trajectory or the window lies outside the run, or the result was read from a file.
        """
        from sdeframe.running.replay import replay

        if self.problem is None:
            raise ValueError("this result was read from a file, which holds no code: run simulate again to replay it")
        return replay(self.problem, trajectory_ids, window)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the dataset to a NetCDF file, whole or not at all.

        Raises
        ------
        ValueError
            If the folder does not exist or cannot be written to.
        """
        target = writable(path)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".sdeframe-") as folder:
            draft = Path(folder) / target.name
            encoded = _split_complex(self.dataset)
            encoding = {str(name): {"zlib": True} for name in encoded.data_vars if encoded[name].ndim}
            encoded.to_netcdf(draft, engine="h5netcdf", encoding=encoding)
            os.replace(draft, target)


def load(path: str | os.PathLike[str]) -> Result:
    """Read a result that `Result.save` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no result file.
    """
    import xarray as xr

    if not Path(path).exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            encoded = opened.load()
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: is no result file of sdeframe ({error})") from None
    if encoded.attrs.get("sdeframe_format") != FORMAT:
        raise ValueError(f"{path}: is no result file of sdeframe (its format is not {FORMAT!r})")
    return Result(_join_complex(encoded))


def writable(path: str | os.PathLike[str]) -> Path:
    """Return a path in a folder that can be written to, or raise ValueError."""
    target = Path(path)
    if target.is_dir():
        raise ValueError(f"{target}: is a folder; give the name of a file")
    try:
        with tempfile.TemporaryFile(dir=target.parent):
            return target
    except OSError as error:
        raise ValueError(f"{target}: cannot write to its folder ({error.strerror}); choose another") from None


def _split_complex(dataset: xr.Dataset) -> xr.Dataset:
    import xarray as xr

    def split(array: xr.DataArray) -> xr.DataArray:
        if array.dtype.kind != "c":
            return array
        parts = xr.concat([array.real, array.imag], dim=COMPLEX_PART)
        return parts.transpose(..., COMPLEX_PART).assign_attrs(array.attrs)

    return dataset.map(split, keep_attrs=True).assign_coords(dataset.coords)  # map drops those of no variable


def _join_complex(dataset: xr.Dataset) -> xr.Dataset:
    def join(array: Any) -> Any:
        if COMPLEX_PART not in array.dims:
            return array
        parts = np.ascontiguousarray(array.transpose(..., COMPLEX_PART).values)
        joined = parts.view(np.result_type(parts.dtype, np.complex64))[..., 0]  # re + 1j im would lose -0 and 1 + inf i
        return array.isel({COMPLEX_PART: 0}).copy(data=joined)

    return dataset.map(join, keep_attrs=True).assign_coords(dataset.coords)
