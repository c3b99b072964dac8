"""Experiments of which some things are said anew."""

from __future__ import annotations

from typing import Any

from sdeframe.studies.experiments.ending import without_end
from sdeframe.studies.experiments.experiment import ELSEWHERE, NAMED, Experiment
from sdeframe.studies.experiments.text import Table


def overridden(experiment: Experiment, given: Table) -> Experiment:
    """Return an experiment in which what is given stands in the place of what was said.

    Settings are replaced one by one; but where another model, gauge, integrator or sampling is named, those of the one
    before go with it, and so do Dask or MPI where the other one is asked for. A parameter that is set is not scanned.
    An end is replaced whole; where anything is said anew that decides a number, so is that at which a run ended.
    """
    table = experiment.table
    table["scan"] = {
        name: values for name, values in experiment.scan.items() if name not in given.get("parameters", {})
    }
    if given.get("model", experiment.model) != experiment.model:
        table["parameters"] = {}
    if any(value != {} for key, value in given.items() if key not in ELSEWHERE):
        table["until"] = {} if given.get("until") else without_end(experiment).until
    for key in NAMED:
        if given.get(key, {}).get("name", table[key]["name"]) != table[key]["name"]:
            table[key] = {}
    if {"dask", "mpi"} & set(given.get("engine", {})):
        table["engine"] = {key: value for key, value in experiment.engine.items() if key == "threads"}
    return Experiment.of({**table, **{key: _replaced(table.get(key), value) for key, value in given.items()}})


def _replaced(before: Any, value: Any) -> Any:
    return {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
