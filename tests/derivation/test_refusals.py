"""What the chain refuses, and why."""

import pytest
import sympy as sp

from sdeframe.derivation import Master, PositiveP, Q, Wigner, derive
from tests.support.derivation_cases import F, U, a, f, kappa, same, tavis_cummings, three, two

E = sp.Symbol("E")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: derive(Master(0 * a, loss=[(kappa, a.dag() ** 2)]), PositiveP()), r"order 3.*a\.dag\(\)\*\*2"),
        (lambda: derive(Master(F * (a**3 + a.dag() ** 3)), PositiveP()), r"order 3.*∂Ad ∂Ad ∂Ad.*a\*\*3 of H"),
        (lambda: derive(Master(F * a.dag() ** 3 * a**3), PositiveP()), r"order 3.*term a\.dag\(\)\*\*3\*a\*\*3 of H"),
        (
            lambda: derive(Master(0 * a, loss=[(1, same.each("ge") * a.dag())]), PositiveP()),
            r"order 3.*the loss by a\.dag\(\)\*rho\.each",
        ),
        (lambda: derive(Master(U / 2 * a.dag() ** 2 * a**2), Q()).sde(), "no conjugate noise|negative"),
        (lambda: derive(tavis_cummings(), Wigner()), "Wigner has no table for emitters, here rho: PositiveP has"),
        (
            lambda: derive(Master(F * three.on(0, "ee") * three.on(1, "ee") * three.on(2, "ee")), PositiveP()),
            "a product on 3 emitters",
        ),
        (lambda: derive(Master(F * same.sum("ee") ** 3), PositiveP()), "a product on 3 emitters"),
        (lambda: derive(Master(0 * a, loss=[(1, same.sum("ge") ** 2)]), PositiveP()), "L holds .* 2 emitters"),
        (lambda: derive(tavis_cummings(), PositiveP(eta=True)), "individual=True"),
        (lambda: derive(tavis_cummings(atoms=two), PositiveP(eta=True)).reduce_trace("gg"), r"remove_eta\(\) first"),
        (lambda: derive(tavis_cummings(), PositiveP()).remove_eta(), "no η-numbers"),
        (lambda: derive(tavis_cummings(), PositiveP()).reduce_trace("ss"), '"ee", "gg"'),
        (lambda: derive(tavis_cummings(), PositiveP()).scale({a: 0}), "must not be 0"),
        (lambda: derive(tavis_cummings(), PositiveP()).scale(time=-f), "must be positive"),
        (lambda: derive(tavis_cummings(), PositiveP()).rotate(a + a.dag()), "populations only"),
        (lambda: derive(tavis_cummings(), PositiveP()).sde(noise="best"), "'structure', 'field', 'split'"),
        (lambda: derive(tavis_cummings(), PositiveP()).average(same.each("ee")), "take sum"),
        (lambda: derive(Master(E * a + sp.conjugate(E) * a.dag()), PositiveP()).sde(), "E"),
    ],
)
def test_refused(make, says):
    with pytest.raises((TypeError, ValueError), match=says):
        make()
