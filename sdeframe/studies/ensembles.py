"""What figures 1 to 5 and ``sdeframe validate open`` compute, each from the store if it is there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sdeframe.campaigns.damping_search import MinimalDamping, minimal_damping
from sdeframe.campaigns.default_step import default_scheme
from sdeframe.interfaces.integrator import Integrator
from sdeframe.models import TavisCummings
from sdeframe.observers import Runaways, TrustHorizon
from sdeframe.sources import RUN, code_key
from sdeframe.storage.store import Store, cached_exact, cached_run
from sdeframe.studies.criteria import HIGH, LOW, SHARE

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

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
SMALLEST: Final = 0.05
"""What is drawn at least."""


def figure_cases() -> Iterator[TavisCummings]:
    """Yield the closed systems of figures 2 to 5."""
    for atoms in ATOMS:
        for start, shares in PHOTONS.items():
            for share in shares:
                yield TavisCummings(atoms, share * atoms, start=start)


def grid(model: TavisCummings) -> Reals:
    """Return the output times, every 0.1, of a strong field, which oscillates faster, every 0.05."""
    count = 200 if model.photons > model.atoms else 100
    return np.arange(count + 1) * LAST / count


def ensemble(
    store: Store,
    model: TavisCummings,
    trajectories: int,
    threads: int | None,
    scheme: Integrator | None = None,
    seed: int = SEED,
) -> Result:
    """Return a run with the mean of ρee over the survivors of bound 1e3, "excited", and of bound 10, "excited_low".

    Its trust horizon is among them.
    """
    times = grid(model)
    observers = [TrustHorizon(excited=model.excited), Runaways(LOW), Runaways(HIGH)]
    return cached_run(
        store, model, scheme or default_scheme(model, times), observers=observers, times=times,
        trajectories=trajectories, seed=seed, threads=threads,
    )  # fmt: skip


def searched_damping(store: Store, model: TavisCummings, threads: int | None) -> MinimalDamping:
    """Return the smallest damping of a closed model at which at most 0.5 % are lost by τ = 10."""
    about: dict[str, Any] = {
        "share": SHARE, "until": LAST, "bound": HIGH, "bracket": BRACKET, "trajectories": SEARCHED, "seed": SEED,
    }  # fmt: skip
    scheme = default_scheme(model, np.array([LAST]))
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


def reference(store: Store, model: TavisCummings) -> xr.Dataset:
    """Return the exact observables with their standard errors at the output times."""
    return cached_exact(store, model, grid(model))
