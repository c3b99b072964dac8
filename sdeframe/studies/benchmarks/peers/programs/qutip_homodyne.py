"""QuTiP: homodyne detection of a driven Kerr oscillator, one trajectory after the other on one core."""

import protocol  # noqa: I001, before any library starts threads

import numpy as np
import qutip


def prepare(task, scheme, trajectories):
    """Return a solver."""
    a = qutip.destroy(task["levels"])
    n = a.dag() * a
    H = task["interaction"] / 2 * a.dag() ** 2 * a**2 + task["drive"] * (a + a.dag())
    options = {"method": scheme, "dt": task["dt"], "map": "serial", "progress_bar": "", "keep_runs_results": True}
    solver = qutip.SSESolver(H, [task["decay"] ** 0.5 * a], heterodyne=False, options=options)
    times = [0.0, task["steps"] * task["dt"]]

    def solve(seed):
        found = solver.run(qutip.basis(task["levels"], 0), times, ntraj=trajectories, e_ops=[n], seeds=seed)
        return np.array(found.runs_expect[0])[:, -1]

    return solve


protocol.serve(prepare)
