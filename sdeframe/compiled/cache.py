"""Generated source to compiled functions, through a private cache on disk.

The cache folder belongs to the user alone (mode 0700). A file's name is the hash of the generated source, of all
that stands in this room, of numba, llvmlite and the processor. The source is always generated anew and
must equal the file; only then is compiled code looked for beside it (`kept_code`). This is the one place where
a file is unpickled. Where the folder cannot be used, code is compiled without it, and that is said once.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any, Final

import attrs
import llvmlite
import numba
import platformdirs
from llvmlite import binding

from sdeframe.caches import forgets
from sdeframe.files import write_whole

MODULE: Final = "sdeframe_kernel_"
"""Begins the names of the modules that hold compiled source."""


@attrs.define(eq=False)
class _Compilation:
    """What became of a source, under a lock of its own: others are worked on meanwhile, as far as numba lets them."""

    lock: threading.Lock = attrs.field(factory=threading.Lock)
    module: ModuleType | None = None


@attrs.define(eq=False)
class _Clock:
    """Seconds in which this process compiles something, in one thread or in several."""

    lock: threading.Lock = attrs.field(factory=threading.Lock)
    at_work: int = 0
    begin: float = 0.0
    total: float = 0.0

    def __enter__(self) -> None:
        with self.lock:
            if not self.at_work:
                self.begin = perf_counter()
            self.at_work += 1

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.at_work -= 1
            if not self.at_work:
                self.total += perf_counter() - self.begin

    def others(self) -> float:
        """Return the time of a clock that stands still meanwhile."""
        with self.lock:
            return (self.begin if self.at_work else perf_counter()) - self.total


_clock = _Clock()
_functions: dict[str, _Compilation] = {}
_said: set[Path] = set()
"""Folders of which a warning has been given."""


def compile_source(source: str, programs: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what generated source defines, its functions compiled; each source once until caches are cleared.

    Parameters
    ----------
    source
        The source.
    programs
        Functions for jitted code that it calls by name. The source must tell them apart, in comments if nowhere else.
    """
    compilation = _functions.setdefault(source, _Compilation())
    if compilation.module is None and threading.current_thread() is threading.main_thread():
        return _beside(_compiled, compilation, source, programs or {})
    return _compiled(compilation, source, programs or {})


def seconds_without_compiling() -> float:
    """Return the time of a clock that stands still while this process compiles something, in any of its threads."""
    return _clock.others()


def _compiled(compilation: _Compilation, source: str, programs: Mapping[str, Any]) -> dict[str, Any]:
    with compilation.lock:
        if compilation.module is None:
            with _clock:
                compilation.module = _module(source, programs)
        return dict(vars(compilation.module))


def _beside(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Work in another thread and wait for it: an interrupt, which the main thread takes, would be lost in LLVM."""
    found: Future[dict[str, Any]] = Future()

    def answer() -> None:
        try:
            found.set_result(work(*arguments))
        except BaseException as error:
            found.set_exception(error)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        return found.result()
    finally:
        if not found.done():  # an interrupt: the thread ends at its next instruction of Python
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))


def _module(source: str, programs: Mapping[str, Any]) -> ModuleType:
    module = ModuleType(f"{MODULE}{source_key(source)}")
    vars(module).update(programs)
    sys.modules[module.__name__] = module  # where numba looks for it when it loads compiled code
    exec(compile(source, str(_cached_file(source) or "<sdeframe kernel>"), "exec"), vars(module))
    return module


def _forget_functions() -> None:
    """Empty all modules: numba holds a function's globals as long as the function lives, which is among them."""
    for source, compilation in list(_functions.items()):
        with compilation.lock:
            if compilation.module is not None:
                sys.modules.pop(compilation.module.__name__, None)
                vars(compilation.module).clear()
            compilation.module = None
            _functions.pop(source, None)


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
        write_whole(_private_path(name), text.encode())


def source_key(source: str) -> str:
    """Return the hash of generated source and of everything else that its compiled code depends on."""
    return hashlib.sha256(f"{source}\0{_environment()}".encode()).hexdigest()[:32]


def _cached_file(source: str) -> Path | None:
    """Return a private file that holds exactly this source, or None where there can be none, which is said."""
    try:
        path = _private_path(f"kernel_{source_key(source)}.py")
        if not path.is_file() or path.read_bytes() != source.encode():
            write_whole(path, source.encode())
        return path
    except OSError as error:
        say_unused(error)
        return None


def say_unused(reason: Exception) -> None:
    """Warn, once for a folder, that code is compiled where it could have been loaded, and why."""
    folder = cache_folder()
    if folder not in _said:
        _said.add(folder)
        warnings.warn(
            f"{folder}: compiled code cannot be kept or read there ({reason}), so it is compiled anew; make room, give "
            f"the folder to yourself alone, or delete it; the variable SDEFRAME_CACHE_DIR moves it",
            stacklevel=2,
        )


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
