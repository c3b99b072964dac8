"""The smallest damping, on a model whose lost share is known in closed form, and what is refused."""

import math
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import pytest
from scipy.special import erfc, erfcinv

from sdeframe import SDE, Model, parameters, random_normal, real_variables
from sdeframe.integrators import W2S4
from sdeframe.kernels import time_loop
from sdeframe.models import TavisCummings
from sdeframe.studies import minimal_damping

x, k, X0 = real_variables("x"), parameters("k"), random_normal("X0")
BOUND, SHARE = 3.0, 0.05


@attrs.frozen
class Growth(Model):
    """dx = (1 − k) x dt from a normal start."""

    strength: float = 0.0

    def system(self) -> SDE:
        return SDE(drift={x: (1 - k) * x}, noise={x: 0})

    def initial_state(self) -> Mapping[Any, Any]:
        return {x: X0}

    def parameters(self) -> Mapping[Any, float]:
        return {k: self.strength}


def lost_share(strength):
    """Return the share of starts beyond the bound at t = 1."""
    return erfc(BOUND * np.exp(-(1 - np.asarray(strength))) / math.sqrt(2))


def strength_of(share):
    """Return the damping at which a share is lost: the inverse."""
    return 1 - math.log(BOUND / (math.sqrt(2) * erfcinv(share)))


def found(**options):
    """Search with 10,000 trajectories."""
    given = {"field": "strength", "share": SHARE, "until": 1.0, "bound": BOUND, "bracket": (0.0, 1.0)}
    fixed = {"integrator": W2S4(dt=0.25), "trajectories": 10_000, "seed": 3, "threads": 1}
    return minimal_damping(Growth(), **{**given, **fixed, **options})


@pytest.fixture(scope="module")
def damping():
    return found()


def test_the_interval_holds_the_true_value_and_is_that_of_the_binomial_error(damping):
    """Two binomial errors, 95 %, are the definition; five of them are asked for here, false alarms below 6e-7."""
    low, high = damping.interval
    spread = math.sqrt(SHARE * (1 - SHARE) / 10_000)
    assert low < damping.value < high
    assert abs(lost_share(damping.value) - SHARE) < 5 * spread + abs(lost_share(damping.value - 0.01) - SHARE)
    expected = strength_of(SHARE - 2 * spread) - strength_of(SHARE + 2 * spread)
    assert high - low == pytest.approx(expected, rel=0.4, abs=0.02)
    assert abs((low + high) / 2 - strength_of(SHARE)) < 2.5 * expected / 4 + 0.01


def test_the_value_suffices_and_the_next_smaller_one_tried_does_not(damping):
    tried = damping.curve["strength"].values
    shares = damping.curve["lost_share"].values
    assert shares[tried == damping.value] <= SHARE
    assert shares[tried == tried[tried < damping.value][-1]] > SHARE
    assert damping.value - tried[tried < damping.value][-1] <= 0.01


def test_the_curve_holds_all_that_was_tried_with_its_binomial_error(damping):
    """Five errors each, of some ten points on common random numbers."""
    curve = damping.curve
    assert (np.diff(curve["lost_share"]) <= 0).all()
    off = np.abs(curve["lost_share"].values - lost_share(curve["strength"].values))
    assert (off < 5 * curve["lost_share_se"].values).all()
    p, n = curve["lost_share"].values, curve["trajectories"].values
    many = p * n > 100
    expected = np.sqrt(p * (1 - p) / n)[many]
    assert curve["lost_share_se"].values[many] == pytest.approx(expected, rel=0.01)
    assert set(n) == {625, 2500, 10_000}
    assert n[np.argmin(np.abs(curve["strength"].values - damping.value))] == 10_000
    assert curve.attrs["until"] == 1.0
    assert curve.attrs["bound"] == BOUND
    assert curve.attrs["share"] == SHARE


def test_random_numbers_are_common_and_the_search_is_repeated_for_a_seed(damping):
    again = found(threads=2)
    assert again.curve.equals(damping.curve)
    assert str(again) == str(damping)
    assert not found(seed=4).curve.equals(damping.curve)


def test_one_kernel_serves_all_dampings(monkeypatch):
    compiled = []
    real = time_loop.kernel_functions
    monkeypatch.setattr(
        "sdeframe.running.problem.kernel_functions", lambda *a: compiled.append(real(*a)) or compiled[-1]
    )
    found(trajectories=1_000, tolerance=0.2)
    assert len(compiled) > 3
    assert all(c["advance"] is compiled[0]["advance"] for c in compiled)


def test_none_needed_and_below_the_lower_end_can_be_said():
    none = found(share=0.5)
    assert none.none_needed
    assert none.below
    assert none.value == 0
    lost = none.curve["lost_share"].sel(strength=0).item()
    assert str(none) == f"none needed: {lost:.2%} lost at strength = 0 (at most 0)"
    less = found(bracket=(0.7, 1.0))
    assert less.below
    assert not less.none_needed
    assert less.value == 0.7
    assert str(less).startswith("strength = 0.7 or less: ")
    assert not found().below


def test_none_needed_for_a_weak_field_of_many_atoms():
    weak = minimal_damping(TavisCummings(100, 10.0), until=2.0, trajectories=1_000, threads=1)
    assert weak.none_needed
    assert str(weak) == "none needed: 0.00% lost at decay = 0 (at most 0)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"bracket": (0.0, 0.3)},
            r"bracket=\(0, 0.3\): of 10000 trajectories 2\d.\d+% at 0 and 1\d.\d+% at 0.3 are lost",
        ),
        ({"trajectories": 50}, "trajectories=50: too few to resolve share=0.05; give at least 77"),
        ({"trajectories": 400, "tolerance": 0.02}, "tolerance=0.02: 400 trajectories tell strength to lie between"),
        ({"field": "decay"}, "field='decay': Growth has the fields strength"),
        ({"share": 0.0}, "share=0.0: must be between 0 and 1"),
        ({"until": -1.0}, "until=-1.0: must be a positive number"),
        ({"tolerance": 0.0}, "tolerance=0.0: must be a positive number"),
        ({"bracket": (1.0, 0.5)}, r"bracket=\(1.0, 0.5\): must be a smaller and a larger damping"),
        ({"trajectories": 0}, "trajectories=0: must be a positive integer"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        found(**options)


def test_the_number_of_trajectories_that_is_named_suffices():
    with pytest.raises(ValueError, match="give about") as refused:
        found(trajectories=400, tolerance=0.05)
    more = int(str(refused.value).split("give about ")[1].split()[0])
    assert more > 400
    found(trajectories=2 * more, tolerance=0.05)


def test_a_model_is_needed():
    with pytest.raises(TypeError, match="model=3: must be a Model"):
        minimal_damping(3)
