"""Generated source to functions: each once, different ones at the same time, none held after caches are cleared."""

import gc
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sdeframe import clear_caches
from sdeframe.compiled import cache
from sdeframe.compiled.jit import outer

DOUBLE = """
from sdeframe.compiled.jit import outer


@outer("float64(float64)")
def double(x):
    return 2.0 * x
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path))
    return tmp_path / "kernels"


def test_one_source_is_compiled_once_whoever_asks():
    ready, made = threading.Barrier(8, timeout=60), []

    def compiled(_):
        ready.wait()
        source = "import threading\nmade.append(threading.Event().wait(0.1))"
        return cache.compile_source(source, {"made": made})["made"]

    with ThreadPoolExecutor(8) as pool:
        assert all(found is made for found in pool.map(compiled, range(8)))
    assert len(made) == 1


def test_a_source_that_failed_is_tried_again():
    source, allowed = "1 / allowed[0]", [0]
    with pytest.raises(ZeroDivisionError):
        cache.compile_source(source, {"allowed": allowed})
    allowed[0] = 1
    assert cache.compile_source(source, {"allowed": allowed})["allowed"] is allowed


def test_the_source_on_disk_is_the_one_that_runs(folder):
    assert cache.compile_source(DOUBLE)["double"](2.0) == 4.0
    (file,) = folder.glob("*.py")
    assert file.read_text(encoding="utf-8") == DOUBLE
    assert list(folder.rglob("*.nbi"))


def test_without_a_folder_the_same_source_is_compiled_and_nothing_is_written(folder):
    clear_caches()
    folder.mkdir(mode=0o755)
    with pytest.warns(UserWarning, match=rf"^{folder}: compiled code cannot be kept .*others have access"):
        assert cache.compile_source(DOUBLE)["double"](2.0) == 4.0
    assert not list(folder.iterdir())


def test_cleared_functions_leave_memory_unless_somebody_holds_them():
    held = cache.compile_source(DOUBLE)["double"]
    dropped = weakref.ref(cache.compile_source(DOUBLE + "# another")["double"])
    clear_caches()
    gc.collect()
    assert dropped() is None
    assert held(3.0) == 6.0
    assert not [name for name in sys.modules if name.startswith("sdeframe_kernel_")]
    assert not cache._functions
    assert cache.compile_source(DOUBLE)["double"](3.0) == 6.0


def test_a_function_of_another_file_keeps_nothing_beside_it():
    """Only a private file has a name that tells all that its code depends on: beside another one it would be stale."""
    here = Path(__file__).parent

    @outer("float64(float64)")
    def triple(x):
        return 3.0 * x

    assert triple(2.0) == 6.0
    assert not list(here.glob("*.nb[ic]"))


INTERRUPTED = """
    import ctypes, os, signal, threading, time
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from sdeframe.compiled import cache
    begun, done = threading.Event(), threading.Event()
    def work():
        begun.set()
        done.wait(20)
    called_back = ctypes.CFUNCTYPE(None)(work)
    threading.Thread(target=lambda: begun.wait() and os.kill(os.getpid(), signal.SIGINT), daemon=True).start()
    try:
        cache.compile_source("called_back()", {"called_back": called_back})
        print("lost")
    except KeyboardInterrupt:
        print("interrupted")
    done.set()
"""


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_an_interrupt_while_code_is_compiled_is_not_lost():
    """LLVM calls Python back, and there an exception is printed and forgotten, as in every callback from C."""
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED)]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert out == "interrupted\n"
