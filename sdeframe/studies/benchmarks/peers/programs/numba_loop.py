"""numba: the loop over trajectories and steps, with numpy's normals as numba compiles them."""

import protocol  # noqa: I001, before any library starts threads

import numpy as np
from equations import increment, stepper
from numba import njit


def prepare(task, scheme, trajectories):
    """Return a solver."""
    step = stepper(increment(np.sqrt, np.conj), scheme, njit(error_model="numpy"))
    field, dt, steps, atoms = (task["photons"] / task["atoms"]) ** 0.5, task["dt"], task["steps"], float(task["atoms"])

    @njit(error_model="numpy")
    def solve(seed):
        np.random.seed(seed)
        half, values = np.sqrt(dt / 2), np.empty(trajectories)
        for k in range(trajectories):
            z = (complex(field), complex(field), 0j, 0j, 0j)
            for _ in range(steps):
                F = half * complex(np.random.normal(), np.random.normal())
                Fd = half * complex(np.random.normal(), np.random.normal())
                S = half * complex(np.random.normal(), np.random.normal())
                z = step(z, dt, (F, Fd, S), atoms)
            values[k] = z[2].real
        return values

    return solve


protocol.serve(prepare)
