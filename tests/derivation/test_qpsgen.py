"""Drift and diffusion of modes against qpsgen, a program that derives them in another way."""

import attrs
import pytest
import sympy as sp

from sdeframe import parameters
from sdeframe.derivation import Boson, Master, PositiveP, Q, Wigner, derive
from sdeframe.derivation.phase_space.keys import FieldKey

pytestmark = pytest.mark.long
U, J, F, kappa, nbar = parameters("U J F kappa nbar", positive=True)


def cases(a, b, dag):
    """The same words in both languages: H and losses."""
    i = sp.I
    ad, bd = dag(a), dag(b)
    return {
        "driven Kerr": (U / 2 * ad**2 * a**2 + F * (a + ad), [(kappa, a)]),
        "two-site Bose-Hubbard": (
            U / 2 * (ad**2 * a**2 + bd**2 * b**2) - J * (ad * b + bd * a) + F * (a + ad),
            [(kappa, a), (kappa, b)],
        ),
        "parametric oscillator": (i * F / 2 * (ad**2 - a**2), [(kappa, a), (J, a**2)]),
        "dephasing": (U * ad * a, [(kappa, ad * a)]),
        "thermal bath": (U * ad * a, [(kappa * (1 + nbar), a), (kappa * nbar, ad)]),
        "cross-Kerr and a common loss": (U * ad * a * bd * b + F * (a * b + ad * bd), [(kappa, a + 2 * i * b)]),
        "squeezed loss": (J * (ad * b + bd * a), [(kappa, a + i * ad), (F, b)]),
    }


@pytest.mark.parametrize("name", cases(Boson("a"), Boson("b"), lambda x: x.dag()))
@pytest.mark.parametrize(
    ("representation", "theirs"),
    [(PositiveP(), "positive-p"), (Wigner(), "wigner"), (Q(), "q")],
    ids=["positive-p", "wigner", "q"],
)
def test_drift_and_diffusion_are_those_of_qpsgen(name, representation, theirs):
    qpsgen = pytest.importorskip("qpsgen")
    H, losses = cases(*qpsgen.boson_modes("a", "b"), lambda x: x.dag)[name]
    modes = qpsgen.boson_modes("a", "b")
    channels = [qpsgen.LindbladChannel(L, rate) for rate, L in losses]
    master = qpsgen.MasterEquation(modes=list(modes), hamiltonian=H, channels=channels)
    expected = qpsgen.derive_kramers_moyal(master, representation=theirs).truncate(2)
    H, losses = cases(Boson("a"), Boson("b"), lambda x: x.dag())[name]
    relaxed = attrs.evolve(representation, beyond="drop")
    g = derive(Master(H + 0 * Boson("a") + 0 * Boson("b"), loss=losses), relaxed).generator
    keys = [FieldKey(mode, dagger) for dagger in (False, True) for mode in "ab"]
    names = dict(zip(expected.variables, (g.variables[g.number[key]] for key in keys), strict=True))
    for row, key in enumerate(keys):
        k = g.number[key]
        assert sp.expand(expected.drift[row].xreplace(names) - g.expression(g.drift[k])) == 0
        for column, other in enumerate(keys):
            d = g.expression(g.D(k, g.number[other]))
            assert sp.expand(expected.diffusion[row, column].xreplace(names) - d) == 0
