"""Shapes of pulses as expressions."""

from __future__ import annotations

from typing import Any, Final

import sympy as sp

from sdeframe.symbolic.rows import expression
from sdeframe.symbolic.symbols import time
from sdeframe.validators import shown

__all__ = ["pulse"]

SHAPES: Final = ("gaussian", "sech", "square")


def pulse(shape: str, *, centre: Any, width: Any, height: Any = 1, edge: Any = None) -> Any:
    """Return a pulse as an expression in the time.

    Parameters
    ----------
    shape
        "gaussian" for exp(−(t − centre)²/2 width²), "sech" for 1/cosh((t − centre)/width), or "square" for 1 within
        width/2 of the centre, with edges that are hyperbolic tangents, ½ tanh((t ∓ width/2 − centre)/edge).
    centre, width, height
        Numbers or expressions, in parameters or random numbers too.
    edge
        How long an edge takes, of a square pulse only.

    Raises
    ------
    TypeError, ValueError
        If something else is given.
    """
    given = {"centre": centre, "width": width, "height": height} | ({} if edge is None else {"edge": edge})
    if shape not in SHAPES:
        raise ValueError(f"pulse({shown(shape)}): must be {', '.join(map(repr, SHAPES))}")
    if (shape == "square") != (edge is not None):
        raise ValueError(
            f"pulse({shape!r}, edge={shown(edge)}): a square pulse has an edge, such as edge=0.1, no other"
        )
    known = {name: expression(value, f"{name} of the pulse") for name, value in given.items()}
    for name in known.keys() & {"width", "edge"}:
        if known[name].is_positive is False:
            raise ValueError(f"pulse({shape!r}): {name}={known[name]}: must be positive")
    t, w = time - known["centre"], known["width"]
    match shape:
        case "gaussian":
            form = sp.exp(-((t / w) ** 2) / 2)
        case "sech":
            form = 1 / sp.cosh(t / w)
        case _:
            form = (sp.tanh((t + w / 2) / known["edge"]) - sp.tanh((t - w / 2) / known["edge"])) / 2
    return known["height"] * form
