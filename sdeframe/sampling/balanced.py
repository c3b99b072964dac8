"""Trajectories whose noises cancel each other up to third order."""

from __future__ import annotations

from typing import Any, Final

import attrs

from sdeframe.sampling.fields import POLYNOMIALS
from sdeframe.sampling.plan import Draws, Plan, Sampling
from sdeframe.validators import is_whole, shown

FEWEST: Final = 8
"""Replicates that tell an error at least."""
MOST_NUMBERS: Final = 21_201
"""Dimensions of the Sobol' sequence."""
SMALLEST_START: Final = 4
LARGEST_START: Final = 20
"""Exponents of replicates of which only the initial numbers are tied."""


def _plain(number: Any) -> Any:
    return int(number) if is_whole(number) else number


def _valid_block(instance: object, attribute: object, block: Any) -> None:
    if block is not None and (not is_whole(block) or block < 2 or block & (block - 1)):
        raise ValueError(f"block={shown(block)} in Balanced: must be a power of 2, such as 4096, or None")


def _valid_replicates(instance: object, attribute: object, replicates: Any) -> None:
    if not is_whole(replicates) or replicates < FEWEST:
        raise ValueError(
            f"replicates={shown(replicates)} in Balanced: must be an integer, {FEWEST} at least, as errors are told by "
            f"how they differ"
        )


@attrs.frozen
class Balanced(Sampling):
    """Trajectories in blocks, replicates, in which the noises of a whole run cancel each other to third order.

    The random bits of the 2^M trajectories of a replicate are tied by a linear code under a shift of its own, so that
    each trajectory alone has its old law and means stay without bias, while every term of a mean of up to third order
    in all increments of a run, and of any odd order, has no sampling error. Small noise of size ε has a variance of the
    mean of ε⁸ in place of ε². Random numbers of the initial state are points of a Sobol' sequence. Steps cost no more
    time than those of independent trajectories.

    Where noise has grown strong, as near the horizon of trust, or in quantities such as the share beyond a bound,
    nothing is gained, and the variance can be larger than that of independent trajectories: up to about 2.4 times, with
    random initial normal numbers 5 times, on average over what is shared by chance. Stated errors hold all the same.

    Increments must be made of bits, as those of `W2S4` are. Standard errors come from the differences between
    replicates, see docs/sampling: of limits of confidence take those of Student's t with replicates − 1 degrees.

    Parameters
    ----------
    block
        Trajectories of a replicate, a power of 2. If not given, the fewest such that no two increments of the run share
        their code, with random initial numbers the most there are codes for; or, where that leaves fewer than
        `replicates`, the most that leave as many. Increments then share codes from the time ``codes_until`` of the
        dataset's attributes on, from which means can have several times the variance of independent trajectories unless
        damping forgets increments before their codes come back. That is said in a warning, but where a block is given.
    replicates
        How many there are to be at least, where no block is given. 8 are the fewest that are allowed; with 24, five
        standard errors are passed by chance once in 20,000 times.

    Raises
    ------
    ValueError
        If the block is no power of 2 or there are too few replicates; when it is run, if increments are normal, if
        nothing is random, or if the trajectories cannot be divided into replicates: with the nearest numbers.
    """

    block: int | None = attrs.field(default=None, converter=_plain, validator=_valid_block)
    replicates: int = attrs.field(default=24, converter=_plain, validator=_valid_replicates)

    def plan(self, draws: Draws) -> Plan:
        """Return how trajectories are tied."""
        if not draws.factors and not draws.numbers:
            raise ValueError("sampling=Balanced(): nothing is random in this run: leave it out")
        if draws.numbers > MOST_NUMBERS:
            raise ValueError(
                f"sampling=Balanced(): ties {MOST_NUMBERS} initial random numbers at most, this run has "
                f"{draws.numbers}: leave it out"
            )
        possible = _possible(draws)
        if self.block is None:
            fewest, plan = self.replicates, _largest(possible, self.replicates)
        else:
            fewest, plan = FEWEST, _of_size(possible, self.block)
        n, size = draws.trajectories, 1 << plan.exponent
        if n % size or n < fewest * size:
            near = [str(max(n // size + more, fewest) * size) for more in (0, 1)]
            fewer = self.block is None and n % size == 0 and n >= FEWEST * size
            raise ValueError(
                f"trajectories={n}: must be a multiple of {size} with sampling={self}, and {fewest * size} at least, "
                f"such as {' or '.join(dict.fromkeys(near))}{f'; or take Balanced(block={size})' if fewer else ''}"
            )
        return plan

    def advice(self, plan: Plan) -> str:
        """Return how to have codes enough, where increments share them and no block was asked for."""
        if self.block is not None or plan.shared_from is None:
            return ""
        whole = _whole(_possible(plan.draws))
        keep = f"or say Balanced(block={1 << plan.exponent}) where this is known"
        if whole.shared_from is not None:
            return f"take larger steps, a shorter run, {keep}"
        size = 1 << whole.exponent
        return f"take trajectories={self.replicates * size} at least, or {FEWEST * size} and Balanced({size}), {keep}"


def _possible(draws: Draws) -> list[Plan]:
    """Return the plans for replicates of any size that there are codes for, the smallest first."""
    if not draws.factors:
        return [Plan(exponent, draws) for exponent in range(SMALLEST_START, LARGEST_START + 1)]
    beside = draws.dimension + draws.mirrors
    plans = [Plan(beside + degree, draws) for degree in POLYNOMIALS if degree >= draws.dimension]
    plans = [plan for plan in plans if plan.fits]
    if not plans:
        raise ValueError(
            f"sampling=Balanced(): there are no codes for {draws.factors} increments and {draws.signs} signs a step: "
            f"leave it out"
        )
    return plans


def _whole(possible: list[Plan]) -> Plan:
    """Return the plan with the smallest replicates in which no code is shared, or that with the largest ones."""
    return next((plan for plan in possible if plan.shared_from is None), possible[-1])


def _largest(possible: list[Plan], replicates: int) -> Plan:
    """Return the plan with the largest replicates that need be, of which there are enough; else with the smallest.

    Initial numbers gain by every point of their sequence, so that with them the largest ones need be.
    """
    last = possible[-1] if possible[0].draws.numbers else _whole(possible)
    enough = [p for p in possible if p.replicates >= replicates and p.exponent <= last.exponent]
    return enough[-1] if enough else possible[0]


def _of_size(possible: list[Plan], block: int) -> Plan:
    """Return the plan with replicates of a size."""
    for plan in possible:
        if 1 << plan.exponent == block:
            return plan
    first, last = (1 << plan.exponent for plan in (possible[0], possible[-1]))
    raise ValueError(f"block={block} in Balanced: with this run it can be {first} to {last}")
