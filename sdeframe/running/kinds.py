"""Whether what is given is of its kind, and what to give in the place of what is not."""

from __future__ import annotations

from typing import Any

from sdeframe.interfaces.gauge import Gauge
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.symbolic.system import SDE
from sdeframe.validators import shown


def check_kinds(model: Any, integrator: Any, gauge: Any) -> None:
    """Raise TypeError where one of them is something else."""
    expected: tuple[tuple[str, Any, type, str], ...] = (
        ("model", model, Model, "TavisCummings(atoms=10, photons=10)"),
        ("integrator", integrator, Integrator, "StochasticRK2(dt=1e-3)"),
        ("gauge", gauge, Gauge, "Identity()"),
    )
    for name, value, kind, example in expected:
        if not isinstance(value, kind):
            raise TypeError(f"{name}={shown(value)}: must be {needed(value, kind, example)}")
    if not isinstance(model.system(), SDE):
        raise TypeError(f"{shown(model)} gives {shown(model.system())}: its system() must return an SDE")


def needed(value: Any, kind: type, example: str) -> str:
    """Return what is needed in place of a value, as near to it as can be."""
    if kind is Model:
        example = _model_of(value) or example
    if isinstance(value, type) and issubclass(value, kind):
        example = f"{value.__name__}(...) of this class"
    return f"an object of class {kind.__name__}, such as {example}"


def _model_of(value: Any) -> str | None:
    """Return how a model is made of equations, or of a master equation."""
    from sdeframe.derivation import Derivation, Master  # slow to load, and for a message only

    if isinstance(value, SDE):
        start = ", ".join(f"{x}: 1.0" for x in value.variables.values())
        known = ", ".join(f"{p}: 1.0" for p in value.parameters.values())
        return f"SymbolicModel(sde, initial={{{start}}}{f', parameters={{{known}}}' if known else ''}) of this system"
    if isinstance(value, Derivation):
        value = value.master
    if not isinstance(value, Master):
        return None
    name = next(iter(value.parts))
    state, number = ("0", f"{name}.dag() * {name}") if value.modes else (f'"{value.parts[name].levels[0]}"', "...")
    return (
        f"QuantumModel(master, PositiveP(), start={{{name}: {state}}}, parameters={{...}}, "
        f'observables={{"n": {number}}}) of this master equation'
    )
