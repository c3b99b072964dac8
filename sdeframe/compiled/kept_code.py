"""Machine code beside its source in the private folder, sealed; what is damaged is compiled anew.

numba keeps and finds code. It does not choose the folder here, which its variables could move to one of others, and it
unpickles nothing but what was sealed. Whatever goes wrong costs a compilation alone.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile

from sdeframe.compiled.cache import say_unused
from sdeframe.files import sealed, unsealed, write_whole


class KeptCode(FunctionCache):
    """The cache of one function, for a dispatcher of numba.

    Parameters
    ----------
    function
        Its source is a private file that is named by a hash of all that its machine code depends on.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        file = Path(function.__code__.co_filename)
        self._name, self._py_func, self._impl = repr(function), function, _Code()
        self._cache_path = str(file.parent)
        base = f"{file.stem}-{function.__qualname__}.{sys.implementation.cache_tag}"
        self._cache_file = _SealedFiles(self._cache_path, base, source_stamp=file.stem)
        self.enable()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the code that is kept for a signature, or None."""
        target_context.refresh()
        try:
            return self._load_overload(sig, target_context)
        except Exception as error:  # whatever it is, the function can be compiled
            say_unused(error)
            with suppress(Exception):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the code for a signature."""
        try:
            if self._impl.check_cachable(data):
                self._cache_file.save(self._index_key(sig, data.codegen), self._impl.reduce(data))
        except Exception as error:  # whatever it is, the function is compiled
            say_unused(error)


class _Code(CompileResultCacheImpl):
    """How compiled code becomes bytes, without a folder of numba's choice."""

    def __init__(self) -> None:
        pass

    def check_cachable(self, cres: Any) -> bool:
        return not cres.lifted and not cres.library.has_dynamic_globals


class _SealedFiles(IndexDataCacheFile):
    """The index and the code of one function, each file with a seal."""

    def _load_index(self) -> Any:
        with suppress(FileNotFoundError):
            _check_seal(Path(self._index_path))
        return super()._load_index()

    def _load_data(self, name: str) -> Any:
        _check_seal(Path(self._data_path(name)))
        return super()._load_data(name)

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
        content = io.BytesIO()
        yield content
        write_whole(Path(filepath), sealed(content.getvalue(), Path(filepath).name))


def _check_seal(file: Path) -> None:
    try:
        unsealed(file.read_bytes(), file.name)
    except ValueError as error:
        raise ValueError(f"{file.name} {error}") from None
