"""The effective potential of the inversion: derived, held against the equations it comes from, and against runs."""

import math

import attrs
import numpy as np
import pytest
import sympy as sp
import xarray as xr
from scipy.integrate import solve_ivp

from sdeframe import SDE, parameters, simulate
from sdeframe.gauges import Always, ConditionalSwitch, QuarticDrift, ScaledNoise, TanhSwitch
from sdeframe.integrators import StochasticRK2
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings.barrier_passage import barrier_passage
from sdeframe.models.tavis_cummings.inversion import InversionMotion, maxima
from sdeframe.models.tavis_cummings.model import A, Ad, ree, reg, rge
from sdeframe.models.tavis_cummings.potential import E, InversionEquation, printed_potential, w
from sdeframe.observers import Runaways, Trajectories

kappa = parameters("kappa")
HALF = sp.Rational(1, 2)
UNGAUGED = 2 * E * w**2 - w**3 + w
CASES = [("ground", 1.0), ("ground", 10.0), ("ground", 100.0), ("excited", 0.0), ("excited", 1.0), ("excited", 100.0)]


def gauged_potential(k):
    return 2 * E * w**2 - (1 - k / 2) * w**3 + (1 - k / 2) * w + k / 4 * w**4


@attrs.frozen
class FieldDrift(Gauge):
    """Multiplies the drift of the field by a factor."""

    factor: sp.Expr

    def transform(self, sde):
        field = {x: self.factor * row if x in (A, Ad) else row for x, row in sde.drift.items()}
        return SDE(field, noise=dict(sde.noise))


@attrs.frozen
class AtomDrift(Gauge):
    """Doubles the drift of ρeg alone."""

    def transform(self, sde):
        return SDE({x: 2 * row if x == reg else row for x, row in sde.drift.items()}, noise=dict(sde.noise))


def motion(start="ground", photons=10.0, gauge=None, **settings):
    return InversionMotion(TavisCummings(atoms=10, photons=photons, start=start, **settings), gauge or Identity())


def integrate(moving, until):
    """Return the noiseless trajectory of the gauged equations: a function of time to (A, Ad, ree, reg, rge)."""
    variables, model = [A, Ad, ree, reg, rge], moving.model
    rates = sp.lambdify(variables, [moving.equation.flow.drift[x] for x in variables], "numpy")
    start = [complex(model.initial_state()[x].subs(model.parameters())) for x in variables]
    solution = solve_ivp(
        lambda _, z: np.array(rates(*z), dtype=complex), (0, until), start, rtol=1e-11, atol=1e-13, dense_output=True
    )
    assert solution.success
    return solution.sol


@pytest.mark.parametrize("form", ["A46", "A39"])
@pytest.mark.parametrize("decay", [0.0, 2.6])
def test_the_potential_follows_from_the_equations(form, decay):
    sde = TavisCummings(atoms=10, photons=10, form=form, decay=decay).system()
    assert sp.expand(InversionEquation(sde).potential - UNGAUGED) == 0
    assert sp.expand(InversionEquation(sde).integral - (A * Ad + ree - HALF)) == 0
    assert InversionEquation(sde, ScaledNoise(2)).potential == InversionEquation(sde).potential
    gauge = FieldDrift(1 - kappa * sp.re(ree))
    for equation, k in (
        (InversionEquation(sde, gauge), kappa),
        (InversionEquation(sde, QuarticDrift(Always(HALF))), HALF),
        (InversionEquation(sde.to_stratonovich(), QuarticDrift(Always(2))), sp.Integer(2)),
    ):
        assert sp.expand(equation.potential - gauged_potential(k)) == 0
        assert sp.expand(equation.integral - (A * Ad + ree - k * ree**2 / 2 - HALF)) == 0


def test_a_strength_polynomial_in_the_inversion_has_a_potential_of_higher_degree():
    """By (12) and (C7), ẅ = −4 A A† w − s(1 − w²); with s = 1 − ρ², A A† = E + ½ − ρ + ρ³/3."""
    sde = TavisCummings(atoms=10, photons=10).system()
    rho = (1 + w) / 2
    field = E + HALF - rho + rho**3 / 3
    expected = -sp.integrate(-4 * field * w - (1 - rho**2) * (1 - w**2), (w, 0, w))
    assert sp.expand(InversionEquation(sde, FieldDrift(1 - ree**2)).potential - expected) == 0


@pytest.mark.parametrize(
    ("gauge", "message"),
    [
        (QuarticDrift(TanhSwitch()), "does not depend on the state, such as Always"),
        (QuarticDrift(ConditionalSwitch()), "does not depend on the state, such as Always"),
        (FieldDrift(1 + A), "no polynomial in rho"),
        (AtomDrift(), "does not conserve the Bloch length"),
    ],
)
def test_what_has_no_polynomial_potential_is_refused(gauge, message):
    with pytest.raises(ValueError, match=message) as refusal:
        _ = InversionEquation(TavisCummings(atoms=10, photons=10).system(), gauge).potential
    assert "\n" not in str(refusal.value)


def test_the_printed_potential_is_what_is_printed():
    assert sp.expand(printed_potential(sp.Integer(0)) - UNGAUGED) == 0
    assert sp.expand(printed_potential(sp.Integer(8)) - ((2 * E - 1) * w**2 + 2 * w + w**4 / 4)) == 0
    assert sp.expand(printed_potential(sp.Integer(16)) - ((2 * E - 2) * w**2 + w**3 + 3 * w + w**4 / 2)) == 0


@pytest.mark.parametrize("k", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("photons", [1.0, 20.0])
def test_the_derived_energy_is_constant_along_the_gauged_equations_and_the_printed_one_is_not(k, photons):
    """From the ground state the E of the print (13) is that of the gauged motion, at the start."""
    moving = motion(photons=photons, gauge=QuarticDrift(Always(k)))
    time = np.linspace(0, 6, 301)
    a, ad, e, eg, ge = integrate(moving, 6)(time)
    x, rate = (2 * e - 1).real, (2j * (eg * ad - ge * a)).real
    assert np.ptp(x) > 0.2
    energy = (a * ad + e - k * e**2 / 2 - 0.5).real
    assert np.ptp(energy) < 1e-8
    derived, printed = (
        rate**2 / 2 + sp.lambdify((w, E), U)(x, energy) for U in (gauged_potential(k), printed_potential(k))
    )
    assert derived == pytest.approx(np.full(301, moving.h), abs=1e-7)
    assert rate**2 / 2 + moving.potential(x) == pytest.approx(derived, abs=1e-7)
    assert np.ptp(printed) > 0.05 * k * np.ptp(x)


@pytest.mark.parametrize(("start", "photons"), CASES)
def test_turning_points_are_minus_one_one_and_twice_the_energy(start, photons):
    moving, field = motion(start, photons, decay=0.5), photons / 10
    twice = 2 * field - 1 if start == "ground" else 2 * field + 1
    assert moving.energy == pytest.approx(twice / 2, rel=1e-14)
    assert moving.h == pytest.approx(twice, rel=1e-14)
    assert moving.turning_points == pytest.approx(sorted([-1, 1, twice]), rel=1e-14)
    rests = start == "excited" and photons == 0
    assert moving.interval(moving.start) == ((1, 1) if rests else pytest.approx((-1, min(1, twice))))
    assert moving.interval((min(1, twice) - 1) / 2) == pytest.approx((-1, min(1, twice)))
    assert moving.interval(max(1, twice) + 1) == pytest.approx((max(1, twice), math.inf))
    assert moving.allowed[-1] == pytest.approx((max(1, twice), math.inf))
    E_ = twice / 2
    top = (2 * E_ + math.sqrt(4 * E_**2 + 3)) / 3
    assert moving.barrier == pytest.approx((top, twice * top**2 - top**3 + top), rel=1e-12)


def test_between_the_turning_points_nothing_moves():
    with pytest.raises(
        ValueError, match=r"inversion=1.5: h_w is below U there; the motion can be at -1 to 1, 3 to inf"
    ):
        motion("excited", 10.0).interval(1.5)
    for wrong in (math.nan, "1", True, None):
        with pytest.raises(ValueError, match="must be a finite number, such as -1"):
            motion().interval(wrong)


def test_the_gauge_closes_the_far_side():
    """(1 − w²)[8E + κ(1 + w)² − 4w]/4 is h − U_κ; at κ = 1 and E = 1 nothing is left of the barrier."""
    half = motion("excited", 1.0, QuarticDrift(Always(HALF)))
    far = np.roots([0.5, 1 - 4, 0.5 + 8 * half.energy])
    assert half.turning_points == pytest.approx([-1, 1, *sorted(far)], rel=1e-12)
    assert half.h == pytest.approx(2 * half.energy + HALF / 4)
    assert half.interval(2.0) == pytest.approx(tuple(sorted(far)))
    assert half.barrier is not None
    whole = motion("excited", 10.0, QuarticDrift(Always(1)))
    assert whole.barrier is None
    assert whole.turning_points == (-1.0, 1.0)
    assert whole.allowed == [(-1.0, 1.0)]


def test_a_rest_at_a_triple_root_is_a_rest():
    """Without photons ρee = 1 is stationary whatever the gauge; κ = 1 makes 1 a triple root."""
    moving = motion("excited", 0.0, QuarticDrift(Always(1)))
    assert moving.turning_points == (-1.0, 1.0, 1.0, 1.0)
    assert moving.interval(1.0) == (1.0, 1.0)
    assert moving.interval(0.0) == (-1.0, 1.0)


@pytest.mark.parametrize("gauge", [Identity(), QuarticDrift(Always(HALF)), QuarticDrift(Always(2))])
@pytest.mark.parametrize(("start", "photons"), [("ground", 1.0), ("ground", 20.0), ("excited", 1.0), ("excited", 50.0)])
def test_the_period_is_that_of_the_equations(start, photons, gauge):
    """At half the period w rests at the other turning point, at the whole one at the start: ẇ = 0 to 1e-6."""
    moving = motion(start, photons, gauge)
    low, high = moving.interval(moving.start)
    path = integrate(moving, moving.period)
    for share, turn in ((0.5, high if start == "ground" else low), (1.0, moving.start)):
        a, ad, e, eg, ge = path(share * moving.period)
        assert 2 * e - 1 == pytest.approx(turn, abs=1e-6)
        assert abs(2j * (eg * ad - ge * a)) < 1e-6
    a, ad, e, eg, ge = path(0.25 * moving.period)
    assert abs(2j * (eg * ad - ge * a)) > 0.05


def test_limits_of_the_period():
    assert motion("ground", 0.0).period == pytest.approx(math.pi)
    assert motion("ground", 1e-5).period == pytest.approx(math.pi, rel=1e-5)
    strong = motion("ground", 1e5)
    assert strong.period == pytest.approx(2 * math.pi / math.sqrt(4 * strong.energy), rel=1e-4)
    assert motion("ground", 10.0).period == math.inf
    assert motion("excited", 0.0).period == math.inf
    assert motion("excited", 1e-3).period > motion("excited", 1e-1).period > motion("excited", 1.0).period


def test_a_gauge_with_a_symbol_has_no_numbers():
    moving = motion(gauge=FieldDrift(1 - kappa * ree))
    with pytest.raises(ValueError, match="holds kappa, of which the model has no value"):
        _ = moving.turning_points


def test_maxima_of_many_polynomials():
    """−w³ + aw + b has its maximum at √(a/3), none for negative a; w⁴ none ever."""
    a = np.array([3.0, 12.0, -1.0])
    tops = maxima(np.array([-np.ones(3), np.zeros(3), a, np.ones(3)]))
    assert tops == pytest.approx([1.0, 2.0, np.nan], nan_ok=True)
    assert np.isnan(maxima(np.array([[1.0], [0], [0], [0], [0]]))).all()


def made_path():
    """Return two paths of three times: the first passes its barrier at the last, the second never."""
    field, excited = np.array([[1.0, 0.3, 0.1], [1.0, 0.3, 0.3]]), np.array([[0.0, 1.2, 1.4], [0.0, 1.2, 1.2]])
    coherence = 0.5j * np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 1.0]])
    dims = ("trajectory", "time")
    rows = {"A": np.sqrt(field), "Ad": np.sqrt(field), "rho_ee": excited, "rho_eg": -coherence, "rho_ge": coherence}
    return xr.Dataset(
        {name: (dims, row.astype(complex)) for name, row in rows.items()},
        coords={"trajectory": [3, 8], "time": [0.0, 0.5, 1.0]},
    )


def test_the_passage_of_made_paths():
    """By hand: E = A A† + ρee − ½ is ½, 1, 1, the barrier is at 1 and (2 + √7)/3 = 1.549; ẇ = 2 A s for ρge = is/2."""
    found = barrier_passage(made_path(), motion())
    assert found["energy"].values == pytest.approx(np.array([[0.5, 1, 1], [0.5, 1, 1]]))
    top = (2 + math.sqrt(7)) / 3
    assert found["barrier"].values == pytest.approx(np.array([[1, top, top]] * 2))
    height = 2 * top**2 - top**3 + top
    assert found["barrier_height"].values == pytest.approx(np.array([[1, height, height]] * 2))
    assert found["inversion"].values == pytest.approx(np.array([[-1, 1.4, 1.8], [-1, 1.4, 1.4]]))
    kinetic = 2 * np.array([0.0, 0.3 * 1, 0.1 * 4])
    potential = np.array([1.0, 2 * 1.4**2 - 1.4**3 + 1.4, 2 * 1.8**2 - 1.8**3 + 1.8])
    assert found["h_w"].values[0] == pytest.approx(kinetic + potential)
    assert found["passage_time"].values.tolist() == [1.0, math.inf]
    assert found["trajectory"].values.tolist() == [3, 8]


def test_a_gauge_changes_the_energy_and_the_barrier_of_a_made_path():
    """With κ = ½ and E = ½, U′ = (w − 3)(2w² − 3w − 1)/4; with κ = 1 no barrier is left, and none is passed."""
    half, whole = (barrier_passage(made_path(), motion(gauge=QuarticDrift(Always(k)))) for k in (0.5, 1))
    assert half["energy"].values[0] == pytest.approx([0.5, 0.64, 0.51])
    assert half["barrier"].values[0, 0] == pytest.approx((3 + math.sqrt(17)) / 4)
    assert whole["energy"].values[0] == pytest.approx([0.5, 0.28, 0.02])
    assert np.isnan(whole["barrier"].values).all()
    assert whole["passage_time"].values.tolist() == [math.inf, math.inf]


def test_a_path_of_another_model_is_refused():
    with pytest.raises(ValueError, match="no variable 'rho_ge'"):
        barrier_passage(made_path().drop_vars("rho_ge"), motion())


def test_every_runaway_passes_the_barrier_before_it_is_lost():
    model = TavisCummings(atoms=10, photons=100)
    result = simulate(
        model, StochasticRK2(dt=5e-3), observers=[Runaways(1e3), Trajectories(range(400), x=model.excited)],
        times=[0.0, 5.5], trajectories=400, seed=1, threads=2, progress=False,
    )  # fmt: skip
    lost = np.flatnonzero(np.isnan(result.dataset["x"].values[:, -1]))
    kept = np.setdiff1d(np.arange(400), lost)
    assert lost.size > 3
    path = result.replay(np.concatenate([lost, kept[:100]]))
    found = barrier_passage(path, InversionMotion(model))
    moves = np.diff(path["rho_ee"].values[: lost.size], axis=1) != 0
    lost_at = path["time"].values[1:][moves.shape[1] - 1 - moves[:, ::-1].argmax(axis=1)]
    passed = found["passage_time"].values
    assert (passed[: lost.size] < lost_at).all()
    assert np.isinf(passed[lost.size :]).mean() > 0.5
    assert found["energy"].values[:, 0] == pytest.approx(9.5)
    assert found["h_w"].values[:, 0] == pytest.approx(19)
