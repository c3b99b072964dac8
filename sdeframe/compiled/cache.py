"""Generated source to compiled functions, through a private cache on disk.

The cache folder belongs to the user alone (mode 0700). A file's name is the hash of the generated source, of all
that stands in this room, of numba, llvmlite and the processor. The source is always generated anew and
must equal the file; only then does numba look for compiled code beside it. This is the one place where numba
unpickles a file. Where the folder cannot be used, code is compiled without it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import llvmlite
import numba
import platformdirs
from llvmlite import binding

from sdeframe.caches import forgets

MODULE: Final = "sdeframe_kernel_"
"""Begins the names of the modules that hold compiled source."""

_functions: dict[str, dict[str, Any]] = {}
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
"""One a source: while one is compiled, others can be."""


def compile_source(source: str, programs: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the namespace of generated source, its functions compiled; each source once in a process.

    Parameters
    ----------
    source
        The source.
    programs
        Functions for jitted code that it calls by name. The source must tell them apart, in comments if nowhere else.
    """
    with _locks[source]:
        if source not in _functions:
            path = _cached_file(source)
            text = source if path else source.replace(", cache=True", "")
            module = ModuleType(f"{MODULE}{source_key(source)}")
            module.__dict__.update(programs or {})
            sys.modules[module.__name__] = module  # where numba looks for it when it loads compiled code
            exec(compile(text, str(path or "<sdeframe kernel>"), "exec"), module.__dict__)
            _functions[source] = module.__dict__
        return _functions[source]


def _forget_functions() -> None:
    for source in list(_functions):
        sys.modules.pop(_functions.pop(source)["__name__"], None)
        _locks.pop(source, None)


forgets(_forget_functions)


def cache_folder() -> Path:
    """Return the folder of the kernel cache."""
    return cache_root() / "kernels"


def cache_root() -> Path:
    """Return the folder of all that sdeframe keeps, which the variable SDEFRAME_CACHE_DIR can move."""
    return Path(os.environ.get("SDEFRAME_CACHE_DIR") or platformdirs.user_cache_dir("sdeframe"))


def private_folder(folder: Path) -> Path:
    """Return a folder, made where it is missing; raise OSError where it cannot be the user's alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and not _is_private(folder):
        raise PermissionError(f"{folder}: others have access to it")
    return folder


def read_private_file(name: str) -> str | None:
    """Return what a file of the kernel cache holds, or None where there is none that can be read."""
    try:
        return _private_path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def write_private_file(name: str, text: str) -> None:
    """Write a file of the kernel cache, all of it at once; where that cannot be, nothing is written."""
    with suppress(OSError):
        path = _private_path(name)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        os.replace(file.name, path)


def source_key(source: str) -> str:
    """Return the hash of generated source and of everything else that its compiled code depends on."""
    return hashlib.sha256(f"{source}\0{_environment()}".encode()).hexdigest()[:32]


def _cached_file(source: str) -> Path | None:
    """Return a private file that holds exactly this source, or None where there can be none."""
    name = f"kernel_{source_key(source)}.py"
    if read_private_file(name) is None:
        write_private_file(name, source)
    return cache_folder() / name if read_private_file(name) == source else None


def _private_path(name: str) -> Path:
    """Return where a file of the kernel cache is; raise OSError where no folder can be the user's alone."""
    return private_folder(cache_folder()) / name


def _is_private(folder: Path) -> bool:
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


@cache
def _environment() -> str:
    """Return everything beside the source that compiled code depends on."""
    modules = [file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.rglob("*.py"))]
    features = binding.get_host_cpu_features().flatten()
    return "\0".join([*modules, numba.__version__, llvmlite.__version__, binding.get_host_cpu_name(), features])
