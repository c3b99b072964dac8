"""Plain numpy: arrays of some trajectories that fit a cache."""

import protocol  # noqa: I001, before any library starts threads

import numpy as np
from equations import increment, stepper

BATCH = 1024


def prepare(task, scheme, trajectories):
    """Return a solver, of whole batches."""
    step, dt, atoms = stepper(increment(np.sqrt, np.conj), scheme), task["dt"], float(task["atoms"])

    def batch(generator, size):
        field = np.full(size, (task["photons"] / atoms) ** 0.5, dtype=complex)
        z = (field, field, *(np.zeros(size, dtype=complex) for _ in range(3)))
        for _ in range(task["steps"]):
            w = generator.standard_normal((3, size, 2)).view(complex)[..., 0] * (dt / 2) ** 0.5
            z = step(z, dt, w, atoms)
        return z[2].real

    def solve(seed):
        generator, sizes = np.random.default_rng(seed), [BATCH] * (trajectories // BATCH)
        return np.concatenate([batch(generator, size) for size in [*sizes, trajectories % BATCH] if size])

    return solve


protocol.serve(prepare)
