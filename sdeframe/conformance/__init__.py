"""The law that every plugin of a kind must pass, as plain functions that raise AssertionError with a reason."""

from sdeframe.conformance.derivations import check_derivation
from sdeframe.conformance.gauges import check_gauge
from sdeframe.conformance.group_observers import check_group_observer
from sdeframe.conformance.integrators import check_integrator
from sdeframe.conformance.models import check_model
from sdeframe.conformance.observers import check_observer
from sdeframe.conformance.values import compare, values

__all__ = [
    "check_derivation",
    "check_gauge",
    "check_group_observer",
    "check_integrator",
    "check_model",
    "check_observer",
    "compare",
    "values",
]
