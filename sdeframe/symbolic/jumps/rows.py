"""What a user gives for jumps, as plain rows of expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdeframe.symbolic.jumps.poisson import PoissonNoise
from sdeframe.symbolic.rows import RowPairs, computable
from sdeframe.symbolic.symbols import StateVariable, log_weight

__all__ = ["JumpPairs", "Jumps", "jump_rows"]

Jumps = Mapping[PoissonNoise, Mapping[Any, Any]]
"""What each Poisson noise adds to variables."""
JumpPairs = tuple[tuple[PoissonNoise, RowPairs], ...]
"""The same as pairs, which can be hashed."""


def jump_rows(mapping: Any) -> JumpPairs:
    """Return what every Poisson noise adds to every variable as pairs, sorted by the names of noises.

    Raises
    ------
    TypeError, ValueError
        If something is of another kind.
    """
    if not isinstance(mapping, Mapping):
        raise TypeError(f"jumps is {mapping!r}: give a mapping such as {{N: {{x: 1}}}}")
    for N, rows in mapping.items():
        if not isinstance(N, PoissonNoise):
            raise TypeError(f"jumps holds {N!r}, no Poisson noise: declare it with poisson_noises")
        if not isinstance(rows, Mapping) or not rows:
            raise TypeError(f"jumps of {N} are {rows!r}: give what is added to variables, such as {{x: 1}}")
        for x in rows:
            if x == log_weight:
                raise ValueError(f"jumps of {N} hold {x}: weights that jump are not supported")
            if not isinstance(x, StateVariable):
                raise TypeError(f"jumps of {N} hold {x!r}, no variable: declare it with real_variables")
    pairs = [
        (N, tuple((x, computable(value, f"jump of {x} with {N}")) for x, value in rows.items()))
        for N, rows in mapping.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: pair[0].name))
