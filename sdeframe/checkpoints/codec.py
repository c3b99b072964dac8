"""Records as plain structure with arrays beside it, and back.

A file never says what class a thing is: classes are those that an empty record holds, and below mappings and lists, of
which an empty record has none, those that their class is annotated with. So reading runs nothing but what writes.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.caches import cached

NUMBERS: Final = "biufc"
"""Kinds of arrays that a file may hold."""
NOTHING: Final = object()
"""Stands for what is not there."""


@attrs.frozen
class Shown:
    """What is known of a thing before it is read."""

    value: Any = NOTHING
    """It as it stands in an empty record, if it is there."""
    hint: Any = None
    """Its annotation, if there is one."""

    def kind(self) -> type | None:
        """Return the attrs class that it is of, or None."""
        if self.value is not NOTHING and self.value is not None:
            return type(self.value) if attrs.has(type(self.value)) else None
        found = [kind for kind in _alternatives(self.hint) if isinstance(kind, type) and attrs.has(kind)]
        return found[0] if len(found) == 1 else None

    def fields(self, kind: type) -> dict[str, Shown]:
        """Return what is known of the fields of an object."""
        hints = _hints(kind)
        known = {f.name: getattr(self.value, f.name, NOTHING) for f in attrs.fields(kind)}
        return {name: Shown(value, hints.get(name)) for name, value in known.items()}

    def item(self, key: Any) -> Shown:
        """Return what is known of an item of a mapping."""
        value = self.value.get(key, NOTHING) if isinstance(self.value, Mapping) else NOTHING
        return Shown(value, _item_hint(self.hint, Mapping))

    def place(self, number: int) -> Shown:
        """Return what is known of an item of a list or tuple."""
        known = isinstance(self.value, (list, tuple)) and number < len(self.value)
        return Shown(self.value[number] if known else NOTHING, _item_hint(self.hint, Sequence))


@cached(256)
def _hints(kind: type) -> Mapping[str, Any]:
    try:
        return typing.get_type_hints(kind)
    except Exception:  # annotations may name what is imported for type checkers only
        return {}


def _alternatives(hint: Any) -> Sequence[Any]:
    united = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    return typing.get_args(hint) if united else (hint,)


def _item_hint(hint: Any, family: type) -> Any:
    """Return the annotation of items, the values of a mapping, or None."""
    for kind in _alternatives(hint):
        origin = typing.get_origin(kind)
        if isinstance(origin, type) and issubclass(origin, family):
            inner = [a for a in typing.get_args(kind) if a is not Ellipsis]
            return inner[-1] if inner else None
    return None


class Encoder:
    """Turns things into what JSON can hold, arrays into numbers of places among `arrays`."""

    def __init__(self) -> None:
        self.arrays: list[NDArray[Any]] = []

    def encode(self, value: Any, shown: Shown, where: str = "record") -> Any:
        """Return a thing as plain structure.

        Raises
        ------
        TypeError
            If it holds what cannot be read back, with its place.
        """
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, (float, complex, np.ndarray, np.generic)):
            return self._array(value, where)
        if type(value) in (list, tuple):
            items = [self.encode(v, shown.place(k), f"{where}[{k}]") for k, v in enumerate(value)]
            return {"tuple" if type(value) is tuple else "list": items}
        if type(value) is dict:
            pairs = [
                [self.encode(k, Shown(), f"a key of {where}"), self.encode(v, shown.item(k), f"{where}[{k!r}]")]
                for k, v in value.items()
            ]
            return {"dict": pairs}
        if attrs.has(type(value)):
            if shown.kind() is not type(value):
                raise _refusal(where, value, "which neither an empty record nor the annotation of its class shows")
            return {"fields": dict(self._fields(value, shown, where))}
        if value is shown.value or (type(value) is type(shown.value) and bool(value == shown.value)):
            return {"own": True}  # of the run itself, such as a symbol or function
        raise _refusal(where, value, "which is no attrs object, array, number, text, or list, tuple or dict of these")

    def _fields(self, value: Any, shown: Shown, where: str) -> Iterator[tuple[str, Any]]:
        for name, known in shown.fields(type(value)).items():
            yield name, self.encode(getattr(value, name), known, f"{where}.{name}")

    def _array(self, value: Any, where: str) -> Any:
        array = np.asarray(value)
        if array.dtype.kind not in NUMBERS:
            raise _refusal(where, value, "an array of other things than numbers")
        self.arrays.append(array)
        numpys = "array" if isinstance(value, np.ndarray) else "number"
        kind = {float: "float", complex: "complex"}.get(type(value), numpys)
        return {kind: len(self.arrays) - 1}


def _refusal(where: str, value: Any, why: str) -> TypeError:
    return TypeError(
        f"{where} is a {type(value).__name__}, {why}, so no checkpoint can hold it: run without one, or keep what is "
        f"recorded in attrs classes of arrays and numbers, with annotations such as dict[int, Path]"
    )


@attrs.frozen
class Decoder:
    """Turns plain structure into things again."""

    arrays: Sequence[NDArray[Any]]

    def decode(self, plain: Any, shown: Shown) -> Any:
        """Return a thing.

        Raises
        ------
        ValueError
            If the structure is not that of such a thing.
        """
        if plain is None or type(plain) in (bool, int, str):
            return plain
        if type(plain) is not dict or len(plain) != 1:
            raise ValueError("its structure is none of a record")
        ((kind, inner),) = plain.items()
        if kind in ("float", "complex", "number", "array"):
            return self._array(kind, inner, shown)
        if kind in ("list", "tuple"):
            items = [self.decode(v, shown.place(k)) for k, v in enumerate(_listed(inner))]
            return items if kind == "list" else tuple(items)
        if kind == "dict":
            pairs = [_listed(pair, 2) for pair in _listed(inner)]
            keys = [self.decode(key, Shown()) for key, _ in pairs]
            return {k: self.decode(v, shown.item(k)) for k, (_, v) in zip(keys, pairs, strict=True)}
        if kind == "own" and shown.value is not NOTHING:
            return shown.value
        if kind == "fields":
            return self._object(inner, shown)
        raise ValueError(f"its structure holds {kind!r}, which is none of a record")

    def _object(self, inner: Any, shown: Shown) -> Any:
        made_of = shown.kind()
        if made_of is None or type(inner) is not dict:
            raise ValueError("its structure holds an object where the run has none")
        fields = shown.fields(made_of)
        if inner.keys() != fields.keys():
            raise ValueError(f"its structure has other fields than {made_of.__name__}")
        thing: Any = object.__new__(made_of)  # as its parts were checked when they were first made
        for name, known in fields.items():
            object.__setattr__(thing, name, self.decode(inner[name], known))
        return thing

    def _array(self, kind: str, number: Any, shown: Shown) -> Any:
        if type(number) is not int or not 0 <= number < len(self.arrays):
            raise ValueError("its structure names an array that is not there")
        array = self.arrays[number]
        if kind != "array":
            value: Any = array[()] if array.ndim == 0 else None
            return float(value) if kind == "float" else complex(value) if kind == "complex" else value
        like = shown.value
        if isinstance(like, np.ndarray) and (like.dtype, like.ndim) != (array.dtype, array.ndim):
            raise ValueError("an array of it is not what the run keeps")
        return array


def _listed(value: Any, length: int | None = None) -> list[Any]:
    if type(value) is not list or (length is not None and len(value) != length):
        raise ValueError("its structure is none of a record")
    return value
