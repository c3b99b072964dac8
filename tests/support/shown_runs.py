"""One run of the driven Kerr oscillator that every observer watches, for what shows results."""

from functools import cache

import numpy as np
import sympy as sp

from sdeframe import simulate
from sdeframe.derivation import Boson
from sdeframe.integrators import W2S4
from sdeframe.models import KerrOscillator
from sdeframe.observers import (
    Conserved,
    Correlation,
    Histogram,
    Moments,
    PhotonStatistics,
    Spectrum,
    TimeAverage,
    Trajectories,
    TrustHorizon,
)

MODEL = KerrOscillator(drive=1.0)
TIMES = np.linspace(0, 6, 25)
a = Boson("a")


@cache
def everything():
    """Return the run; its means cannot be trusted up to the end."""
    alpha, plus = MODEL.system()["a"], MODEL.system()["ad"]
    edges = np.linspace(-2, 2, 9)
    observers = [
        TrustHorizon(**MODEL.observables), Moments(twice=2 * alpha), Conserved(drift=alpha),
        Correlation(start=1.0, g2=MODEL.derivation.correlation((a.dag(), a), a.dag() * a)),
        Trajectories([0, 3], path=alpha), Histogram(edges, x=sp.re(alpha)),
        Histogram((edges, edges[::2]), u=sp.re(alpha), v=sp.im(alpha)),
        PhotonStatistics(5, P=alpha * plus), Spectrum(window=(0.0, 2.0), S=(plus, alpha)),
        TimeAverage(window=(0.0, 2.0), number=alpha * plus),
    ]  # fmt: skip
    return simulate(
        MODEL, W2S4(dt=0.125), observers=observers, times=TIMES, trajectories=400, seed=2, threads=1, progress=False,
        step_error=True,
    )  # fmt: skip
