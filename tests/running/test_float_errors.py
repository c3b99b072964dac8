"""Results are those of numpy's usual arithmetic, whatever a user has told numpy or numba."""

import os
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

from sdeframe import simulate
from sdeframe.derivation import Boson, Fock, Master, PositiveP, Thermal, derive, exact_means, initial_values
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4
from sdeframe.models import GeometricBrownianMotion, KerrOscillator, OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Conserved, Runaways, Trajectories, TrustHorizon, WeightedTrustHorizon

CLOSED, OPEN = TavisCummings(10, 100.0), TavisCummings(3, 2.0, decay=0.5)
a = Boson("a")
MASTER = Master(a.dag() * a, [(1, a)])


def run(observer, model=CLOSED, **settings):
    observers = [
        observer(excited=model.excited),
        Runaways(),
        Conserved(bloch=model.excited),
        Trajectories([0], path=model.excited),
    ]
    return simulate(
        model, W2S4(dt=0.05), observers=observers, times=[0.5, 5.0], trajectories=300, seed=4, step_error=True,
        progress=False, **settings,
    )  # fmt: skip


COMPUTED = {
    "a weighted run": lambda: run(WeightedTrustHorizon, gauge=QuarticDrift()).dataset,
    "a run": lambda: run(TrustHorizon).dataset,
    "a replay": lambda: run(TrustHorizon).replay([0, 7]),
    "closed": lambda: CLOSED.exact([0.0, 1.0]),
    "open": lambda: OPEN.exact([0.0, 1.0]),
    "photons": lambda: {"p": CLOSED.photon_distribution([0.0, 1.0]), "q": OPEN.photon_distribution([0.0, 1.0])},
    "derived": lambda: KerrOscillator().exact([0.0, 1.0]),
    "thermal": lambda: exact_means(MASTER, {"n": a.dag() * a}, {a: Thermal(0, 2)}, [0.0, 1.0]),
    "decayed": lambda: {**OrnsteinUhlenbeck().exact([900.0]), **GeometricBrownianMotion(growth=-9).exact([99.0])},
    "a start": lambda: {"x": np.array(list(map(str, initial_values(MASTER, PositiveP(), {a: Fock(2)}).values())))},
    "equations": lambda: {"x": np.array(list(map(str, derive(MASTER, PositiveP()).sde().drift.values())))},
}


@pytest.mark.parametrize("what", COMPUTED)
def test_nothing_depends_on_what_numpy_is_told_to_raise(what):
    plain = COMPUTED[what]()
    with np.errstate(all="raise"):
        strict = COMPUTED[what]()
    if isinstance(plain, xr.Dataset):
        xr.testing.assert_identical(strict, plain)
    else:
        assert all(np.array_equal(strict[name], plain[name]) for name in plain)


def test_a_numba_that_does_not_compile_is_refused_in_a_line():
    script = (
        "from sdeframe import simulate; from sdeframe.models import OrnsteinUhlenbeck as M;"
        "from sdeframe.integrators import W2S4; from sdeframe.observers import Runaways;"
        "simulate(M(), W2S4(dt=0.5), observers=[Runaways()], times=[1.0], trajectories=2, seed=1)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "NUMBA_DISABLE_JIT": "1"}
    )
    assert shown.returncode == 1
    assert shown.stderr.splitlines()[-1].startswith("ValueError: NUMBA_DISABLE_JIT is set, and trajectories run as com")
