"""An interpreter with a peer's packages, made on demand in the folder of all that sdeframe keeps."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from sdeframe.compiled.cache import cache_root, private_folder
from sdeframe.files import write_whole

READY: Final = "ready"
"""A file of a whole environment: one that was interrupted is made anew."""


class MissingPeerError(Exception):
    """Why a peer cannot be run."""


def interpreter(requirements: tuple[str, ...]) -> str:
    """Return the interpreter of an environment with these packages; this one where nothing is required.

    Raises
    ------
    MissingPeerError
        If it cannot be made, as without a network.
    """
    if not requirements:
        return sys.executable
    name = hashlib.sha256("\0".join([sys.version, *requirements]).encode()).hexdigest()[:16]
    folder = private_folder(cache_root()) / "peers" / name
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not (folder / READY).is_file():
        shutil.rmtree(folder, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements)
        write_whole(folder / READY, "\n".join(requirements).encode())
    return str(python)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingPeerError(f"not installed: {last_line(done.stderr)}")


def last_line(text: str) -> str:
    """Return what a program said last, shortened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:120] if lines else "it said nothing"


PROGRAMS: Final = Path(__file__).parent / "programs"
"""Scripts that are run by such interpreters."""
