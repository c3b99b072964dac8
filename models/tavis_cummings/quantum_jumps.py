"""The open Tavis-Cummings model at any size: quantum-jump Monte Carlo in the permutation-invariant Dicke basis."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from inspect import getsource
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.caches import cached
from sdeframe.compiled.cache import compile_source
from sdeframe.compiled.jit import check_compiler
from sdeframe.compiled.random_numbers import Word, key
from sdeframe.models.tavis_cummings import jump_trajectory
from sdeframe.models.tavis_cummings.closed_exact import poisson_window
from sdeframe.models.tavis_cummings.density_matrix import checked_times
from sdeframe.models.tavis_cummings.sample import Sample
from sdeframe.sums.tree import NodeKey, Tree, merge_moments, reduce_leaves
from sdeframe.validators import is_whole

Reals = NDArray[np.float64]

OBSERVABLES: Final = ("excited", "photon_number", "pair")
TOLERANCE: Final = 1e-12
"""Probability of the photon numbers that are left out at τ = 0."""
PROMISED: Final = 1e-6
"""Largest part of an amplitude that the steps of a trajectory may leave out together."""
BLOCK: Final = 32
"""Trajectories per unit of work."""


@usual_arithmetic
def jump_solution(
    sample: Sample,
    times: ArrayLike,
    trajectories: int,
    seed: int,
    threads: int,
) -> dict[str, Reals]:
    r"""Average quantum-jump trajectories of eq. (1) at resonance, each atom decaying on its own, for a coherent field.

    No observable sees coherences between different numbers of excitations, so that each trajectory begins with a
    photon number drawn from the Poisson law of the field. Between emissions its state is a vector of at most N + 1
    amplitudes with one Dicke label j and one number of excitations; an emission changes j by -1, 0 or 1. That has
    no bias but for the Taylor steps, see `jump_trajectory`, whose remainder is bounded along every trajectory: for N =
    10 and 100, n_ph = 10 to 1000, γ = f/2 and τ to 10, halving the step changed no <σee> of any by more than 2e-10.

    Parameters
    ----------
    sample
        What is solved.
    times
        Scaled times τ = f t, at least 0, shape (T,), in any order.
    trajectories
        How many, at least 2, for the standard errors.
    seed
        An integer from 0 to 2⁶³ - 1; the result is the same to the bit for the same seed.
    threads
        Number of threads, which changes no bit.

    Returns
    -------
    dict
        "excited", the excited share <σee> of an atom, "photon_number", <a†a>, and for two atoms or more "pair",
        <σeg^μ σge^ν> of two different ones; float64 of shape (T,). Each has its standard error under its name with
        "_se" added.

    Raises
    ------
    ValueError
        If an argument is outside what is allowed above, or the steps leave out more than `PROMISED`.
    """
    check_compiler()
    _check_counts(trajectories, threads)
    k0, k1 = key(seed)
    tau, place = np.unique(checked_times(times), return_inverse=True)
    n, probability = poisson_window(sample.photons, TOLERANCE)
    law = (int(n[0]), np.cumsum(probability))
    block = partial(_block, trajectories, (sample.atoms, sample.excited, float(sample.decay), tau, *law, k0, k1))
    tree = Tree(merge_moments)
    with ThreadPoolExecutor(threads) as pool:
        for nodes in pool.map(block, range(0, trajectories, BLOCK)):
            tree += Tree(merge_moments, nodes)
    return _statistics(tree, OBSERVABLES if sample.atoms > 1 else OBSERVABLES[:2], place)


@usual_arithmetic
def _block(
    trajectories: int,
    problem: tuple[int, int, float, Reals, int, Reals, Word, Word],
    first: int,
) -> dict[NodeKey, Reals]:
    """Run a block of trajectories and return what they add to the sums."""
    count, T = min(BLOCK, trajectories - first), problem[3].size
    values = np.empty((count, T, len(OBSERVABLES)))
    left_out = jump_trajectory.BEYOND * run_trajectories()(values, first, *problem)
    if not left_out <= PROMISED:
        raise ValueError(
            f"quantum jumps to τ = {problem[3][-1]:g} are not as accurate as promised: their Taylor steps can leave "
            f"out {left_out:.1g} of an amplitude, {PROMISED:g} is allowed; take shorter times"
        )
    means = values.reshape(count, -1).T
    leaves = np.concatenate([np.ones((1, count)), means, np.zeros_like(means)])
    return dict(reduce_leaves(first, leaves, merge_moments))


@cached(None)
def run_trajectories() -> Any:
    """Return `jump_trajectory.run_trajectories`, compiled through the kernel cache."""
    return compile_source(getsource(jump_trajectory))["run_trajectories"]


def _statistics(tree: Tree, names: tuple[str, ...], place: NDArray[np.intp]) -> dict[str, Reals]:
    """Return means and standard errors at the times asked for."""
    total = tree.total()
    assert total is not None  # there are trajectories
    count, (means, squares) = total[0], total[1:].reshape(2, -1, len(OBSERVABLES))
    errors = np.sqrt(squares / (count - 1) / count)
    named = {name: means[place, o] for o, name in enumerate(names)}
    return named | {f"{name}_se": errors[place, o] for o, name in enumerate(names)}


def _check_counts(trajectories: int, threads: int) -> None:
    for name, number, least in (("trajectories", trajectories, 2), ("threads", threads, 1)):
        if not is_whole(number) or number < least:
            raise ValueError(f"{name}={number!r}: give a whole number of at least {least}")
