"""Structure with arrays as bytes: an ``.npz`` file, of which nothing is believed before it is checked."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from sdeframe.checkpoints.codec import NUMBERS

STRUCTURE: Final = "structure"
"""The member that holds the structure as JSON, and where each array stands among the numbers of its type."""
Place = tuple[str, int, list[int]]
"""Type, first number and shape of an array."""


def packed(structure: Any, arrays: Sequence[NDArray[Any]]) -> bytes:
    """Return structure with arrays as an ``.npz`` file, one member for each type of number."""
    numbers: dict[str, list[NDArray[Any]]] = {}
    counts: dict[str, int] = {}
    places: list[Place] = []
    for array in arrays:
        kind = array.dtype.newbyteorder("<").str[1:]
        places.append((kind, counts.get(kind, 0), list(array.shape)))
        counts[kind] = counts.get(kind, 0) + array.size
        numbers.setdefault(kind, []).append(array.astype(f"<{kind}", copy=False).ravel())
    text = json.dumps({"structure": structure, "places": places}, separators=(",", ":"))
    content = io.BytesIO()
    members = {kind: np.concatenate(parts) for kind, parts in numbers.items()}
    np.savez(content, **{STRUCTURE: np.frombuffer(text.encode(), dtype=np.uint8)}, **members)  # type: ignore[arg-type]
    return content.getvalue()


def unpacked(content: bytes) -> tuple[Any, list[NDArray[Any]]]:
    """Return structure and arrays.

    Raises
    ------
    Exception
        Of any class, if the content is damaged.
    """
    members = {name.removesuffix(".npy"): _numbers(data) for name, data in stored(io.BytesIO(content), len(content))}
    about = json.loads(members.pop(STRUCTURE).tobytes())
    _check_apart(about["places"])
    return about["structure"], [_array(members, *place) for place in about["places"]]


def _check_apart(places: Sequence[Place]) -> None:
    """Raise ValueError unless arrays follow each other, so that they take no more memory than the file."""
    counts: dict[str, int] = {}
    for kind, first, shape in places:
        if first != counts.get(kind, 0):
            raise ValueError("arrays lie across each other")
        counts[kind] = first + math.prod(shape)


def stored(file: Any, size: int) -> list[tuple[str, bytes]]:
    """Return name and content of all members of a zip file, of which none takes more memory than the file.

    Raises
    ------
    Exception
        Of any class, if the file is damaged. ValueError if a member is compressed, or claims to be larger.
    """
    with zipfile.ZipFile(file) as opened:
        members = opened.infolist()
        for member in members:
            if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
                raise ValueError(f"{member.filename!r} is compressed")
        if sum(member.file_size for member in members) > size:
            raise ValueError("it claims to hold more than it does")
        return [(member.filename, opened.read(member)) for member in members]


def _numbers(data: bytes) -> NDArray[Any]:
    """Return the numbers of an ``.npy`` file, without reading an object or believing a length."""
    file = io.BytesIO(data)
    if npy.read_magic(file) != (1, 0):
        raise ValueError("an array has a format of its own")
    shape, _, kind = npy.read_array_header_1_0(file)
    if kind.kind not in NUMBERS or len(shape) != 1 or shape[0] * kind.itemsize != len(data) - file.tell():
        raise ValueError("an array is not what it claims to be")
    return np.frombuffer(data, dtype=kind, offset=file.tell())


def _array(members: dict[str, NDArray[Any]], kind: str, first: int, shape: list[int]) -> NDArray[Any]:
    """Return one array as a copy, which can be written to."""
    numbers = members[kind]
    if any(type(n) is not int or n < 0 for n in (first, *shape)) or first + math.prod(shape) > numbers.size:
        raise ValueError("an array lies outside of its numbers")
    return numbers[first : first + math.prod(shape)].reshape(shape).astype(numbers.dtype.newbyteorder("="))
