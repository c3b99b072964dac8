"""Whether what is given, or what a plugin returns, is of its kind; what to give in the place of what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sdeframe.interfaces.gauge import Gauge
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Ensemble, Observer, Record
from sdeframe.symbolic.system import SDE
from sdeframe.validators import shown

if TYPE_CHECKING:
    import xarray as xr

METHODS: Final = ("system", "initial_state", "parameters")
"""What a model must have, as methods."""


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
    for method in METHODS:
        if not callable(getattr(model, method)):
            raise TypeError(
                f"{type(model).__name__}.{method} is no method: write `def {method}(self)`, without @property"
            )
    if not isinstance(model.system(), SDE):
        raise TypeError(f"{shown(model)} gives {shown(model.system())}: its system() must return an SDE")


def empty_dataset(observer: Observer, ensemble: Ensemble) -> xr.Dataset:
    """Return what an observer writes of no trajectories, or raise TypeError where that, or its record, is none."""
    import xarray as xr

    name, record = type(observer).__name__, observer.start(ensemble)
    if not isinstance(record, Record):
        raise TypeError(
            f"{name}.start() returns {shown(record)}, which does not add: return a record of a class with "
            f"`def __add__(self, other)`, and change it in {name}.update()"
        )
    written: Any = observer.finish(record)
    if not isinstance(written, xr.Dataset):
        raise TypeError(
            f"{name}.finish() returns {shown(written)}: must return a dataset, such as "
            f'xr.Dataset({{"largest": ("time", values)}}, coords={{"time": times}})'
        )
    return written


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
