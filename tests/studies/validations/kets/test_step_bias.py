"""What the step does to averages of kets."""

import numpy as np
import pytest
from sympy import sqrt

from sdeframe.derivation import Boson, Emitters, Ket, Master
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.studies.validations.kets.step_bias import step_bias

a, atoms = Boson("a"), Emitters("atoms", "ge", 4)
EXCHANGE = (a * atoms.sum("eg") + a.dag() * atoms.sum("ge")) / 2


def sector(E):
    return QuantumModel(
        Master(EXCHANGE), Ket(sector=E), start={a: sqrt(2), atoms: "g"}, observables={"e": atoms.sum("ee") / 4}
    )  # fmt: skip


@pytest.mark.parametrize(("scheme", "order"), [(W2S4, 2), (EulerMaruyama, 1)])
def test_it_falls_with_the_order_of_the_scheme(scheme, order):
    coarse, fine = (np.abs(step_bias(sector(4), scheme(dt), [4.0, 8.0])["e"]).max() for dt in (0.02, 0.01))
    assert fine > 0
    assert np.log2(coarse / fine) == pytest.approx(order, abs=0.25)


def test_a_small_sector_is_covered():
    assert np.abs(step_bias(sector(1), W2S4(0.02), [2.0])["e"]).max() < 1e-3


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"must be multiples of dt=0.02"):
        step_bias(sector(2), W2S4(0.02), [0.03])
    whole = QuantumModel(Master(EXCHANGE), Ket(), start={a: 1, atoms: "g"}, observables={"e": atoms.sum("ee")})
    with pytest.raises(ValueError, match="must be of one sector"):
        step_bias(whole, W2S4(0.02), [0.02])
