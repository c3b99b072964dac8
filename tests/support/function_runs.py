"""Short runs."""

from sdeframe import simulate
from sdeframe.integrators import EulerMaruyama


def run(model, *observers, trajectories=2000, seed=1, times=(0.0, 1.0), **options):
    return simulate(
        model, EulerMaruyama(0.05), observers=observers, times=times, trajectories=trajectories, seed=seed,
        progress=False, **options,
    ).dataset  # fmt: skip
