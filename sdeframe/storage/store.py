"""Results kept on disk under a hash of everything they depend on, so that nothing is computed twice."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

import attrs
import numpy as np
from numpy.typing import ArrayLike

from sdeframe.compiled.cache import cache_root, private_folder
from sdeframe.described import described
from sdeframe.files import sealed, unsealed, write_whole
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model, SolvableModel
from sdeframe.progress import busy, progress_bar
from sdeframe.running.compose import RunOptions, compose
from sdeframe.running.netcdf import decoded, encoded
from sdeframe.running.provenance import FORMAT, provenance
from sdeframe.running.result import Result
from sdeframe.running.simulation import run_problem
from sdeframe.storage.keys import exact_key, run_key

if TYPE_CHECKING:
    import xarray as xr

Key = Mapping[str, Any] | str

NAMES_OF_RUN: Final = ("model", "model_description", "gauge", "conversion")
"""Attributes that name what was given: another model may make the same run."""


def _default_folder() -> Path:
    return cache_root() / "results"


@attrs.frozen
class Store:
    """Datasets in a folder, each in a NetCDF file that is named by a hash of what it depends on.

    A file is written whole or not at all. One that is damaged, or is not what its name says, is made anew, and where
    the folder cannot be used everything is computed: both are said in a `UserWarning`. As with the cache of kernels, a
    folder to which others have access is not used. Files can be deleted at any time.

    Parameters
    ----------
    folder
        Where the files are; if not given a folder of the user's cache, which the variable SDEFRAME_CACHE_DIR can move.

    Examples
    --------
    >>> store = Store()
    >>> result = cached_run(
    ...     store, model, W2S4(dt=0.025), observers=[Moments(excited=model.excited)],
    ...     times=times, trajectories=100_000, seed=1,
    ... )
    >>> exact = cached_exact(store, model, times)["excited"]
    >>> curves = store.dataset({"what": "minimal damping", "model": model, "seed": 1}, compute)
    """

    folder: Path = attrs.field(factory=_default_folder, converter=Path)

    def dataset(self, key: Key, compute: Callable[[], xr.Dataset]) -> xr.Dataset:
        """Return the dataset of a key, computed where it is not kept yet.

        Parameters
        ----------
        key
            Everything that the dataset depends on: text, or a mapping of what `sdeframe.storage.described` knows.
        compute
            Makes the dataset.
        """
        kept = self.load(key)
        return self.save(key, compute()) if kept is None else kept

    def load(self, key: Key) -> xr.Dataset | None:
        """Return the dataset of a key, or None where it is not kept, or no longer whole, which is said."""
        name = key_hash(key)
        file = self.folder / f"{name}.nc"
        try:
            data = (private_folder(self.folder) / file.name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            warnings.warn(f"results are not kept: {error}", stacklevel=2)
            return None
        try:
            return decoded(unsealed(data, name))
        except Exception:  # damaged, or whole but of another version's format
            warnings.warn(f"{file}: is damaged, or not what its name says: computing anew", stacklevel=2)
            return None

    def save(self, key: Key, dataset: xr.Dataset) -> xr.Dataset:
        """Keep a dataset under a key, and return it as `load` will; where it cannot be kept, that is said."""
        whole = dataset.assign_attrs(sdeframe_format=FORMAT)
        name = key_hash(key)
        try:
            write_whole(private_folder(self.folder) / f"{name}.nc", sealed(encoded(whole), name))
        except Exception as error:  # whatever it is, a computed result is not lost for it
            warnings.warn(f"a result is not kept: {error}", stacklevel=2)
        return whole


def cached_run(
    store: Store,
    model: Model,
    integrator: Integrator,
    *,
    threads: int | None = None,
    executor: Any = None,
    progress: bool = True,
    **options: Unpack[RunOptions],
) -> Result:
    """Return the result of a run from a store; where it is not kept yet, simulate and keep it.

    The parameters beside the store are those of `sdeframe.simulate`, but for ``block``. A result that was kept has the
    same bits as one that is simulated, can be replayed, and its `seconds` is nan.

    Raises
    ------
    TypeError, ValueError
        If something given is not valid, or is such that it cannot be known what its results depend on.
    """
    problem = compose(model, integrator, **options)
    key = run_key(problem)
    kept = store.load(key)
    if kept is not None:
        now = provenance(problem)
        return Result.of(kept.assign_attrs({name: now[name] for name in NAMES_OF_RUN}), problem, model=model)
    result = run_problem(problem, threads, executor, progress_bar(problem.trajectories, progress))
    return Result.of(store.save(key, result.whole), problem, result.seconds, model)


def cached_exact(store: Store, model: SolvableModel, times: ArrayLike) -> xr.Dataset:
    """Return the exact observables of a model over "time", from a store; computed and kept where they are not there.

    Raises
    ------
    ValueError
        If the model has no exact solution at these times.
    """
    import xarray as xr

    def compute() -> xr.Dataset:
        with busy("exact solution"):
            curves = {name: ("time", values) for name, values in model.exact(times).items()}
        return xr.Dataset(curves, coords={"time": np.asarray(times, dtype=float)}).assign_attrs(model=repr(model))

    return store.dataset(exact_key(model, times), compute)


def key_hash(key: Key) -> str:
    """Return the name of a key."""
    return hashlib.sha256((key if isinstance(key, str) else described(key)).encode()).hexdigest()
