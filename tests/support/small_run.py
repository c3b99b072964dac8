"""A small ensemble of the Tavis-Cummings model with losses, which tests of runs share."""

import numpy as np

from sdeframe import (
    simulate,
)
from sdeframe.integrators import StochasticRK2
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways

MODEL = TavisCummings(atoms=10, photons=10.0)
TIMES = np.linspace(0.0, 4.0, 9)


def run(**changes):
    settings = {
        "observers": [
            Moments(excited=MODEL.excited, photon_number=MODEL.photon_number),
            Moments(bound=10.0, excited_low=MODEL.excited),
            Runaways(bound=10.0), Runaways(bound=1e3),
        ],
        "times": TIMES, "trajectories": 2_000, "seed": 7, "progress": False,
    }  # fmt: skip
    return simulate(MODEL, StochasticRK2(dt=0.0125), **{**settings, **changes})
