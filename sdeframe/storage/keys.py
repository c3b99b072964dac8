"""What a result depends on as text, the same in every process: two results of one text are the same bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sdeframe.described import described
from sdeframe.interfaces.model import Model
from sdeframe.running.ensemble.filing import refuse_files
from sdeframe.running.ensemble.identity import NUMBERS, specification
from sdeframe.running.problem import Problem
from sdeframe.sources import EXACT, code_key


def run_key(problem: Problem) -> str:
    """Return everything that the bits of a run depend on, as text.

    That is the specification, symbols written out; the source of its kernel, in which model, gauge and integrator are;
    the layout of random numbers; the versions of libraries and the sources of sdeframe that the kernel's does not
    hold.

    Raises
    ------
    TypeError, ValueError
        If something in the specification cannot be written as text, see `described`; or an observer writes a file.
    """
    refuse_files(problem, "no store keeps it, nor would a sweep write one of each run: take simulate")
    return described({**{name: getattr(problem, name) for name in NUMBERS}, **specification(problem)})


def exact_key(model: Model, times: ArrayLike, quantity: str = "exact") -> str:
    """Return everything that an exact solution depends on, as text.

    Parameters
    ----------
    model
        What is solved.
    times
        Where.
    quantity
        What is computed of it: the name of the method.

    Raises
    ------
    TypeError, ValueError
        If the model cannot be written as text; see `described`.
    """
    return described({
        "quantity": quantity, "model": model, "times": np.asarray(times, dtype=float),
        "code": code_key(*EXACT),
    })  # fmt: skip
