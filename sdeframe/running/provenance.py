"""Where a dataset comes from: everything needed to make its bits again."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

import numpy as np
from llvmlite import binding

from sdeframe.kernels.jumps import bound_of
from sdeframe.running.problem import Problem

FORMAT = "sdeframe-result/1"
"""The kind and version of a result file."""


def provenance(problem: Problem) -> dict[str, Any]:
    """Return a dataset's attributes: text and numbers only, so that every file format can hold them."""
    integrator = problem.integrator
    origin, stepped = problem.origin, integrator.interpretation
    bounds = [bound_of(N) for N in problem.sde.jumps]
    converted = f"{origin.interpretation} system converted to {stepped} for {integrator!r}"
    return {
        "sdeframe_format": FORMAT,
        "model": origin.model,
        "model_description": origin.description,
        "gauge": origin.gauge,
        "integrator": repr(integrator),
        "dt": float(integrator.dt),
        "weak_order": float(integrator.weak_order),
        "interpretation": stepped,
        "conversion": "none" if origin.interpretation == stepped else converted,
        "trajectories": problem.trajectories,
        "first_trajectory": problem.first_trajectory,
        "seed": problem.seed,
        "step_error": "yes" if problem.step_error else "no",
        "sampling": repr(problem.sampling),
        **({} if problem.events is None else {"events": str(problem.events)}),
        **_replicates(problem),
        "random_numbers": problem.random_numbers,
        "tested_variables": ", ".join(problem.variables[i].name for i in problem.tested),
        **_jumps(problem),
        **{f"parameter_{s.name}": v for s, v in problem.values.items() if s not in bounds},
        **{f"drive_{table.name}": table.description for table in problem.tables},
        **{f"version_{name}": version(name) for name in ("sdeframe", "numba", "numpy", "sympy")},
        "python": platform.python_version(),
        "processor": binding.get_host_cpu_name(),
        "processor_features": ",".join(sorted(k for k, on in binding.get_host_cpu_features().items() if on)),
        "float_type": np.dtype(float).str,
    }


def _jumps(problem: Problem) -> dict[str, Any]:
    """Return the rates of jumps with the numbers that bound them, if there are any."""
    told = (f"{N.name}: rate {N.rate}, bound {problem.values[bound_of(N)]:g}" for N in problem.sde.jumps)
    return {"jumps": "; ".join(told)} if problem.sde.jumps else {}


def _replicates(problem: Problem) -> dict[str, Any]:
    """Return how trajectories are tied, and from which time on increments share their codes, if they do."""
    plan = problem.plan
    if plan is None:
        return {}
    shared = {} if plan.shared_from is None else {"codes_until": problem.time(plan.shared_from)}
    groups = -(-problem.trajectories // problem.replicate_size)
    return {"replicates": groups, "replicate_size": problem.replicate_size, **shared}
