"""From a master equation to stochastic differential equations in phase space."""

from sdeframe.derivation.derive import Derivation, Step, derive
from sdeframe.derivation.derived_model import DerivedModel
from sdeframe.derivation.exact.correlations import exact_correlations
from sdeframe.derivation.exact.photons import exact_photon_distribution
from sdeframe.derivation.exact.solver import exact_means
from sdeframe.derivation.kets.derivation import KetDerivation
from sdeframe.derivation.kets.representation import Ket
from sdeframe.derivation.operators.adjoint import adjoint
from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.master import Master
from sdeframe.derivation.operators.modes import Boson
from sdeframe.derivation.operators.operators import Operator, commutator
from sdeframe.derivation.phase_space.representations import PositiveP, Q, Representation, Wigner
from sdeframe.derivation.starts.cat import Cat
from sdeframe.derivation.starts.gaussian import Gaussian, Squeezed, TwoModeSqueezed
from sdeframe.derivation.starts.initial_values import initial_values
from sdeframe.derivation.starts.states import Coherent, DensityMatrix, Fock, Thermal

__all__ = [
    "Boson",
    "Cat",
    "Coherent",
    "DensityMatrix",
    "Derivation",
    "DerivedModel",
    "Emitters",
    "Fock",
    "Gaussian",
    "Ket",
    "KetDerivation",
    "Master",
    "Operator",
    "PositiveP",
    "Q",
    "Representation",
    "Squeezed",
    "Step",
    "Thermal",
    "TwoModeSqueezed",
    "Wigner",
    "adjoint",
    "commutator",
    "derive",
    "exact_correlations",
    "exact_means",
    "exact_photon_distribution",
    "initial_values",
]
