"""From a Hamiltonian and its losses to stochastic differential equations in phase space."""

from sdeframe.derivation.emitters import Emitters
from sdeframe.derivation.master import Master
from sdeframe.derivation.operators import Boson, Operator, commutator

__all__ = ["Boson", "Emitters", "Master", "Operator", "commutator"]
