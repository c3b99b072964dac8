"""Trajectories whose noises cancel each other from one event to the next."""

from __future__ import annotations

import attrs

from sdeframe.sampling.fields import POLYNOMIALS
from sdeframe.sampling.plan import Draws, Plan


def children_plan(children: int, draws: Draws, steps: int) -> Plan:
    """Return how trajectories are tied that begin alike.

    Parameters
    ----------
    children
        How many they are, a power of 2.
    draws
        The random numbers of the run.
    steps
        The most steps from one event to the next.

    Raises
    ------
    ValueError
        If there are not enough codes for all increments of so many steps, with the way out.
    """
    own = attrs.evolve(draws, trajectories=children, steps=steps, numbers=0, normals=0)
    plans = [Plan(draws.dimension + degree, own) for degree in POLYNOMIALS if degree >= draws.dimension]
    whole = [plan for plan in plans if plan.fits and plan.shared_from is None]
    for plan in whole:
        if 1 << plan.exponent == children:
            return plan
    possible = " or ".join(str(1 << plan.exponent) for plan in whole[:2])
    way_out = f"take {possible}, or have events" if possible else "have events"
    raise ValueError(
        f"children={children} in Branch: there are no codes for so many and the {draws.factors} increments of each of "
        f"{steps} steps from one event to the next: {way_out} more often"
    )
