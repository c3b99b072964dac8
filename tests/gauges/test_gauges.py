"""Gauges keep the averages of analytic functions: the law, symbolically, and what is refused."""

import itertools
import math

import attrs
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from sympy import I, conjugate, re, sqrt

from sdeframe import SDE, complex_noises, complex_variables, conformance, parameters
from sdeframe.gauges import (
    A41,
    Always,
    Chain,
    ConditionalSwitch,
    DriftGauge,
    Identity,
    QuarticDrift,
    ScaledNoise,
    TanhSwitch,
)  # fmt: skip
from sdeframe.models import GeometricBrownianMotion, OrnsteinUhlenbeck
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import log_weight
from sdeframe.testing import kernels, systems
from tests.support import paper_forms as paper
from tests.support.gauge_cases import A39, A46, A, Ad, F, Fd, Given, N, S, V, W, ree, reg, rge, x, z


@attrs.frozen
class Wrong(DriftGauge):
    """A kernel with a weight drift that is wrong by a factor."""

    xi: sp.Expr
    factor: sp.Expr

    def kernel(self, sde):
        return self.xi

    def transform(self, sde):
        right = super().transform(sde)
        return right.with_rows({log_weight: self.factor * right.drift[log_weight]}, {})


SWITCHES = [Always(), Always(0.3), TanhSwitch(), TanhSwitch(k=2.5, lower=0, upper=1), ConditionalSwitch()]


ON_TCM = [
    Identity(),
    *(QuarticDrift(switch) for switch in SWITCHES),
    ScaledNoise(2.0),
    ScaledNoise(1 + A * Ad, noises=("F",)),
    pytest.param(Chain(ScaledNoise(sp.Abs(A) + 1), QuarticDrift()), marks=pytest.mark.long),
    Chain(QuarticDrift(), ScaledNoise(3, noises=["Fd"])),
    Chain(QuarticDrift(), QuarticDrift(Always(-1))),
]


@pytest.mark.parametrize("gauge", ON_TCM, ids=str)
@pytest.mark.parametrize("system", [A46, A39], ids=["A46", "A39"])
def test_every_gauge_keeps_the_law_of_the_tavis_cummings_equations(gauge, system):
    conformance.check_gauge(gauge, system)


@pytest.mark.parametrize("gauge", [A41(), Chain(A41(), QuarticDrift())], ids=str)
def test_gauges_of_the_form_before_the_diffusion_gauge(gauge):
    conformance.check_gauge(gauge, A39)


def test_a41_leads_from_one_form_to_the_other():
    assert A41().transform(A39).equal_in_law(A46)
    assert all(equal(A41().transform(A39).noise[v], A46.noise[v]) for v in A46.state)


@pytest.mark.long
@pytest.mark.parametrize(
    "gauge",
    [
        pytest.param(ScaledNoise(1 + A * Ad), marks=pytest.mark.long),
        ScaledNoise(2),
        Given(A * conjugate(F) + sp.Abs(Ad) * Fd),
    ],
    ids=str,
)
@pytest.mark.parametrize("system", [paper.a19(2), paper.a34(2)], ids=["A19", "A34"])
def test_gauges_of_individual_atoms(gauge, system):
    conformance.check_gauge(gauge, system)


@pytest.mark.parametrize("model", [OrnsteinUhlenbeck(), GeometricBrownianMotion()], ids=str)
def test_drift_gauges_of_real_noises(model):
    system = model.system()
    (noise,) = system.noises.values()
    (variable,) = system.variables.values()
    conformance.check_gauge(Given(sp.tanh(variable) * noise), system)


@pytest.mark.long
@given(st.data())
def test_any_kernel_keeps_the_law_of_any_system(data):
    system = data.draw(systems())
    conformance.check_gauge(Given(data.draw(kernels(system))), system)


@given(st.data(), st.sampled_from([sp.Integer(0), sp.Integer(-1), sp.Rational(1, 2), sp.Integer(2)]))
def test_a_wrong_weight_fails_the_law(data, factor):
    system = data.draw(systems())
    xi = data.draw(kernels(system))
    assume(not equal(system.correlation(xi, xi), sp.Integer(0)))
    with pytest.raises(AssertionError, match="fails for f = 1"):
        conformance.check_gauge(Wrong(xi, factor), system)


@pytest.mark.long
@given(st.data())
def test_a_shift_that_the_kernel_does_not_make_fails_the_law(data):
    class Unshifted(Given):
        def transform(self, sde):
            return super().transform(sde).with_rows({v: sde.to_ito().drift[v] for v in sde.variables.values()}, {})

    system = data.draw(systems())
    xi = data.draw(kernels(system))
    assume(any(not equal(system.correlation(n, xi), sp.Integer(0)) for n in system.noise.values()))
    with pytest.raises(AssertionError, match=r"L'\[e\^C0 f\]"):
        conformance.check_gauge(Unshifted(xi), system)


@given(st.data())
def test_two_gauges_are_one_with_the_sum_of_their_kernels(data):
    system = data.draw(systems(interpretation="ito"))
    one, two = data.draw(kernels(system)), data.draw(kernels(system))
    chained, summed = Chain(Given(one), Given(two)).transform(system), Given(one + two).transform(system)
    for v in chained.state:
        assert equal(chained.drift[v], summed.drift[v])
        assert equal(chained.noise[v], summed.noise[v])


@pytest.mark.long
@given(st.data())
def test_a_gauge_of_a_weighted_system_keeps_its_law(data):
    """The drift of the weight that is there is shifted as any variable's."""
    system = data.draw(systems(interpretation="ito"))
    weighted = Given(data.draw(kernels(system))).transform(system)
    conformance.check_gauge(Given(data.draw(kernels(system))), weighted)


@given(st.data())
def test_the_weight_has_the_same_law_in_both_readings(data):
    system = data.draw(systems())
    gauge = Given(data.draw(kernels(system)))
    readings = [gauge.transform(s).to_ito() for s in (system.to_ito(), system.to_stratonovich())]
    back = readings[0].to_stratonovich().to_ito()
    for v in back.state:
        assert equal(back.drift[v], readings[0].drift[v])
        assert equal(readings[1].drift[v], readings[0].drift[v])


KAPPA = {s: s.strength(re(ree)) for s in SWITCHES}


@pytest.mark.parametrize("switch", SWITCHES, ids=str)
def test_the_kernels_of_the_w4_gauge_are_those_of_the_paper(switch):
    """(23), with the f that the print lacks; on (A39) the same shift needs another kernel."""
    size = KAPPA[switch] * sqrt(N) * re(ree)
    assert equal(QuarticDrift(switch).kernel(A46), size * conjugate(S))
    assert equal(QuarticDrift(switch).kernel(A39), size * (reg * conjugate(F) + rge * conjugate(Fd)))


@pytest.mark.parametrize("switch", SWITCHES, ids=str)
@pytest.mark.parametrize("system", [A46, A39], ids=["A46", "A39"])
def test_the_w4_gauge_changes_the_field_drifts_only(switch, system):
    """(21), and the weight has no drift."""
    gauged = QuarticDrift(switch).transform(system)
    factor = 1 - KAPPA[switch] * re(ree)
    assert equal(gauged.drift[A], -I * reg * factor)
    assert equal(gauged.drift[Ad], +I * rge * factor)
    for v in (ree, reg, rge):
        assert equal(gauged.drift[v], system.drift[v])
    assert gauged.drift[log_weight] == 0


@pytest.mark.parametrize("switch", [Always(2), TanhSwitch(k=2)], ids=str)
def test_the_weight_of_the_w4_gauge_in_stratonovich_form(switch):
    """(κ + xκ')ρee*/4 on (A46); κρee*(|ρeg|² + |ρge|²)/4 on (A39) where κ is constant (docs/theory)."""
    u = sp.Symbol("u", real=True)
    slope = sp.diff(u * switch.strength(u), u).subs(u, re(ree))
    on_a46 = QuarticDrift(switch).transform(A46).to_stratonovich().drift[log_weight]
    assert equal(on_a46, slope * conjugate(ree) / 4)
    on_a39 = QuarticDrift(switch).transform(A39).to_stratonovich().drift[log_weight]
    assert equal(on_a39, slope * conjugate(ree) * (reg * conjugate(reg) + rge * conjugate(rge)) / 4)


def test_switches():
    u = sp.Symbol("u", real=True)
    tanh = TanhSwitch(k=2, lower=-1, upper=3).strength(u)
    for value in (-2.0, 0.0, 1.5, 4.0):
        expected = 1 + (math.tanh(2 * (-1 - value)) + math.tanh(2 * (value - 3))) / 2
        assert math.isclose(tanh.subs(u, value), expected, abs_tol=1e-14)
    assert Always(0.5).strength(u) == sp.Rational(1, 2)
    inverted = ConditionalSwitch().strength(u)
    assert [inverted.subs(u, value) for value in (0.49, 0.5, 2)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TanhSwitch(k=0), "k=0: must be positive"),
        (lambda: TanhSwitch(lower=2, upper=1), "lower=2, upper=1: must be ascending"),
        (lambda: Always(1j), "must be a finite real number"),
        (lambda: Always(math.nan), "finite"),
        (lambda: ConditionalSwitch(x), "must be a finite real number"),
        (lambda: TanhSwitch(lower=1, upper=1), "must be ascending"),
        (lambda: ScaledNoise(0), "scale=0"),
        (lambda: ScaledNoise(0.0), "scale=0"),
    ],
)
def test_parameters_of_gauges(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Always("1"), "a switch parameter is '1'"),
        (lambda: QuarticDrift(0.5), "switch=0.5: must be a switch, such as"),
        (lambda: Chain(A41), "must be Gauge objects"),
        (lambda: ScaledNoise(2, noises="Fd"), r"noises='Fd': must be a list of names"),
        (lambda: A46.with_rows({}, {A: "F"}), "noise of A is 'F': give a number or an expression"),
    ],
)
def test_kinds_of_parameters(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def test_numbers_are_the_fractions_that_they_print_as():
    assert ScaledNoise(0.1, noises=["F"]) == ScaledNoise(sp.Rational(1, 10), noises=("F",))
    assert Always(0.3) == Always(sp.Rational(3, 10))
    assert hash(ScaledNoise(2, noises=["F"])) == hash(ScaledNoise(2, noises=("F",)))


def test_a_kernel_is_an_expression():
    with pytest.raises(TypeError, match="kernel of Given"):
        Given("W").transform(SDE({x: -x}, {x: W}))


def test_a_kernel_may_hold_parameters_and_noises_of_a_covariance():
    k = parameters("k")
    correlated = SDE({x: -x, z: -z}, {x: W, z: z * V}, covariance={(W, V): sp.Rational(1, 2)})
    conformance.check_gauge(Given(k * x * W), correlated)
    gauged = Given(k * x * W).transform(correlated)
    assert gauged.drift[z] == -z - k * x * z / 2
    assert gauged.covariance == correlated.covariance


def test_averages_pair_only_the_noise_and_its_conjugate():
    """(C1)-(C5) by hand: one complex noise on one variable."""
    G = complex_noises("G")
    u, v = complex_variables("u v")
    sde = SDE({z: -z, u: 0, v: 0}, {z: 2 * G + 3 * conjugate(G)})
    gauged = Given(u * G + v * conjugate(G)).transform(sde)
    assert equal(gauged.drift[z], -z - (2 * v + 3 * u))
    assert equal(gauged.drift[log_weight], -u * v)
    assert equal(gauged.noise[log_weight], u * G + v * conjugate(G))


@pytest.mark.long
def test_all_orders_of_a_chain_keep_the_law():
    gauges = (QuarticDrift(), ScaledNoise(2), Given(A * conjugate(F)))
    for order in itertools.permutations(gauges):
        conformance.check_gauge(Chain(*order), A46)
