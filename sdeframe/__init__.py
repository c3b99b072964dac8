"""Stochastic differential equations for quantum dynamics in phase space: symbols in, validated ensembles out."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdeframe.model import Model, SolvableModel, SymbolicModel
    from sdeframe.poles import Poles
    from sdeframe.result import Result, load
    from sdeframe.simulation import simulate
    from sdeframe.studies.step_choice import choose_dt
    from sdeframe.symbols import (
        complex_noises,
        complex_variables,
        log_weight,
        parameters,
        random_choice,
        random_complex_normal,
        random_normal,
        random_uniform,
        real_noises,
        real_variables,
        time,
    )
    from sdeframe.system import SDE

_HOMES = {
    "sdeframe.model": ("Model", "SolvableModel", "SymbolicModel"),
    "sdeframe.poles": ("Poles",),
    "sdeframe.result": ("Result", "load"),
    "sdeframe.simulation": ("simulate",),
    "sdeframe.studies.step_choice": ("choose_dt",),
    "sdeframe.system": ("SDE",),
    "sdeframe.symbols": (
        "complex_noises", "complex_variables", "log_weight", "parameters", "random_choice", "random_complex_normal",
        "random_normal", "random_uniform", "real_noises", "real_variables", "time",
    ),
}  # fmt: skip

__all__ = [
    "SDE",
    "Model",
    "Poles",
    "Result",
    "SolvableModel",
    "SymbolicModel",
    "choose_dt",
    "complex_noises",
    "complex_variables",
    "load",
    "log_weight",
    "parameters",
    "random_choice",
    "random_complex_normal",
    "random_normal",
    "random_uniform",
    "real_noises",
    "real_variables",
    "simulate",
    "time",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that ``import sdeframe`` is quick."""
    for home, public in _HOMES.items():
        if name in public:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
