"""A result as a table of numbers, which other programs read."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sdeframe.drawing.contents import OF_WEIGHT, is_beside, meant, stem
from sdeframe.drawing.sweeps import parameters
from sdeframe.files import writable, write_whole
from sdeframe.validators import printable, shown

if TYPE_CHECKING:
    import xarray as xr

    from sdeframe.running.result import Result

Column = tuple[str, str, NDArray[Any]]
"""Its name, what it is, and its values."""
PARTS: Final = {"real": "real", "imag": "imaginary"}


def write_table(result: Result, path: str | os.PathLike[str], names: Sequence[Any]) -> None:
    """Write means over time; see `Result.to_table`."""
    ds = result.dataset
    found = [column for name in _chosen(ds, names) for column in _columns(ds, name)]
    if "alive" in ds:
        found.append(("alive", "trajectories alive", ds["alive"].values.ravel()))
    columns = [*_index(ds), *found]
    out = io.StringIO(newline="")
    for said in _head(ds, columns):
        out.write(f"# {printable(said)}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([printable(name) for name, _, _ in columns])
    writer.writerows(zip(*(values.tolist() for _, _, values in columns), strict=True))
    write_whole(writable(path), out.getvalue().encode())


def _over(ds: xr.Dataset) -> tuple[str, ...]:
    """Return what has a row for each of its values: the parameters of a sweep, and the time."""
    return (*parameters(ds), *(["time"] if "time" in ds.dims else []))


def _index(ds: xr.Dataset) -> Iterator[Column]:
    """Yield the columns that say of what a row is."""
    over = _over(ds)
    values = np.meshgrid(*(ds[name].values for name in over), indexing="ij")
    for name, column in zip(over, values, strict=True):
        yield name, "output time" if name == "time" else f"the parameter {name}", column.ravel()


def _chosen(ds: xr.Dataset, names: Sequence[Any]) -> list[str]:
    over_time = [str(name) for name, array in ds.data_vars.items() if array.dims == _over(ds)]
    means = [name for name in over_time if f"{name}_se" in ds and not is_beside(ds, name) and name != OF_WEIGHT]
    for name in names:
        if name not in over_time:
            raise ValueError(f"to_table(..., {shown(name)}): over time alone this result has {', '.join(over_time)}")
    others = [name for name in over_time if name != "alive"]
    if not others and not names:
        raise ValueError("to_table: this result holds nothing over time alone; run with Moments, or TrustHorizon")
    return [meant(ds, name) for name in (names or means or others)]


def _columns(ds: xr.Dataset, name: str) -> Iterator[Column]:
    """Yield both parts of a mean with their errors, what the step adds, and whether it is trusted."""
    values, own = ds[name].values.ravel(), stem(ds, name)
    about = ds[name].attrs.get("long_name", name)
    if np.iscomplexobj(values):
        for part, of, error in (("real", np.real, "_se"), ("imag", np.imag, "_imag_se")):
            yield f"{own}_{part}", f"{PARTS[part]} part of the {about}", of(values)
            if f"{name}{error}" in ds:
                yield f"{own}_{part}_se", "its standard error", ds[f"{name}{error}"].values.ravel()
            if f"{name}_step_error" in ds:
                yield f"{own}_{part}_step_error", "its step error", of(ds[f"{name}_step_error"].values.ravel())
    else:
        yield own, about, values
        if f"{name}_se" in ds:
            yield f"{own}_se", "its standard error", ds[f"{name}_se"].values.ravel()
    if f"{own}_horizon" in ds:
        horizon = ds[f"{own}_horizon"]
        which = "" if horizon.ndim else f" t = {float(horizon):.6g}"
        trusted = (ds["time"] <= horizon).transpose(*_over(ds))
        yield f"{own}_trusted", f"1 up to the trust horizon{which}", trusted.values.ravel() * 1


def _head(ds: xr.Dataset, columns: Sequence[Column]) -> Iterator[str]:
    """Yield what is said above the numbers: of what they are, and what each column is."""
    for name in ("model_description", "gauge", "integrator", "trajectories", "seed", "sampling", "version_sdeframe"):
        if name in ds.attrs:
            yield f"{name}: {ds.attrs[name]}"
    for number, (name, about, _) in enumerate(columns, 1):
        yield f"column {number}: {name}, {about}"
