"""How means are written into a dataset."""

from __future__ import annotations

from typing import Any, Final

from sdeframe.sums.estimates import Estimates

ERRORS: Final = ("_se", "_imag_se", "_floor", "_imag_floor")
"""What stands beside every mean; floors where trajectories are tied."""


def written(name: str, estimates: Estimates, about: str, over: tuple[str, ...] = ("time",)) -> dict[str, Any]:
    """Return a mean and the standard errors of its parts as variables, with their floors where they have any.

    They are over the time, or over other dimensions.
    """
    variables: dict[str, Any] = {
        name: (over, estimates.mean, {"long_name": about}),
        f"{name}_se": (over, estimates.error.real),
        f"{name}_imag_se": (over, estimates.error.imag),
    }
    if estimates.floor is not None:
        variables[f"{name}_floor"] = (over, estimates.floor.real)
        variables[f"{name}_imag_floor"] = (over, estimates.floor.imag)
    return variables


def suffixes(*kinds: str) -> tuple[str, ...]:
    """Return what is written for a name beside its mean: the errors of it, and further means with theirs."""
    return (*ERRORS, *(kind + error for kind in kinds for error in ("", *ERRORS)))
