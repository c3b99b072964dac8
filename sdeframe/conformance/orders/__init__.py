"""The order laboratory: what order of convergence a scheme has."""

from sdeframe.conformance.orders.enumeration import enumerated_step, in_its_calculus, outcomes
from sdeframe.conformance.orders.local import local_order
from sdeframe.conformance.orders.strong import Paths, solve, strong_order
from sdeframe.conformance.orders.weak import Linear, Weak, moment_maps, weak_orders

__all__ = [
    "Linear",
    "Paths",
    "Weak",
    "enumerated_step",
    "in_its_calculus",
    "local_order",
    "moment_maps",
    "outcomes",
    "solve",
    "strong_order",
    "weak_orders",
]
