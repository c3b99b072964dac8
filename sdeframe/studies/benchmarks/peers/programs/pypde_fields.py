"""py-pde: five complex fields on a grid with a point for every trajectory, and no derivative in space."""

import protocol  # noqa: I001, before any library starts threads

import numpy as np
import pde
from equations import increment
from numba import njit

OF = njit(increment(np.sqrt, np.conj))


class TavisCummings(pde.SDEBase):
    """Drift and correlated noise, both compiled."""

    use_noise_variance = False
    use_noise_realization = True

    def __init__(self, atoms):
        super().__init__(noise=0)
        self.atoms = atoms

    def evolution_rate(self, state, t=0):
        """Refuse the slow way."""
        raise NotImplementedError

    def make_evolution_rate(self, state, backend):
        """Return the drift."""
        atoms = self.atoms

        @njit
        def rate(z, t):
            d = np.empty_like(z)
            for k in range(z.shape[1]):
                v = (z[0, k], z[1, k], z[2, k], z[3, k], z[4, k])
                d[0, k], d[1, k], d[2, k], d[3, k], d[4, k] = OF(v, 1.0, (0j, 0j, 0j), atoms, 0.0)
            return d

        return rate

    def make_noise_realization(self, state, backend):
        """Return the noise for a unit of time."""
        atoms, half = self.atoms, 0.5**0.5

        @njit
        def noise(z, t):
            d = np.empty_like(z)
            for k in range(z.shape[1]):
                F = half * complex(np.random.normal(), np.random.normal())
                Fd = half * complex(np.random.normal(), np.random.normal())
                S = half * complex(np.random.normal(), np.random.normal())
                v = (z[0, k], z[1, k], z[2, k], z[3, k], z[4, k])
                d[0, k], d[1, k], d[2, k], d[3, k], d[4, k] = OF(v, 0.0, (F, Fd, S), atoms, 0.0)
            return d

        return noise


@njit
def seeded(seed):
    """Seed the generator of compiled code."""
    np.random.seed(seed)


def prepare(task, scheme, trajectories):
    """Return a solver."""
    equation, field = TavisCummings(float(task["atoms"])), (task["photons"] / task["atoms"]) ** 0.5
    grid = pde.UnitGrid([trajectories])
    start = pde.FieldCollection(
        [pde.ScalarField(grid, value, dtype=complex) for value in (field, field, 0.0, 0.0, 0.0)]
    )
    solver = pde.EulerSolver(equation, backend="numba")
    advance = solver.make_stepper(start, dt=task["dt"])
    end = task["steps"] * task["dt"]

    def solve(seed):
        seeded(seed)
        state = start.copy()
        done = advance(state, 0.0, end)
        return (done if isinstance(done, pde.FieldCollection) else state)[2].data.real

    return solve


protocol.serve(prepare)
