"""Systems: what they hold, and their algebra on small examples and random polynomial systems."""

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import (
    Noise,
    complex_noises,
    complex_variables,
    log_weight,
    parameters,
    real_noises,
    real_variables,
    time,
)
from sdeframe.symbolic.system import SDE
from sdeframe.symbolic.wirtinger import wirtinger
from tests.support.paper_forms import a39, a46

conj, sqrt, i = sp.conjugate, sp.sqrt, sp.I
half = sp.Rational(1, 2)
z, w = complex_variables("z w")
x, y = real_variables("x y")
F = complex_noises("F")
W, W1, W2 = real_noises("W W1 W2")
k = parameters("k")


def test_geometric_brownian_motion():
    mu, sigma = parameters("mu sigma", positive=True)
    sde = SDE({x: mu * x}, {x: sigma * x * W})
    assert sde.correction()[x] == sigma**2 * x / 2
    assert equal(sde.generator(x**2), (2 * mu + sigma**2) * x**2)
    assert equal(sde.to_stratonovich().drift[x], (mu - sigma**2 / 2) * x)
    assert equal(sde.to_stratonovich().generator(x**2), (2 * mu + sigma**2) * x**2)
    assert list(sde.parameters) == ["mu", "sigma"]


def test_a_real_noise_on_a_complex_variable_stays_real():
    kubo = SDE({z: 0}, {z: i * k * z * W}, interpretation="stratonovich")
    assert kubo.to_ito().drift[z] == -(k**2) * z / 2
    assert kubo.generator(z * conj(z)) == 0
    assert kubo.generator(z) == -(k**2) * z / 2
    read_as_ito = SDE({z: 0}, {z: i * k * z * W})
    assert read_as_ito.generator(z) == 0
    assert read_as_ito.generator(z * conj(z)) == k**2 * z * conj(z)
    assert SDE({z: 0}, {z: i * z * F}).generator(z**2) == 0


def test_normalisation_of_complex_noise():
    sde = SDE({z: -z / 2}, {z: sqrt(half) * F})
    assert equal(sde.generator(z * conj(z)), half - z * conj(z))
    assert equal(sde.generator(z**2), -(z**2))


def test_a_real_variable_may_have_complex_noise():
    sde = SDE({x: 0}, {x: (F + conj(F)) / sqrt(2)})
    assert sde.generator(x**2) == 1
    assert SDE({x: 0}, {x: sqrt(2) * sp.re(F)}).equal_in_law(sde)


def test_time_in_every_coefficient():
    sde = SDE({x: -time * x}, {x: (sp.cos(time) + sp.Rational(11, 10)) * W})
    assert equal(sde.generator(x**2), -2 * time * x**2 + (sp.cos(time) + sp.Rational(11, 10)) ** 2)
    assert sde.generator(time * x) == x - time**2 * x
    assert sde.correction()[x] == 0


def test_non_commuting_noise():
    sde = SDE({x: 0, y: 0}, {x: W1, y: x * W2})
    assert sde.generator(y**2) == x**2
    assert sde.generator(x**2 * y**2) == y**2 + x**4
    assert dict(sde.correction()) == {x: 0, y: 0}


def test_noise_may_be_missing_or_zero():
    sde = SDE({x: -x, y: 0}, {y: 0})
    assert dict(sde.noise) == {x: 0, y: 0}
    assert sde.diffusion() == sp.zeros(2)
    assert SDE({x: -x, y: 0}).equal_in_law(sde)


def weighted():
    return SDE({z: -k * z, x: 0}, {z: z * F, x: W1 + W2}, covariance={(W1, W2): half}, log_weight=(-time, z * F + W1))


def test_rows_and_names():
    sde = weighted()
    assert sde.state == (z, x, log_weight)
    assert sde.coordinates == (z, conj(z), x, log_weight, conj(log_weight))
    assert (list(sde.variables), list(sde.noises), list(sde.parameters)) == (["z", "x"], ["F", "W1", "W2"], ["k"])
    assert sde.drift == {z: -k * z, x: 0, log_weight: -time}
    assert sde.noise[log_weight] == z * F + W1
    assert sde.log_weight == (-time, z * F + W1)
    assert sde["z"] is sde.variables["z"]
    assert repr(sde) == "SDE(ito, weighted: variables {z, x}, noises {F, W1, W2}, parameters {k})"
    with pytest.raises(KeyError, match="no variable 'q' in this system: it has z, x"):
        sde["q"]


def test_coefficients_stay_as_they_were_typed():
    right_hand_side = z * (1 - z * (1 - z))
    assert SDE({z: right_hand_side}, {z: right_hand_side * W}).drift[z] is right_hand_side
    assert SDE({z: 2.5, x: 1}).drift == {z: sp.Float(2.5), x: sp.Integer(1)}


def test_a_family_is_ordered_by_number():
    members = complex_variables("r_:12")
    sde = SDE({**dict.fromkeys(reversed(members), 0), z: 0})
    assert sde.family("r") == members
    assert sde.family("z") == (z,)
    with pytest.raises(KeyError, match="no variable 'q'"):
        sde.family("q")


def test_conversions_keep_weight_covariance_and_noise():
    there = weighted().to_stratonovich()
    assert there.covariance == weighted().covariance
    assert there.noise == weighted().noise
    assert there.log_weight is not None
    assert there.to_stratonovich() is there
    assert there.to_ito() == weighted()
    assert weighted().noiseless().log_weight == (-time, 0)


def test_a_system_cannot_be_changed():
    sde = weighted()
    with pytest.raises(AttributeError):
        sde.interpretation = "stratonovich"
    for mapping in (sde.drift, sde.noise, sde.covariance, sde.correction()):
        with pytest.raises(TypeError):
            mapping[z] = 0
    given_drift = {z: -z}
    sde = SDE(given_drift)
    given_drift[z] = z
    assert sde.drift[z] == -z


def test_equal_systems_are_one_key():
    assert weighted() == weighted()
    assert len({weighted(), weighted(), a46(), a46()}) == 2
    assert a46() != a39()
    assert a46() != SDE(a46().drift, a46().noise, interpretation="stratonovich")


def test_a_system_survives_pickling():
    sde = weighted()
    sde.generator(z)
    copy = pickle.loads(pickle.dumps(sde))
    assert copy == sde
    assert hash(copy) == hash(sde)
    assert copy.diffusion() == sde.diffusion()


def test_a_system_works_in_a_spawned_process():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(SDE.to_stratonovich, weighted()).result(timeout=60)
    assert there == weighted().to_stratonovich()


# Laws over random polynomial systems, each term a small integer times a monomial of degree at most 2

COORDINATES = (z, conj(z), w, conj(w), x)
monomials = st.lists(st.sampled_from((*COORDINATES, k, time)), max_size=2).map(lambda factors: sp.Mul(*factors))
integers = st.tuples(st.integers(-2, 2), st.integers(-2, 2)).map(lambda c: c[0] + i * c[1])
terms = st.builds(lambda c, m: c * m, integers, monomials)
polynomials = st.lists(terms, min_size=1, max_size=2).map(lambda ts: sp.Add(*ts))
UNITS = (F, conj(F), W1, W2)
noises = st.lists(st.tuples(polynomials, st.sampled_from(UNITS)), max_size=2).map(
    lambda parts: sp.Add(*[c * unit for c, unit in parts])
)


def _real(f):
    return sp.expand(f + conj(f))


@st.composite
def systems(draw):
    drift = {z: draw(polynomials), w: draw(polynomials), x: _real(draw(polynomials))}
    noise = {z: draw(noises) + W1, w: draw(noises) + W2, x: _real(draw(noises))}
    interpretation = draw(st.sampled_from(["ito", "stratonovich"]))
    both = {W1, W2} <= sp.Tuple(*noise.values()).atoms(Noise)
    covariance = {(W1, W2): sp.Rational(draw(st.integers(-5, 5)), 5)} if both else {}
    weight = draw(st.sampled_from([None, (z, conj(w) * F)]))
    return SDE(drift, noise, interpretation=interpretation, covariance=covariance, log_weight=weight)


@given(systems())
def test_ito_and_stratonovich_and_back(sde):
    assert sde.to_ito().to_stratonovich().equal_in_law(sde)
    assert sde.to_stratonovich().to_ito().equal_in_law(sde)


def literal_correction(sde, u):
    """½ Σ_k (D̃_k B_ik + D_k B̃_ik) for complex noises, ½ Σ_kl C_kl D_k B_il for real ones, z and z* as plain symbols."""
    stars = {s: sp.Symbol(f"{s}_star") for s in sde.state if not s.is_real}

    def plain(f):
        return sp.expand(f).xreplace({conj(s): star for s, star in stars.items()})

    def coefficient(f, unit):
        return plain(sp.expand(f).coeff(unit))

    def along(unit, f):
        total = sp.S.Zero
        for s in sde.state:
            total += coefficient(sde.noise[s], unit) * sp.diff(f, s)
            if s in stars:
                total += coefficient(conj(sde.noise[s]), unit) * sp.diff(f, stars[s])
        return total

    complex_part = along(conj(F), coefficient(sde.noise[u], F)) + along(F, coefficient(sde.noise[u], conj(F)))
    C = {(W1, W1): 1, (W2, W2): 1, (W1, W2): sde.covariance.get((W1, W2), 0)}
    real_part = sum(
        C.get((a, b), C.get((b, a))) * along(a, coefficient(sde.noise[u], b)) for a in (W1, W2) for b in (W1, W2)
    )
    return sp.expand((complex_part + real_part) / 2).xreplace({star: conj(s) for s, star in stars.items()})


@given(systems())
def test_the_correction_is_the_literal_formula(sde):
    for u, c in sde.correction().items():
        assert sp.expand(c - literal_correction(sde, u)) == 0


@given(systems(), polynomials, polynomials)
def test_the_generator_obeys_the_ito_product_rule(sde, f, h):
    def noise_of(p):
        own = [wirtinger(p, u) * (sde.noise[u] if u in sde.noise else conj(sde.noise[conj(u)])) for u in COORDINATES]
        return sp.Add(*own)

    expected = f * sde.generator(h) + h * sde.generator(f) + sde.correlation(noise_of(f), noise_of(h))
    assert equal(sde.generator(f * h), expected)


@given(systems(), polynomials)
def test_the_generator_is_that_of_the_real_system(sde, f):
    """Real and imaginary parts as coordinates, complex noise as (U + iV)/√2: only ordinary derivatives."""
    re_z, im_z, re_w, im_w, U, V = sp.symbols("re_z im_z re_w im_w U V", real=True)
    split = {z: re_z + i * im_z, w: re_w + i * im_w, F: (U + i * V) / sqrt(2), log_weight: 0}
    split |= {conj(s): conj(sp.sympify(parts)) for s, parts in split.items()}
    ito = sde.to_ito()
    parts = {x: sp.S.One}
    for s, (a, b) in {z: (re_z, im_z), w: (re_w, im_w)}.items():
        parts |= {a: s, b: s}
    rows = {}
    for u in (re_z, im_z, re_w, im_w, x):
        own = x if u == x else parts[u]
        take = sp.im if u in (im_z, im_w) else sp.re
        rows[u] = [sp.expand(row[own].xreplace(split), complex=True) for row in (ito.drift, ito.noise)]
        rows[u] = [sp.expand(take(side)) for side in rows[u]]
    C = {(W1, W2): sde.covariance.get((W1, W2), 0)}

    def covariance(p, q):
        units = (U, V, W1, W2)
        return sum(
            p.coeff(m) * q.coeff(n) * (1 if m == n else C.get((m, n), C.get((n, m), 0))) for m in units for n in units
        )

    there = sp.expand(f.xreplace(split))
    expected = sp.diff(there, time) + sum(rows[u][0] * sp.diff(there, u) for u in rows)
    expected += sum(covariance(rows[u][1], rows[v][1]) * sp.diff(there, u, v) for u in rows for v in rows) / 2
    assert sp.expand(expected - sde.generator(f).xreplace(split)) == 0


@given(systems())
def test_independent_noises_keep_the_law(sde):
    assert sde.uncorrelated().equal_in_law(sde)
