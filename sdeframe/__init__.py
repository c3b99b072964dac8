"""Stochastic differential equations for quantum dynamics in phase space: symbols in, validated ensembles out."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sdeframe.caches import clear_caches
    from sdeframe.campaigns.differences import difference
    from sdeframe.campaigns.merging import merge
    from sdeframe.campaigns.proposed_poles import propose_poles
    from sdeframe.campaigns.run_cost import estimate
    from sdeframe.campaigns.step_choice import choose_dt
    from sdeframe.campaigns.sweeps import sweep
    from sdeframe.derivation.quantum_model import QuantumModel
    from sdeframe.drives.coloured import ornstein_uhlenbeck_noise
    from sdeframe.drives.pulses import pulse
    from sdeframe.drives.sampled import sampled
    from sdeframe.interfaces.model import Model, SolvableModel, SymbolicModel
    from sdeframe.interfaces.poles import Poles
    from sdeframe.running.result import Result, load
    from sdeframe.running.simulation import simulate
    from sdeframe.running.stopping.rules import TargetError, WallTime
    from sdeframe.symbolic.averages import mean
    from sdeframe.symbolic.jumps.poisson import poisson_noises
    from sdeframe.symbolic.symbols import (
        complex_noises,
        complex_parameters,
        complex_variables,
        log_weight,
        parameters,
        random_choice,
        random_complex_normal,
        random_normal,
        random_uniform,
        real_noises,
        real_variables,
    )
    from sdeframe.symbolic.symbols import time as time
    from sdeframe.symbolic.system import SDE

_HOMES = {
    "sdeframe.caches": ("clear_caches",),
    "sdeframe.derivation.quantum_model": ("QuantumModel",),
    "sdeframe.drives.coloured": ("ornstein_uhlenbeck_noise",),
    "sdeframe.drives.pulses": ("pulse",),
    "sdeframe.drives.sampled": ("sampled",),
    "sdeframe.interfaces.model": ("Model", "SolvableModel", "SymbolicModel"),
    "sdeframe.interfaces.poles": ("Poles",),
    "sdeframe.running.result": ("Result", "load"),
    "sdeframe.running.simulation": ("simulate",),
    "sdeframe.running.stopping.rules": ("TargetError", "WallTime"),
    "sdeframe.campaigns.differences": ("difference",),
    "sdeframe.campaigns.merging": ("merge",),
    "sdeframe.campaigns.proposed_poles": ("propose_poles",),
    "sdeframe.campaigns.run_cost": ("estimate",),
    "sdeframe.campaigns.step_choice": ("choose_dt",),
    "sdeframe.campaigns.sweeps": ("sweep",),
    "sdeframe.symbolic.system": ("SDE",),
    "sdeframe.symbolic.averages": ("mean",),
    "sdeframe.symbolic.jumps.poisson": ("poisson_noises",),
    "sdeframe.symbolic.symbols": (
        "complex_noises", "complex_parameters", "complex_variables", "log_weight", "parameters", "random_choice",
        "random_complex_normal", "random_normal", "random_uniform", "real_noises", "real_variables", "time",
    ),
}  # fmt: skip

__all__ = [
    "SDE",
    "Model",
    "Poles",
    "QuantumModel",
    "Result",
    "SolvableModel",
    "SymbolicModel",
    "TargetError",
    "WallTime",
    "choose_dt",
    "clear_caches",
    "complex_noises",
    "complex_parameters",
    "complex_variables",
    "difference",
    "estimate",
    "load",
    "log_weight",
    "mean",
    "merge",
    "ornstein_uhlenbeck_noise",
    "parameters",
    "poisson_noises",
    "propose_poles",
    "pulse",
    "random_choice",
    "random_complex_normal",
    "random_normal",
    "random_uniform",
    "real_noises",
    "real_variables",
    "sampled",
    "simulate",
    "sweep",
]  # without time, which a star import would put in the place of the standard module


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that ``import sdeframe`` is quick."""
    for home, public in _HOMES.items():
        if name in public:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
