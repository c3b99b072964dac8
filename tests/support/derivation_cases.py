"""Modes, emitters and parameters that tests of derivations share."""

import sympy as sp

from sdeframe import parameters
from sdeframe.derivation import Boson, Emitters, Master
from tests.support import paper_forms as paper

N, f, gamma, omega, g = paper.N, paper.f, paper.gamma, paper.omega, paper.g


a = Boson("a", ("A", "Ad"))


same = Emitters("rho", levels="ge", size=N)


U, F, kappa, J, nbar = parameters("U F kappa J nbar", positive=True)


def tavis_cummings(mode=a, atoms=same, *, laboratory=False):
    """(1) and (3)."""
    H = f / sp.sqrt(N) * (atoms.sum("eg") * mode + atoms.sum("ge") * mode.dag())
    H = H + omega * (mode.dag() * mode + atoms.sum("ee")) if laboratory else H
    return Master(H, loss=[(gamma, atoms.each("ge"))])


def single(n):
    return Emitters("rho", levels="ge", size=n, individual=True)


two = single(2)


three = Emitters("rho", levels="ge", size=3, individual=True)
