"""A small run that tests spread over threads, processes or machines."""

from sdeframe import simulate
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, Runaways, Trajectories

MODEL = OrnsteinUhlenbeck()
SCHEME = EulerMaruyama(dt=0.1)
OPTIONS = {
    "observers": [Moments(**MODEL.observables), Runaways(1.0), Trajectories([77, 3, 40], path=MODEL.observables["x"])],
    "times": [0.5, 1.0], "trajectories": 96, "seed": 5, "progress": False, "block": 4,
}  # fmt: skip


def run(scheme=SCHEME, **changes):
    return simulate(MODEL, scheme, **{**OPTIONS, **changes})
