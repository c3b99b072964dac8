"""Datasets as the bytes of NetCDF files, in memory: the HDF5 library never sees a disk, which may be full."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sdeframe.files import COMPLEX_PART
from sdeframe.running.provenance import FORMAT

if TYPE_CHECKING:
    import h5py
    import xarray as xr

DIMENSION_PREFIX: Final = "_nc4_non_coord_"
"""Begins what HDF5 calls a variable that has the name of another's dimension; it is taken off on reading."""
LONGEST_NAME: Final = 255
"""Bytes of the longest name that every reader of NetCDF takes."""
LARGEST_RATIO: Final = 1032
"""What deflate makes of a byte at most: an array that declares more does not hold it."""
LARGEST_CHUNK: Final = 2**24
"""Bytes of the parts that an array is cut into, which are unpacked whole, unless the array itself is larger."""
SMALL: Final = 2**16
"""Bytes of an array that may be declared without a byte in the file."""
ONLY_LENGTH: Final = b"This is a netCDF dimension but not a netCDF variable"
"""Begins what is said of an array that is never read: its length alone counts."""


def check_name(name: str, owner: str) -> None:
    """Raise ValueError where no NetCDF file can hold a variable or dimension of this name."""
    check_text(name, owner)
    if not name or name == "." or "/" in name:
        raise ValueError(f"{owner}: no file can hold the name {name!r}; choose one with letters, and without '/'")
    if name == COMPLEX_PART or name.startswith(DIMENSION_PREFIX):
        raise ValueError(f"{owner}: the name {name!r} has a meaning of its own in files; choose another one")


def check_text(name: str, owner: str) -> None:
    """Raise ValueError where no NetCDF file can hold a name even as that of an attribute, or within its text."""
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 or "\ud800" <= letter <= "\udfff" for letter in name):
        raise ValueError(f"{owner}: no file can hold the name {name!r}; choose one that can be printed")
    if len(name.encode()) > LONGEST_NAME:
        raise ValueError(f"{owner}: the name {name[:20] + '...'!r} is longer than {LONGEST_NAME} bytes; choose another")


def encoded(dataset: xr.Dataset) -> bytes:
    """Return a dataset as the content of a NetCDF file.

    Raises
    ------
    TypeError, ValueError
        If it holds a name or value that no such file can.
    """
    import h5netcdf
    import xarray as xr

    for name in (*dataset.variables, *dataset.sizes):
        check_name(str(name), "dataset")
    parts = _split_complex(dataset)
    compressed = {str(name): {"zlib": True} for name in parts.data_vars if parts[name].ndim}
    content = io.BytesIO()
    with h5netcdf.File(content, "w") as file:
        parts.dump_to_store(xr.backends.H5NetCDFStore(file), encoding=compressed)
    return content.getvalue()


def decoded(content: bytes) -> xr.Dataset:
    """Return the dataset that a NetCDF file holds.

    Raises
    ------
    Exception
        Of any class, from the libraries that read, if the content is damaged. ValueError if it holds what no result
        does.
    """
    import xarray as xr

    _check_structure(content)
    with xr.open_dataset(io.BytesIO(content), engine="h5netcdf", phony_dims="sort") as opened:
        parts = opened.load()
    if str(parts.attrs.get("sdeframe_format")) != FORMAT:
        raise ValueError(f"its format is not {FORMAT!r}")
    return _join_complex(parts)


def _check_structure(content: bytes) -> None:
    """Refuse what would lead out of the file, or take more memory than it holds, before anything is read."""
    import h5py

    with h5py.File(io.BytesIO(content), "r") as file:
        for name in file:
            if not isinstance(file.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{name!r} is a link")
            array = file[name]
            if not isinstance(array, h5py.Dataset) or not _is_plain(array):
                raise ValueError(f"{name!r} is no plain array within the file")
            held = min(array.id.get_storage_size(), len(content))
            read = not bytes(array.attrs.get("NAME", b"")).startswith(ONLY_LENGTH)
            if read and array.nbytes > LARGEST_RATIO * held + SMALL:
                raise ValueError(f"{name!r} declares {array.nbytes} bytes and holds {held}")
            part = array.dtype.itemsize * math.prod(array.chunks or ())
            if part > max(LARGEST_CHUNK, array.nbytes):
                raise ValueError(f"{name!r} is cut into parts of {part} bytes, and has {array.nbytes}")


def _is_plain(array: h5py.Dataset) -> bool:
    import h5py

    held = array.dtype.kind in "biufcS" or h5py.check_string_dtype(array.dtype) is not None
    return held and not array.is_virtual and not array.external


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
