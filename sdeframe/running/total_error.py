"""How far a mean may be off: sampling and step together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdeframe.sampling.errors import student_limit

if TYPE_CHECKING:
    import xarray as xr


def total_error(ds: xr.Dataset, name: str, sigmas: float) -> xr.DataArray:
    """Return the largest error of both parts of a mean; see `Result.total_error`."""
    if name not in ds or f"{name}_se" not in ds or f"{name}_imag_se" not in ds:
        known = [str(k).removesuffix("_imag_se") for k in ds if str(k).endswith("_imag_se")]
        raise ValueError(f"name={name!r}: this run has means of {', '.join(known) or 'nothing'}")
    told = f"{name}_step_error" in ds or name.endswith("_extrapolated")
    if not told and ds.attrs["step_error"] == "yes":
        raise ValueError(f"name={name!r}: its step error is not told, only that of other means")
    limit = student_limit(ds[name].attrs.get("groups", ds.attrs.get("replicates")), sigmas)
    step, left_out = ds.get(f"{name}_step_error", 0.0 * ds[name]), ds.get(f"{name}_left_out", 0.0)
    real = limit * ds[f"{name}_se"] + 2 * abs(step.real) + left_out
    imaginary = limit * ds[f"{name}_imag_se"] + 2 * abs(step.imag) + left_out
    return (real + 1j * imaginary).rename(f"{name}_total_error")
