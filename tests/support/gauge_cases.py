"""Gauges and systems that tests of gauges share."""

import attrs
import sympy as sp

from sdeframe import complex_variables, real_noises, real_variables
from sdeframe.gauges import (
    DriftGauge,
)  # fmt: skip
from tests.support import paper_forms as paper

A46, A39 = paper.a46(), paper.a39()


A, Ad, ree, reg, rge, F, Fd, S, N = (
    paper.A, paper.Ad, paper.rho_ee, paper.rho_eg, paper.rho_ge, paper.F, paper.Fd, paper.S, paper.N,
)  # fmt: skip


x, z, W, V = real_variables("x"), complex_variables("z"), real_noises("W"), real_noises("V")


@attrs.frozen
class Given(DriftGauge):
    """A kernel as it is given."""

    xi: sp.Expr

    def kernel(self, sde):
        return self.xi
