"""The law of a model."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import sympy as sp

from sdeframe.conformance.values import accepted, compare, values
from sdeframe.interfaces.gauge import Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.kets import KetOperator
from sdeframe.interfaces.model import Model, SolvableModel
from sdeframe.interfaces.poles import Poles
from sdeframe.running.kinds import check_kinds
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.wirtinger import wirtinger
from sdeframe.validators import shown


def check_model(model: Model, integrator: Integrator, end: float = 0.5, trajectories: int = 4096) -> None:
    """Check that a model is whole, that its declared laws hold and that its exact moments are those of its ensemble.

    Parameters
    ----------
    model
        With parameters for which trajectories do not run away before `end`.
    integrator
        The scheme of the ensemble; `end` must be an even multiple of its step.
    end
        Time at which moments are compared.
    trajectories
        Size of the ensemble.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    check_kinds(model, integrator, Identity())
    _check_properties(model)
    system = model.system()
    assert pickle.loads(pickle.dumps(system)) == system, "the system changes when it is pickled"
    assert hash(system) == hash(model.system()), "system() returns something else every time"
    everything = [*system.state, *model.observables.values()]
    with accepted():
        values(model, integrator, {f"checked_{i}": e for i, e in enumerate(everything)}, [end], 1)
    for name, (expression, drift) in model.balances.items():
        generated = system.generator(expression)
        assert equal(generated, drift), f"balance {name!r}: L f is {generated}, not the declared {drift}"
    for name, invariant in model.invariants.items():
        _check_invariant(model, name, invariant, integrator, end)
    if isinstance(model, SolvableModel):
        exact = _exact(model, end)
        names = set(model.observables)
        assert names <= set(exact) <= names | {f"{name}_se" for name in names}, (
            f"observables are {sorted(names)}; exact() gives {sorted(exact)}, and may give errors as <name>_se"
        )
        moments = values(model, integrator, model.observables, [end], trajectories, step_error=True)
        for name in model.observables:
            uncertain = float(exact.get(f"{name}_se", [0.0])[0])
            compare(name, moments[name].values[:, 0], complex(exact[name][0]), integrator.weak_order, uncertain)


def _check_properties(model: Model) -> None:
    """Check that what a model says of itself is of its kind."""
    name = type(model).__name__
    for property_, example in (
        ("observables", "{'n': z * sp.conjugate(z)}"),
        ("invariants", "{'norm': z * sp.conjugate(z)}"),
        ("balances", "{'z': (z, -z)}, an expression and its drift"),
    ):
        found = getattr(model, property_)
        assert not callable(found), f"{name}.{property_} is a method: write @property above it"
        assert isinstance(found, Mapping), f"{name}.{property_} is {shown(found)}: must be a dict, such as {example}"
    for key, value in [*model.observables.items(), *model.invariants.items()]:
        assert isinstance(value, (sp.Expr, KetOperator)), (
            f"{name}: {key!r} is {shown(value)}: must be an expression in its variables"
        )
    for key, pair in model.balances.items():
        paired = isinstance(pair, tuple) and len(pair) == 2
        assert paired, f"{name}: balance {key!r} is {shown(pair)}: must be a pair, of an expression and its drift"
    for property_ in ("runaway_variables", "poles"):
        assert not callable(getattr(model, property_)), f"{name}.{property_} is a method: write @property above it"
    poles = model.poles
    assert poles is None or isinstance(poles, Poles), (
        f"{name}.poles is {shown(poles)}: must be Poles(scale=1.0) or None"
    )


def _exact(model: SolvableModel, end: float) -> Mapping[str, Any]:
    """Return exact values at a time, or fail where they are no arrays over it."""
    exact: Any = model.exact(np.array([end]))
    name = type(model).__name__
    assert isinstance(exact, Mapping), (
        f"{name}.exact() gives {shown(exact)}: must return a dict of arrays by observable"
    )
    for key, value in exact.items():
        assert np.shape(value) == (1,), (
            f"{name}.exact(): {key!r} has the shape {np.shape(value)} for one time: must have one value a time"
        )
    return exact


def _check_invariant(model: Model, name: str, invariant: sp.Expr, integrator: Integrator, end: float) -> None:
    """Check that an invariant without noise has no drift; of any other, that its change falls by the strong order.

    The latter holds only where trajectories start, as the Bloch length 1 of (A39): dB = 2(1 - B) q.
    """
    system, numbers = model.system(), {p: sp.Rational(v) for p, v in model.parameters().items()}
    rows = {sp.conjugate(u): sp.conjugate(row) for u, row in system.noise.items()} | dict(system.noise)
    noise = sp.Add(*[wirtinger(invariant, u) * row for u, row in rows.items()])
    for N, added in system.jumps.items():
        jump = invariant.xreplace({x: x + j for x, j in added.items()}) - invariant
        assert equal(jump.xreplace(numbers), sp.Integer(0)), f"invariant {name!r} jumps with {N}, by {jump}"
    if equal(noise.xreplace(numbers), sp.Integer(0)):
        drift = system.generator(invariant).xreplace(numbers)
        assert equal(drift, sp.Integer(0)), f"invariant {name!r} has no noise, but the drift {drift}"
        return
    drifts = []
    for ratio in (1, 4):
        law = values(model, attrs.evolve(integrator, dt=integrator.dt / ratio), {"law": invariant}, [0.0, end], 512)
        start, stop = law["law"].values[0]
        drifts.append(float(np.median(np.abs(stop - start))))
    expected = 4**integrator.strong_order
    assert drifts[1] <= 1.5 * drifts[0] / expected + 1e-12, (
        f"invariant {name!r} drifts by {drifts[0]:.2g}, with a quarter of the step by {drifts[1]:.2g}: "
        f"strong order {integrator.strong_order:g} should divide it by {expected:g}"
    )
