"""From a Hamiltonian and its losses to stochastic differential equations in phase space."""

from sdeframe.derivation.derive import Derivation, Step, derive
from sdeframe.derivation.emitters import Emitters
from sdeframe.derivation.master import Master
from sdeframe.derivation.moments import adjoint
from sdeframe.derivation.operators import Boson, Operator, commutator
from sdeframe.derivation.representations import PositiveP, Q, Representation, Wigner

__all__ = [
    "Boson",
    "Derivation",
    "Emitters",
    "Master",
    "Operator",
    "PositiveP",
    "Q",
    "Representation",
    "Step",
    "Wigner",
    "adjoint",
    "commutator",
    "derive",
]
