"""What a plugin derives from."""

from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.increments import FourPoint, Gaussian, Law, Octagon
from sdeframe.interfaces.integrator import Increments, Integrator
from sdeframe.interfaces.model import Model, SolvableModel, SymbolicModel
from sdeframe.interfaces.observer import Ensemble, Observer, Record, Snapshot
from sdeframe.interfaces.poles import Poles

__all__ = [
    "Ensemble",
    "FourPoint",
    "Gauge",
    "Gaussian",
    "Identity",
    "Increments",
    "Integrator",
    "Law",
    "Model",
    "Observer",
    "Octagon",
    "Poles",
    "Record",
    "Snapshot",
    "SolvableModel",
    "SymbolicModel",
]
