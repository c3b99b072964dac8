"""Runs whose cost is measured: a ring of any size for the formula, models of the package to hold it against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp

from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model, SymbolicModel
from sdeframe.interfaces.observer import Observer
from sdeframe.models import BoseHubbard, TavisCummings
from sdeframe.observers import Moments, Runaways, TrustHorizon, WeightedMoments
from sdeframe.sampling import Balanced, Independent, Sampling
from sdeframe.symbolic.symbols import complex_variables, real_noises
from sdeframe.symbolic.system import SDE

DT: Final = 0.025
FEWEST_TIED: Final = 24_576
SCHEME, PLAIN, INDEPENDENT = W2S4(DT), Identity(), Independent()


@attrs.frozen
class Case:
    """A run on one thread unless told otherwise, by default with two output times."""

    name: str
    model: Model
    means: type[Observer] = Moments
    names: int = 1
    """Expressions of which means are taken."""
    outputs: int = 2
    steps: int = 200
    trajectories: int = 20_000
    threads: int = 1
    integrator: Integrator = SCHEME
    gauge: Gauge = PLAIN
    sampling: Sampling = INDEPENDENT
    step_error: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What `simulate` and `estimate` take beside model and integrator."""
        every = self.steps // (self.outputs - 1)
        named = dict(list((dict(self.model.observables) or dict(self.model.system().variables)).items())[: self.names])
        return {
            "gauge": self.gauge, "observers": [self.means(**named), Runaways()],
            "times": np.arange(self.outputs) * every * self.integrator.dt, "trajectories": self.trajectories,
            "seed": 1, "step_error": self.step_error, "sampling": self.sampling,
        }  # fmt: skip

    def sized(self, trajectories: int | None) -> Case:
        """Return the case with at most so many trajectories, tied ones in whole replicates."""
        size = min(self.trajectories, trajectories or self.trajectories)
        if isinstance(self.sampling, Balanced):
            size = max(size // FEWEST_TIED, 1) * FEWEST_TIED
        return attrs.evolve(self, trajectories=size)


def ring(variables: int, noises: int) -> Model:
    """Return complex variables that each turn with the next one, under real noises that they share in turn."""
    z = complex_variables(" ".join(f"z{k}" for k in range(variables)))
    W = real_noises(" ".join(f"W{k}" for k in range(noises)))
    z, W = np.atleast_1d(z).tolist(), np.atleast_1d(W).tolist()
    drift = {z[k]: -sp.I * z[k] * z[k - 1] - z[k] / 2 for k in range(variables)}
    noise = {z[k]: z[k] * W[k % noises] / 10 for k in range(variables)}
    return SymbolicModel(SDE(drift=drift, noise=noise), initial=dict.fromkeys(z, 1.0))


def several(case: Case, **values: Sequence[Any]) -> tuple[Case, ...]:
    """Return a case with one of its properties changed to each of some values."""
    [(name, changed)] = values.items()
    return tuple(attrs.evolve(case, name=f"{name} {value}", **{name: value}) for value in changed)


RING: Final = Case("ring", ring(5, 5), trajectories=98_304)
EULER: Final = EulerMaruyama(DT)
VARIABLES: Final = tuple(
    Case(f"{v} variables, 5 noises", ring(v, 5), trajectories=8192, steps=100) for v in (5, 20, 50, 100, 200)
)
NOISES: Final = tuple(Case(f"20 variables, {m} noises", ring(20, m), trajectories=8192, steps=100) for m in (1, 5, 20))
NORMALS: Final = tuple(
    Case(f"{v} variables, {m} normal noises", ring(v, m), trajectories=16_384, steps=200, integrator=EULER)
    for v, m in ((5, 5), (20, 5), (20, 20))
)
OUTPUTS: Final = several(RING, outputs=(2, 11, 41, 101, 201))
NAMES: Final = several(attrs.evolve(RING, outputs=101), names=(1, 2, 4))
SHORT: Final = attrs.evolve(RING, steps=20)
SMALL_SIZES: Final = several(SHORT, trajectories=(1_000, 10_000))
"""So small that most of their time is that of beginning and ending: no formula is fitted to it."""
SIZES: Final = several(SHORT, trajectories=(100_000, 1_000_000, 10_000_000))
CLOSED: Final = TavisCummings(atoms=10, photons=10.0)
HELD_OUT: Final = (
    Case("TCM N=10, W2S4", CLOSED),
    Case("TCM N=10, W2S4, 101 outputs", CLOSED, outputs=101),
    Case("TCM N=10, trust, step error", CLOSED, TrustHorizon, 3, 101, step_error=True),
    Case("TCM N=10, 1001 outputs", CLOSED, outputs=1001, steps=1000),
    Case("TCM N=100, Euler, 51 outputs", TavisCummings(atoms=100, photons=10.0), outputs=51, steps=5000,
         trajectories=4096, integrator=EulerMaruyama(1e-3)),
    Case("open TCM N=10, W2S4", TavisCummings(atoms=10, photons=10.0, decay=0.5), outputs=21),
    Case("Bose-Hubbard, 6 sites", BoseHubbard(6), outputs=11, trajectories=8192),
    Case("TCM gauged, weighted means", CLOSED, WeightedMoments, 3, 21, gauge=QuarticDrift()),
    Case("TCM N=10, balanced", CLOSED, outputs=21, trajectories=98_304, sampling=Balanced()),
    Case("TCM N=10, two threads", CLOSED, outputs=101, trajectories=50_000, threads=2),
)  # fmt: skip
"""On none of which the formula was fitted."""
