"""What figures 1 to 5 and ``sdeframe validate open`` compute, each from the store if it is there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sdeframe.campaigns.damping_search import MinimalDamping, minimal_damping
from sdeframe.campaigns.default_step import default_scheme
from sdeframe.interfaces.gauge import Gauge, Identity, gauged
from sdeframe.interfaces.integrator import Integrator
from sdeframe.models import TavisCummings
from sdeframe.observers import Runaways, TrustHorizon, WeightedTrustHorizon
from sdeframe.sources import RUN, code_key
from sdeframe.storage.store import Store, cached_exact, cached_run
from sdeframe.studies.criteria import HIGH, LOW, SHARE, WEIGHT_BOUND

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from sdeframe.running.compose import RunOptions
    from sdeframe.running.result import Result

    Reals = NDArray[np.float64]

ATOMS: Final = (10, 100)
PHOTONS: Final = {"ground": (0.1, 1.0, 10.0), "excited": (0.0, 0.1, 1.0, 10.0)}
"""Photons per atom at the start, by the start of the atoms: the columns of the figures."""
LAST: Final = 10.0
SEED: Final = 1
SEARCHED: Final = 40_000
"""Trajectories of the search for the minimal damping."""
BRACKET: Final = (0.0, 2.0)
EXAMPLE: Final = 0.1
"""What is drawn where no damping is needed."""
IDENTITY: Final = Identity()
SMALLEST: Final = 0.05
"""What is drawn at least."""


def figure_cases() -> Iterator[TavisCummings]:
    """Yield the closed systems of figures 2 to 5."""
    for atoms in ATOMS:
        for start, shares in PHOTONS.items():
            for share in shares:
                yield TavisCummings(atoms, share * atoms, start=start)


def grid(model: TavisCummings, last: float = LAST) -> Reals:
    """Return the output times, every 0.1, of a strong field, which oscillates faster, every 0.05."""
    count = math.ceil((20 if model.photons > model.atoms else 10) * last)
    return np.arange(count + 1) * last / count


def ensemble(
    store: Store,
    model: TavisCummings,
    trajectories: int,
    threads: int | None,
    scheme: Integrator | None = None,
    seed: int = SEED,
    gauge: Gauge = IDENTITY,
    last: float = LAST,
) -> Result:
    """Return a run with the mean of ρee over the survivors of bound 1e3, "excited", and of bound 10, "excited_low".

    Its trust horizon is among them. Where a gauge makes weights, it is that of the mean by the weight.
    """
    options = run_options(model, trajectories, seed, gauge, last)
    return cached_run(store, model, scheme or default_scheme(model, grid(model, last)), threads=threads, **options)


def run_options(model: TavisCummings, trajectories: int, seed: int, gauge: Gauge, last: float) -> RunOptions:
    """Return what is run of a model."""
    plain = [TrustHorizon(excited=model.excited), Runaways(LOW), Runaways(HIGH)]
    with_weights = [WeightedTrustHorizon(excited=model.excited), Runaways(HIGH, WEIGHT_BOUND)]
    return {
        "gauge": gauge, "observers": with_weights if weighted(model, gauge) else plain, "times": grid(model, last),
        "trajectories": trajectories, "seed": seed,
    }  # fmt: skip


def weighted(model: TavisCummings, gauge: Gauge) -> bool:
    """Tell whether trajectories have weights under a gauge."""
    return gauged(gauge, model.system()).log_weight is not None


def searched_damping(
    store: Store,
    model: TavisCummings,
    threads: int | None,
    last: float = LAST,
    bracket: tuple[float, float] | None = None,
) -> MinimalDamping:
    """Return the smallest damping of a closed model at which at most 0.5 % are lost by the last time."""
    about: dict[str, Any] = {
        "share": SHARE, "until": last, "bound": HIGH, "bracket": bracket or BRACKET, "trajectories": SEARCHED,
        "seed": SEED,
    }  # fmt: skip
    scheme = default_scheme(model, np.array([last]))
    key = {
        "what": "minimal damping", "model": model, "scheme": scheme, **about,
        "code": code_key(*RUN, "campaigns", "gauges", "integrators", "models", "storage"),
    }  # fmt: skip
    found = store.dataset(key, lambda: minimal_damping(model, integrator=scheme, threads=threads, **about).curve)
    return MinimalDamping(found)


def drawn_damping(minimal: MinimalDamping) -> float:
    """Return the damping that is drawn as the minimal one, rounded up to a hundredth."""
    if minimal.none_needed:
        return EXAMPLE
    return max(math.ceil(100 * minimal.value - 1e-9) / 100, SMALLEST)


def reference(store: Store, model: TavisCummings, last: float = LAST) -> xr.Dataset:
    """Return the exact observables with their standard errors at the output times."""
    return cached_exact(store, model, grid(model, last))
