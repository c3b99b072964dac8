"""One run for every combination of parameters, in one labelled dataset."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Unpack, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model, SymbolicModel
from sdeframe.progress import progress_bar
from sdeframe.running.by_step import split
from sdeframe.running.compose import RESERVED, RunOptions, compose
from sdeframe.running.netcdf import check_name
from sdeframe.running.problem import Problem
from sdeframe.running.result import WARNINGS, warned
from sdeframe.running.simulation import run_problem
from sdeframe.storage.keys import run_key
from sdeframe.storage.store import Store
from sdeframe.symbolic.symbols import Parameter

if TYPE_CHECKING:
    import xarray as xr

STEP: Final = "dt"
BOUND: Final = "bound"
REPLICATES: Final = ("replicates", "replicate_size")
"""What a sweep writes beside what its runs write."""


def sweep(
    model: Model,
    grid: Mapping[str, Sequence[Any] | NDArray[Any]],
    integrator: Integrator | Callable[[Model], Integrator],
    *,
    threads: int | None = None,
    executor: Any = None,
    progress: bool = True,
    store: Store | None = None,
    **options: Unpack[RunOptions],
) -> xr.Dataset:
    """Run a model for every combination of some of its parameters and return one dataset over them.

    Parameters are arguments of the compiled kernel, so one compilation serves all that only numbers tell apart. Every
    run has the same seed, thus the same random numbers: differences between combinations scatter much less than each
    of them, but errors of neighbours are not independent; `sdeframe.difference` tells that of a difference. Each run
    is kept in a store as soon as it is done, under all that its result depends on; what is there already, from a sweep
    that was interrupted or from another one, is not computed again.

    Parameters
    ----------
    model
        Its parameters that are not in the grid stay as they are.
    grid
        Values by name, numbers or text: fields of the model, of a `SymbolicModel` its parameters.
    integrator
        How a step is made, or a function of the model that returns it, for a step that depends on parameters.
    threads, executor
        As for `sdeframe.simulate`.
    progress
        Whether to say how many results are there already, and to show a progress bar, in a terminal or notebook.
    store
        Where results are kept; the default store if not given.
    **options
        gauge, observers, times, trajectories, seed, step_error and sampling as for `sdeframe.simulate`, the same for
        every combination.

    Returns
    -------
    xarray.Dataset
        What the observers write, with the parameters as first dimensions in the order of the grid, and the step as
        ``dt`` and the freezing bound as ``bound`` over the parameters. Losses by step are in single results, which
        `sdeframe.storage.cached_run` finds in the store. ``swept.sweep.plot("n")`` draws it, see
        `sdeframe.campaigns.swept.Swept`.

    Raises
    ------
    TypeError, ValueError
        Before anything is run, if something given is not valid: the parameter, its value and the way out are named.
    """
    values = valid_grid(grid)
    runs: list[_Run] = []
    for row in itertools.product(*values.values()):
        combination = dict(zip(values, row, strict=True))
        try:
            made = with_parameters(model, combination)
            scheme = integrator if isinstance(integrator, Integrator) else integrator(made)
            problem = compose(made, scheme, **options)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{_text(combination)}: {error}") from None
        runs.append(_Run(combination, problem, run_key(problem)))
    _check_records(values, runs)
    datasets = _run_missing(runs, threads, executor, progress, store or Store())
    return _joined(runs, datasets, values).assign_attrs(model=model.title, model_description=repr(model))


class _Run(NamedTuple):
    """A combination of values, what it makes, and under what its result is kept."""

    combination: dict[str, Any]
    problem: Problem
    key: str


def _run_missing(
    runs: Sequence[_Run], threads: int | None, executor: Any, progress: bool, store: Store
) -> list[xr.Dataset]:
    """Return the result of every run, from the store where it is there."""
    datasets = [store.load(run.key) for run in runs]
    missing = [k for k, dataset in enumerate(datasets) if dataset is None]
    if progress:
        print(f"sweep: {len(runs)} runs, {len(runs) - len(missing)} are there already", file=sys.stderr)
    total = sum(runs[k].problem.trajectories for k in missing)
    with progress_bar(total, progress and bool(missing)) as advanced:
        for k in missing:
            _, problem, key = runs[k]
            result = run_problem(problem, threads, executor, nullcontext(advanced))
            datasets[k] = store.save(key, result.whole)
    return [dataset for dataset in datasets if dataset is not None]


def valid_grid(grid: Any) -> dict[str, list[Any]]:
    """Return the values of every parameter as plain numbers or texts.

    Raises
    ------
    TypeError, ValueError
        If there is no parameter, or it has no values, equal ones, or other ones than numbers or texts.
    """
    if not isinstance(grid, Mapping):
        raise TypeError(f"grid={grid!r}: must be a mapping of parameters to values, such as {{'decay': [0.0, 0.5]}}")
    if not grid:
        raise ValueError("grid={}: name at least one parameter, such as {'decay': [0.0, 0.5]}")
    return {name: _valid_values(name, given) for name, given in ((_name(key), v) for key, v in grid.items())}


def _name(parameter: Any) -> Any:
    """Return the name of a parameter, which may be given by its symbol."""
    return parameter.name if isinstance(parameter, Parameter) else parameter


def _valid_values(name: str, given: Any) -> list[Any]:
    if isinstance(given, str) or not isinstance(given, (Sequence, np.ndarray)):
        raise TypeError(f"{name}={given!r} in the grid: must be a list of values, such as [{given!r}]")
    values = [value.item() if isinstance(value, np.generic) else value for value in given]
    if not values:
        raise ValueError(f"{name}=[] in the grid: give at least one value, or leave the parameter out")
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    if not numbers and not all(isinstance(v, str) for v in values):
        complex_ones = any(isinstance(v, complex) for v in values)
        way_out = f": sweep over the parts {name}_re and {name}_im of a complex parameter" if complex_ones else ""
        raise TypeError(f"{name}={given!r} in the grid: must be numbers, or texts{way_out}")
    for k, value in enumerate(values):
        if value in values[:k]:
            raise ValueError(f"{name} holds {value!r} twice in the grid: give every value once")
    return values


def with_parameters(model: Model, values: Mapping[str, Any]) -> Model:
    """Return a model with other values of fields, or of parameters of a `SymbolicModel` or `QuantumModel`.

    Raises
    ------
    TypeError, ValueError
        If it has no such parameter, or refuses a value.
    """
    kind: Any = type(model)
    if not attrs.has(kind):
        raise TypeError(f"model={model!r}: must be an object of an attrs class, such as TavisCummings(10, 10.0)")
    if isinstance(model, SymbolicModel):
        symbols = {symbol.name: symbol for symbol in model.values}
        _check_known(model, values, symbols)
        return attrs.evolve(model, parameters={**model.values, **{symbols[n]: v for n, v in values.items()}})
    if isinstance(model, QuantumModel):
        _check_known(model, values, [symbol.name for symbol in model.parameters()])
        return model.having(**values)
    _check_known(model, values, [field.alias for field in attrs.fields(kind) if field.init])
    changed: Model = attrs.evolve(cast(Any, model), **values)
    return changed


def _check_known(model: Model, values: Iterable[str], known: Iterable[str]) -> None:
    for name in values:
        if name not in known:
            raise ValueError(f"{type(model).__name__} has no parameter {name!r}, only {', '.join(known)}")


def _check_records(names: Iterable[str], runs: Sequence[_Run]) -> None:
    """Name what could not stand in one dataset, before anything runs: clashing names, and other shapes."""
    empty = []
    for run in runs:
        parts = [observer.finish(observer.start(run.problem)) for observer in run.problem.observers]
        empty.append({str(name): array for part in parts for name, array in part.variables.items()})
    for name in (STEP, BOUND, *REPLICATES):
        if name in empty[0]:
            raise ValueError(f"{name!r}: a sweep writes something of this name; rename it in the observers")
    for name in names:
        check_name(name, "the grid")
        if name in (*empty[0], *RESERVED, STEP, *REPLICATES):
            raise ValueError(f"parameter {name!r}: the runs write something of this name; rename it in the observers")
    _check_shapes(runs, empty)


def _check_shapes(runs: Sequence[_Run], written: Sequence[Mapping[str, Any]]) -> None:
    first = {name: array.sizes for name, array in written[0].items()}
    for run, arrays in zip(runs, written, strict=True):
        sizes = {name: array.sizes for name, array in arrays.items()}
        for name in sorted({*first, *sizes}):
            if sizes.get(name) != first.get(name):
                raise ValueError(
                    f"{name} has the shape {dict(first.get(name, {}))} at {_text(runs[0].combination)} and "
                    f"{dict(sizes.get(name, {}))} at {_text(run.combination)}: one dataset cannot hold both; take "
                    f"observers that write the same for every model, or several sweeps"
                )


def _joined(runs: Sequence[_Run], datasets: Sequence[xr.Dataset], values: Mapping[str, list[Any]]) -> xr.Dataset:
    """Return one dataset over the parameters, without what is counted by step."""
    import xarray as xr

    import sdeframe.campaigns.swept  # noqa: F401 (gives datasets their pictures)

    said = [f"{_text(run.combination)}: {line}" for run, d in zip(runs, datasets, strict=True) for line in warned(d)]
    joined = [
        split(dataset)[0].assign(
            {STEP: dataset.attrs["dt"], BOUND: float(dataset["bound"][-1]), **_replicates(dataset)}
        )
        for dataset in datasets
    ]
    _check_shapes(runs, [{str(name): array for name, array in ds.variables.items()} for ds in joined])
    for name, given in reversed(list(values.items())):
        along = xr.Variable(name, given)
        joined = [
            xr.concat(
                joined[k : k + len(given)], xr.DataArray(along, {name: along}), data_vars="all", coords="minimal",
                compat="override", join="exact", combine_attrs="drop_conflicts",
            )
            for k in range(0, len(joined), len(given))
        ]  # fmt: skip
    return joined[0].assign_attrs({WARNINGS: "\n".join(said)} if said else {})


def _replicates(dataset: xr.Dataset) -> dict[str, Any]:
    """Return how many groups told the errors of a run, and of how many trajectories, where they are tied."""
    return {name: dataset.attrs[name] for name in REPLICATES if name in dataset.attrs}


def _text(combination: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in combination.items())
