"""Experiments from files: those that a user wrote, and those that a result holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sdeframe.running.result import load
from sdeframe.studies.experiments.experiment import ELSEWHERE, Experiment
from sdeframe.studies.experiments.text import LARGEST, parsed
from sdeframe.validators import printable

ATTRIBUTE: Final = "experiment"
"""Where a result holds the experiment that it is of."""
HDF5: Final = b"\x89HDF"
"""Begins every result file."""


def read(path: Path) -> Experiment:
    """Return the experiment that a file describes: one in TOML, or a result of the command line.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError, ValueError
        If it is neither, is damaged, or describes no experiment.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    if not path.is_file():
        raise ValueError(f"{path}: is a folder or device; give a TOML file or a result")
    try:
        table = parsed(_text(path))
        if is_result(path) and (where := sorted(set(table) & set(ELSEWHERE))):
            raise ValueError(f"is a result that says {', '.join(where)}, which none does: it was tampered with")
        return Experiment.of(table)
    except (TypeError, ValueError) as error:
        told = printable(f"{error}".removeprefix(f"{path}: "))
        raise (TypeError if isinstance(error, TypeError) else ValueError)(f"{path}: {told}") from None


def is_result(path: Path) -> bool:
    """Tell whether a file claims to be a result."""
    with path.open("rb") as file:
        return file.read(len(HDF5)) == HDF5


def _text(path: Path) -> str:
    if is_result(path):
        held: Any = load(path).dataset.attrs.get(ATTRIBUTE)
        if not isinstance(held, str):
            raise ValueError(
                "holds no experiment: it was made by a script, or by an older version; run the script again, or "
                "describe the run in a TOML file"
            )
        return held
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)  # a longer one is refused, whatever it holds
    if len(content) > LARGEST:
        raise ValueError(f"is longer than {LARGEST} bytes, which no experiment is")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValueError("is neither TOML, which is text in UTF-8, nor a result") from None
