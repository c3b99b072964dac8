"""``sdeframe validate trust``: what its rows mean, on outcomes made by hand and on a small ensemble."""

import numpy as np
import pytest

from sdeframe.models import TavisCummings
from sdeframe.observers.trust import last_before
from sdeframe.studies.validations.trust import ASKED, oscillator_rows, rule_rows
from sdeframe.studies.validations.trust_cases import Outcome, excited_case, judge, ratios, wrong

GOOD = Outcome(horizon=1.8, half_percent=3.0, other=1.0, valid=2.0)
BAD = Outcome(horizon=2.1, half_percent=1.0, other=2.0, valid=2.0)
NOTHING = Outcome(horizon=0.0, half_percent=1.0, other=0.0, valid=0.0)


def test_a_rule_is_wrong_where_it_trusts_beyond_the_valid_time():
    outcomes = [GOOD, BAD, NOTHING, GOOD]
    assert wrong(outcomes, "horizon") == 0.25
    assert wrong(outcomes, "half_percent") == 0.75
    assert ratios(outcomes, "horizon") == pytest.approx([0.9, 1.0, 1.0, 0.9])


def test_rows_judge_the_horizon_only_and_only_if_asked():
    rows = {row.quantity: row for row in rule_rows("x", [GOOD] * 99 + [BAD], asked=ASKED)}
    assert rows["trust horizon: wrong"].value == 0.01
    assert rows["trust horizon: wrong"].passed is False
    assert rows["trust horizon: median of valid time"].passed is True
    assert rows["trust horizon: 10th percentile"].passed is True
    assert rows["until 0.5 % are lost: wrong"].passed is None
    assert all(row.passed is None for row in rule_rows("x", [BAD]))
    late = rule_rows("x", [GOOD] * 200 + [BAD], asked={**ASKED, "median of valid time": 0.91})
    assert [row.passed for row in late if row.passed is not None] == [True, False, True]


@pytest.mark.parametrize(("outcomes", "passed"), [([GOOD, GOOD], True), ([GOOD, BAD], False)])
def test_an_oscillator_must_be_flagged_before_it_is_wrong(outcomes, passed):
    rows = {row.quantity: row.passed for row in oscillator_rows("x", outcomes)}
    assert rows["trust horizon, at most"] is passed
    assert [quantity for quantity, judged in rows.items() if judged is not None] == ["trust horizon, at most"]


def test_an_ensemble_is_judged():
    case = excited_case(TavisCummings(8, 8.0), last=6.0)
    outcome = judge(case, 2_000, seed=5, threads=1)
    assert 0 < outcome.horizon <= outcome.valid < outcome.half_percent < 6.0
    assert outcome.other < outcome.half_percent


def test_when_something_first_happens():
    times = np.array([0.5, 1.0, 1.5])
    assert last_before(times, np.array([False, False, True])) == 1.0
    assert last_before(times, np.array([True, False, True])) == 0.0
    assert last_before(times, np.zeros(3, dtype=bool)) == 1.5
