"""Other variables and another time for the same process."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeframe import SDE, complex_variables, parameters, real_noises, real_variables, time
from sdeframe.gauges import ScaledNoise
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import complex_noises, log_weight
from sdeframe.testing import systems
from tests.support import paper_forms as paper

x, y = real_variables("x y")
z, v = complex_variables("z v")
W, F = real_noises("W"), complex_noises("F")
mu, s, w = parameters("mu", positive=True), parameters("s", positive=True), parameters("w")


def same(first, second):
    assert set(first.state) == set(second.state)
    for k in first.state:
        assert equal(first.drift[k], second.drift[k]), (k, first.drift[k], second.drift[k])
        assert equal(first.noise[k], second.noise[k]), (k, first.noise[k], second.noise[k])
    return True


def test_the_logarithm_of_geometric_brownian_motion():
    gbm = SDE({x: mu * x}, {x: s * x * W})
    log = gbm.change_variables({y: sp.log(x)}, {x: sp.exp(y)})
    assert same(log, SDE({y: mu - s**2 / 2}, {y: s * W}))
    assert same(log.change_variables({x: sp.exp(y)}, {y: sp.log(x)}), gbm)


def test_in_the_stratonovich_reading_the_chain_rule_is_the_ordinary_one():
    gbm = SDE({x: mu * x}, {x: s * x * W}, interpretation="stratonovich")
    log = gbm.change_variables({y: sp.log(x)}, {x: sp.exp(y)})
    assert log.interpretation == "stratonovich"
    assert same(log, SDE({y: mu}, {y: s * W}, interpretation="stratonovich"))


@pytest.mark.parametrize(
    ("dimensional", "scaled"), [(paper.a39_dimensional(), paper.a39()), (paper.a41_dimensional(), paper.a46())]
)
def test_rotating_frame_scaling_and_time_lead_from_the_printed_equations_to_those_that_are_run(dimensional, scaled):
    """(A43)-(A45), with the constant diffusion gauge that (A45) names."""
    turn = sp.exp(sp.I * paper.omega * time)
    rotated = dimensional.change_variables(
        {
            paper.A: paper.alpha * turn / sp.sqrt(paper.N),
            paper.Ad: paper.alphad / turn / sp.sqrt(paper.N),
            paper.rho_eg: paper.rho_eg * turn,
            paper.rho_ge: paper.rho_ge / turn,
        },
        {
            paper.alpha: sp.sqrt(paper.N) * paper.A / turn,
            paper.alphad: sp.sqrt(paper.N) * paper.Ad * turn,
            paper.rho_eg: paper.rho_eg / turn,
            paper.rho_ge: paper.rho_ge * turn,
        },
    ).scale_time(paper.f)
    gauged = ScaledNoise(sp.sqrt(paper.f)).transform(rotated)
    renamed = {
        k: row.xreplace({paper.g: paper.gamma / paper.f}) for k, row in scaled.drift.items()
    }  # the decay constant in units of f
    expected = SDE(renamed, scaled.noise)
    for k in expected.state:
        assert equal(gauged.drift[k], expected.drift[k]), k
    assert gauged.equal_in_law(expected)  # the noises themselves have turned by a phase, which changes no law


def test_a_complex_variable_becomes_its_two_real_parts():
    turned = SDE({z: sp.I * w * z}, {z: z * F})
    parts = turned.change_variables({x: sp.re(z), y: sp.im(z)}, {z: x + sp.I * y})
    noise = (x + sp.I * y) * F
    real, imag = (noise + sp.conjugate(noise)) / 2, (noise - sp.conjugate(noise)) / (2 * sp.I)
    assert same(parts, SDE({x: -w * y, y: w * x}, {x: real, y: imag}))


def test_squares_gain_the_drift_of_ito():
    """d(zz*) of complex Brownian motion has the drift <dF dF*>/dt = 1, d(z²) has none."""
    motion = SDE({z: 0, v: 0}, {z: F, v: sp.conjugate(F)})
    found = motion.change_variables({v: v + z * sp.conjugate(z)}, {v: v - z * sp.conjugate(z)})
    assert found.drift[v] == 1
    assert motion.change_variables({v: v + z**2}, {v: v - z**2}).drift[v] == 0
    assert motion.change_variables({v: v + z * v}, {v: v / (1 + z)}).drift[v] == 1  # <z v> correlate


def test_the_weight_is_carried_along():
    sde = SDE({x: -x}, {x: W}, log_weight=(-(x**2) / 2, x * W))
    found = sde.change_variables({x: 2 * x}, {x: x / 2})
    assert found.log_weight == (-(x**2) / 8, x * W / 2)
    assert found.state[-1] == log_weight


def test_a_function_of_time_adds_its_rate():
    found = SDE({x: 0}, {x: W}).change_variables({y: x + w * time**2}, {x: y - w * time**2})
    assert same(found, SDE({y: 2 * w * time}, {y: W}))


def test_other_time():
    sde = SDE({x: -mu * x + sp.cos(w * time)}, {x: time * W}, log_weight=(-sp.Rational(1, 8), W / 2))
    found = sde.scale_time(mu)
    assert same(
        found,
        SDE(
            {x: -x + sp.cos(w * time / mu) / mu},
            {x: time / mu * W / sp.sqrt(mu)},
            log_weight=(-1 / (8 * mu), W / (2 * sp.sqrt(mu))),
        ),
    )


@pytest.mark.long
@settings(max_examples=4)
@given(st.data())
def test_there_and_back(data):
    """A shear of any system and its inverse leave it as it was, in both readings."""
    sde = data.draw(systems())
    shear = {}
    state = list(sde.variables.values())
    for k, u in enumerate(state):
        real_part = sum((sp.re(p) ** 2 for p in state[:k]), sp.Integer(0))
        shear[u] = real_part
    forth = {u: u + e for u, e in shear.items()}
    back = {}
    for u in state:
        back[u] = u - shear[u].xreplace(back) if shear[u] != 0 else u
    there = sde.change_variables(forth, back)
    again = there.change_variables(back, forth)
    assert same(again, sde)


def test_what_cannot_be_a_change_is_refused():
    gbm = SDE({x: mu * x}, {x: s * x * W})
    with pytest.raises(ValueError, match=r"inverse for x is 2\*y, which gives 2\*log\(x\) back: this must be x"):
        gbm.change_variables({y: sp.log(x)}, {x: 2 * y})
    with pytest.raises(ValueError, match="inverse for z: the system has no such variable, only x"):
        gbm.change_variables({y: x}, {z: y})
    with pytest.raises(ValueError, match="new variable x stays as it is: give its inverse too"):
        gbm.change_variables({x: 2 * x}, {})
    with pytest.raises(ValueError, match="new variable mu is no variable"):
        gbm.change_variables({mu: x}, {x: mu})
    with pytest.raises(ValueError, match="inverse for x holds v"):
        gbm.change_variables({y: x}, {x: y + v})
    with pytest.raises(ValueError, match=r"new variable y is real, but I\*x moves by"):
        gbm.change_variables({y: sp.I * x}, {x: -sp.I * y})
    with pytest.raises(ValueError, match="W in the function"):
        gbm.change_variables({y: x + W}, {x: y - W})


@pytest.mark.parametrize("rows", [({x: sp.I * w}, {x: 0}), ({x: 0}, {x: sp.I * W})])
def test_each_row_of_a_real_variable_must_be_real(rows):
    drift, noise = ({z: row[x]} for row in rows)
    with pytest.raises(ValueError, match="new variable y is real, but z moves by"):
        SDE(drift, noise).change_variables({y: z}, {z: y})


@pytest.mark.parametrize("rate", [0, -1, w, x, sp.Symbol("f", positive=True)])
def test_a_rate_of_time_must_be_positive(rate):
    with pytest.raises(ValueError, match="must be positive"):
        SDE({x: mu * x}, {x: W}).scale_time(rate)
