"""From a Hamiltonian and its losses to stochastic differential equations in phase space."""

from sdeframe.derivation.derive import Derivation, Step, derive
from sdeframe.derivation.emitters import Emitters
from sdeframe.derivation.master import Master
from sdeframe.derivation.moments import adjoint
from sdeframe.derivation.operators import Boson, Operator, commutator
from sdeframe.derivation.representations import PositiveP, Q, Representation, Wigner
from sdeframe.derivation.solver import exact_means
from sdeframe.derivation.starts import initial_values
from sdeframe.derivation.states import Coherent, DensityMatrix, Fock, Thermal

__all__ = [
    "Boson",
    "Coherent",
    "DensityMatrix",
    "Derivation",
    "Emitters",
    "Fock",
    "Master",
    "Operator",
    "PositiveP",
    "Q",
    "Representation",
    "Step",
    "Thermal",
    "Wigner",
    "adjoint",
    "commutator",
    "derive",
    "exact_means",
    "initial_values",
]
