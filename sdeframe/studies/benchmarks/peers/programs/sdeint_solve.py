"""sdeint: its solvers, which take one trajectory at a time."""

import protocol  # noqa: I001, before any library starts threads

import numpy as np
import sdeint


def prepare(task, scheme, trajectories):
    """Return a solver."""
    atoms, times = float(task["atoms"]), np.arange(task["steps"] + 1) * task["dt"]
    field, scale = 1 + (scheme != "euler") / (2 * atoms), (2 * atoms) ** -0.5
    start = np.zeros(5, dtype=complex)
    start[:2] = (task["photons"] / atoms) ** 0.5

    def drift(z, t):
        A, Ad, ree, reg, rge = z.tolist()
        inversion = 1j * (2 * ree - 1)
        return np.array(
            [-1j * field * reg, 1j * field * rge, 1j * (reg * Ad - rge * A), inversion * A, -inversion * Ad]
        )

    def noise(z, t):
        _, _, ree, reg, rge = (scale * z).tolist()
        r = scale * complex(z[2]) ** 0.5
        return np.array([
            [-1j * r, r, 0, 0, -1j * reg, reg], [0, 0, 1j * r, -r, 1j * rge, -rge], [0, 0, 0, 0, -ree, 1j * ree],
            [0, 0, r, -1j * r, -reg, 1j * reg], [r, -1j * r, 0, 0, -rge, 1j * rge],
        ])  # fmt: skip

    method = {"euler": sdeint.itoEuler, "heun": sdeint.stratHeun}[scheme]

    def solve(seed):
        generator = np.random.default_rng(seed)
        return np.array(
            [method(drift, noise, start, times, generator=generator)[-1, 2].real for _ in range(trajectories)]
        )

    return solve


protocol.serve(prepare)
