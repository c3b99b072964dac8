"""One run of kets for every number of quanta that matters, together one result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.derivation.kets.representation import Ket
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.groups.groups import Groups
from sdeframe.interfaces.gauge import Gauge
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.kets import KetOperator
from sdeframe.observers.pairs.pair_moments import PairMoments
from sdeframe.running.result import WARNINGS, Result, warned
from sdeframe.storage.store import Store, cached_run
from sdeframe.validators import is_finite, is_whole, shown

if TYPE_CHECKING:
    import xarray as xr

Reals = NDArray[np.float64]

SECTOR: Final = "sector"
PROBABILITY: Final = "probability"
LEFT_OUT: Final = "_left_out"
"""Of a mean, how far it may be off by sectors that were not run."""
OF_SECTOR: Final = "_of_sector"
"""Of a mean, those within every sector."""


def sectors(
    model: QuantumModel,
    integrator: Integrator,
    *,
    gauge: Gauge,
    times: ArrayLike,
    trajectories: int,
    groups: Groups,
    seed: int,
    left_out: float = 1e-3,
    threads: int | None = None,
    executor: Any = None,
    progress: bool = True,
    store: Store | None = None,
) -> Result:
    """Run kets of every number of quanta that matters, and return averages of all with their errors.

    H conserves the number n of quanta, so that averages of operators which do so too are <O> = Σ P(E) <O>_E, with the
    probabilities P(E) of the start and averages within sectors. Each sector is a run of its own, of `Ket(sector=E)`
    with `PairMoments` of all observables, with random numbers of its own, and is kept in a store. As P(E) is known it
    adds no noise.

    Parameters
    ----------
    model
        A model in kets, without cutoffs.
    integrator, gauge, times, groups, seed
        As for `sdeframe.simulate`, the same for every sector.
    trajectories
        Of each sector.
    left_out
        The largest probability that may be left out: sectors are taken from the most probable one on until no more is
        left. <O> is that of the others.
    threads, executor, progress
        As for `sdeframe.simulate`.
    store
        Where results are kept; the default store if not given.

    Returns
    -------
    Result
        Of every observable the mean with standard errors, those of sectors added in squares; ``..._left_out``, a bound
        on what sectors that were left out can change, which `Result.total_error` includes; and ``..._of_sector`` with
        ``..._of_sector_se``. Over "sector" the ``probability``; over "sector" and "time" ``norm`` and ``sum_w2``. The
        attribute "left_out" is the probability left out.

    Raises
    ------
    TypeError, ValueError
        If the model is not in kets, has a sector or cutoffs, H or an observable changes the number of quanta, or
        something else given is not valid.
    """
    _check(model, trajectories, left_out)
    P = model.sector_weights
    taken = _likely(P, left_out)
    results = [
        cached_run(
            store or Store(), _within(model, E), integrator, gauge=gauge, observers=[PairMoments(**model.operators)],
            times=times, trajectories=range(E * trajectories, (E + 1) * trajectories), groups=groups, seed=seed,
            threads=threads, executor=executor, progress=progress,
        )
        for E in taken
    ]  # fmt: skip
    return _together(model, P, dict(zip(taken, results, strict=True)))


def _check(model: Any, trajectories: Any, left_out: Any) -> None:
    if not isinstance(model, QuantumModel) or model.representation != Ket():
        raise TypeError(f"model={shown(model)} in sectors: must be QuantumModel(master, Ket(), ...), without a sector")
    if not is_finite(left_out) or not 0 < left_out < 1:
        raise ValueError(f"left_out={shown(left_out)} in sectors: must be between 0 and 1, such as 1e-3")
    if not is_whole(trajectories) or trajectories < 1:
        raise ValueError(
            f"trajectories={shown(trajectories)} in sectors: must be how many each sector has, such as 2000"
        )


def _likely(P: Mapping[int, float], left_out: float) -> list[int]:
    """Return the most probable sectors, as few as leave out no more than is allowed, in their order."""
    ordered = sorted(P, key=lambda E: (-P[E], E))
    held = np.cumsum([P[E] for E in ordered])
    return sorted(ordered[: int(np.argmax(held >= min(1 - left_out, held[-1]))) + 1])


def _within(model: QuantumModel, E: int) -> QuantumModel:
    return attrs.evolve(model, representation=Ket(sector=E))


def _together(model: QuantumModel, P: Mapping[int, float], results: Mapping[int, Result]) -> Result:
    """Return the result of all sectors."""
    import xarray as xr

    sets = [result.dataset for result in results.values()]
    share = np.array([P[E] for E in results])
    out = [E for E in P if E not in results]
    p = (share / share.sum())[:, np.newaxis]
    variables: dict[str, Any] = {PROBABILITY: (SECTOR, share, {"long_name": "probability of the sector"})}
    for name, operator in model.observables.items():
        assert isinstance(operator, KetOperator)
        of_sectors, errors = _stacked(sets, name), [_stacked(sets, f"{name}{kind}") for kind in ("_se", "_imag_se")]
        mean = np.sum(p * of_sectors, axis=0)
        about = dict(sets[0][name].attrs)
        variables |= {
            name: ("time", mean, about),
            f"{name}_se": ("time", np.sqrt(np.sum((p * errors[0]) ** 2, axis=0))),
            f"{name}_imag_se": ("time", np.sqrt(np.sum((p * errors[1]) ** 2, axis=0))),
            f"{name}{LEFT_OUT}": ("time", _largest_change(operator, mean, {E: P[E] for E in out})),
            f"{name}{OF_SECTOR}": (
                (SECTOR, "time"),
                of_sectors,
                {"long_name": f"{about['long_name']} in every sector"},
            ),
            f"{name}{OF_SECTOR}_se": ((SECTOR, "time"), errors[0]),
        }
    variables |= {name: ((SECTOR, "time"), _stacked(sets, name)) for name in ("norm", "norm_se", "sum_w2")}
    joined = xr.Dataset(variables, coords={SECTOR: list(results), "time": sets[0]["time"]})
    joined.attrs = _attributes(model, results) | {"left_out": 1 - float(share.sum())}
    return Result.of(joined, None, sum(result.seconds for result in results.values()))


def _stacked(sets: Sequence[xr.Dataset], name: str) -> NDArray[Any]:
    return np.array([ds[name].values for ds in sets])


def _largest_change(operator: KetOperator, mean: NDArray[np.complex128], P: Mapping[int, float]) -> Reals:
    """Return a bound on Σ P(E) |<O>_E − <O>| over sectors, by Gershgorin's circles, over time."""
    quanta, matrix = operator.basis.quanta(), operator.matrix()
    centres = matrix.diagonal()
    sizes = abs(matrix)
    around = np.maximum(sizes.sum(axis=0), sizes.sum(axis=1)) - np.abs(centres)
    found: Reals = np.zeros(len(mean))
    for E, p in P.items():
        of = quanta == E
        found += p * np.max(np.abs(centres[of, np.newaxis] - mean) + around[of, np.newaxis], axis=0)
    return found


def _attributes(model: QuantumModel, results: Mapping[int, Result]) -> dict[str, Any]:
    """Return what all runs share, and what has to be known of some."""
    first, *others = [result.dataset.attrs for result in results.values()]
    shared = {k: v for k, v in first.items() if all(attributes.get(k) == v for attributes in others)}
    said = [f"sector {E}: {line}" for E, result in results.items() for line in warned(result.dataset)]
    total = sum(int(result.dataset.attrs["trajectories"]) for result in results.values())
    return (
        shared
        | {"model_description": repr(model), "trajectories": total}
        | ({WARNINGS: "\n".join(said)} if said else {})
    )
