"""The gauge of stochastic kets."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import conformance
from sdeframe.derivation import Boson, Emitters, Ket, Master, derive
from sdeframe.gauges import Decoupled
from sdeframe.gauges.decoupled import EqualParts
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import log_weight, parameters
from sdeframe.symbolic.wirtinger import wirtinger

N = parameters("N", positive=True)
a, atoms = Boson("a"), Emitters("s", "ge", N)
KETS = derive(Master((a * atoms.sum("eg") + a.dag() * atoms.sum("ge")) / sp.sqrt(N)), Ket())


def test_the_form_of_the_tavis_cummings_model():
    """Drift and noise written out: with s = e g*/|ψ|², ρ = |e|²/|ψ|² and λ for α/√N, λ⁴ = ρ² + ε²/N."""
    sde = Decoupled(KETS.log_norm).transform(KETS.sde())
    alpha, g, e, F = sde["a"], sde["s_g"], sde["s_e"], sde.noises["F"]
    length = e * sp.conjugate(e) + g * sp.conjugate(g)
    s, lam = (
        e * sp.conjugate(g) / length,
        ((sp.Abs(e) ** 2 / length) ** 2 + sp.Rational(1, 2500) / N) ** sp.Rational(1, 4),
    )
    values = {N: 7, alpha: 0.3 + 0.8j, g: 0.9 - 0.2j, e: 0.4 + 0.1j}
    A = alpha / sp.sqrt(N)

    def same(found, wanted):
        difference = complex((found - wanted).subs(values).evalf())
        assert abs(difference) < 1e-12

    same(sde.drift[alpha] / sp.sqrt(N), -sp.I * s)
    same(sde.drift[g], -sp.I * sp.conjugate(A) * e)
    same(sde.drift[e], -sp.I * A * g)
    same(sde.drift[log_weight], sp.I * N * s * sp.conjugate(A))
    same(sde.noise[alpha].coeff(F) * sde.noise[g].coeff(sp.conjugate(F)), -sp.I * e / sp.sqrt(N))
    same(sp.Abs(sde.noise[alpha].coeff(F)) / sp.sqrt(N), lam / sp.sqrt(N))


def test_noise_free_motion_of_the_tavis_cummings_model_is_mean_field():
    """i dz = the Hermitian mean-field Hamiltonian: <a>, <σ> obey the factorised Heisenberg equations."""
    sde = Decoupled(KETS.log_norm).transform(KETS.sde())
    alpha, g, e = sde["a"], sde["s_g"], sde["s_e"]
    length = e * sp.conjugate(e) + g * sp.conjugate(g)
    coherence, excited = sp.conjugate(g) * e / length, e * sp.conjugate(e) / length
    rate = sde.noiseless().generator
    assert equal(sp.expand(rate(alpha) - -sp.I * sp.sqrt(N) * coherence), 0)
    wanted = sp.I * alpha / sp.sqrt(N) * (2 * excited - 1)
    point = {N: 3, alpha: 0.3 + 0.8j, g: 0.9 - 0.2j, e: 0.4 + 0.1j}
    assert complex((rate(coherence) - wanted).subs(point).evalf()) == pytest.approx(0, abs=1e-12)


def test_averages_stay_and_weights_are_orthogonal_to_the_ket():
    """The weighted noise has no part along the ket, and both parts of it are equal in size across it."""
    gauge = Decoupled(KETS.log_norm)
    conformance.check_gauge(gauge, KETS.sde())
    sde = gauge.transform(KETS.sde())
    along = sum(sde.noise[x] * wirtinger(KETS.log_norm, x) for x in sde.variables.values())
    assert equal(sde.noise[log_weight], -along)


def test_parts_are_equal_where_the_floor_is_small():
    gauge = EqualParts(KETS.log_norm, 1e-6)
    sde = KETS.sde().with_rows({}, gauge.noise(KETS.sde()))
    F = sde.noises["F"]
    point = {N: 5, sde["a"]: 1, sde["s_g"]: 0.8, sde["s_e"]: 0.6j}
    sizes = [complex(gauge._across(sde, unit).subs(point).evalf()) for unit in (F, sp.conjugate(F))]
    assert sizes[0] == pytest.approx(sizes[1], rel=1e-9)
    assert np.isclose(sizes[0].real, 0.36)


@pytest.mark.parametrize("floor", [0, 1, -0.1, 2])
def test_the_floor_is_between_zero_and_one(floor):
    with pytest.raises(ValueError, match=r"floor=.* in Decoupled: must be between 0 and 1"):
        Decoupled(KETS.log_norm, floor)


def test_the_norm_is_an_expression():
    with pytest.raises(TypeError, match="log_norm"):
        Decoupled("a")
