"""torchsde: its solvers with constant steps on a batch of trajectories."""

import protocol  # noqa: I001, before any library starts threads

import torch
import torchsde
from equations import increment

BATCH = 1024
METHODS = {"euler": "euler", "heun": "heun"}
OF = increment(torch.sqrt, torch.conj_physical)


class TavisCummings:
    """Drift and the product of noise with increments, on ten real variables."""

    noise_type = "general"

    def __init__(self, atoms, scheme):
        self.atoms, self.stratonovich = atoms, float(scheme != "euler")
        self.sde_type = "stratonovich" if self.stratonovich else "ito"

    def increments(self, y, dt, w):
        """Return the increments, real."""
        z = torch.view_as_complex(y.view(-1, 5, 2)).T
        return torch.view_as_real(torch.stack(OF(z, dt, w, self.atoms, self.stratonovich), 1)).view(-1, 10)

    def f(self, t, y):
        """Return the drift."""
        return self.increments(y, 1.0, torch.zeros(3, 1, dtype=torch.complex128))

    def g_prod(self, t, y, v):
        """Return the noise times six real increments."""
        return self.increments(y, 0.0, torch.view_as_complex(v.view(-1, 3, 2)).T * 0.5**0.5)


def prepare(task, scheme, trajectories):
    """Return a solver, of whole batches."""
    torch.set_num_threads(1)
    atoms, end, dt = float(task["atoms"]), task["steps"] * task["dt"], task["dt"]
    start = torch.zeros(BATCH, 10, dtype=torch.float64)
    start[:, 0] = start[:, 2] = (task["photons"] / atoms) ** 0.5
    sde = TavisCummings(atoms, scheme)

    def batch(seed):
        path = torchsde.BrownianInterval(0.0, end, size=(BATCH, 6), dtype=torch.float64, entropy=seed, dt=dt)
        with torch.no_grad():
            return torchsde.sdeint(sde, start, torch.tensor([0.0, end]), dt=dt, bm=path, method=METHODS[scheme])[
                -1, :, 4
            ]

    def solve(seed):
        count = -(-trajectories // BATCH)
        return torch.cat([batch(1000 * seed + k) for k in range(count)])[:trajectories].numpy()

    return solve


protocol.serve(prepare)
