"""``sdeframe validate sampling``: its rows hold on small ensembles, and codes or errors that are wrong fail them."""

import attrs
import numpy as np
import pytest

from sdeframe.models import TavisCummings
from sdeframe.sampling.plan import Plan
from sdeframe.studies.validations.sampling import honesty
from sdeframe.studies.validations.sampling.gains import gain_rows, gains, replicate_variance
from sdeframe.studies.validations.sampling.honesty import TIMES, Tally, ensemble, tally, tally_rows
from sdeframe.studies.validations.sampling.systems import asked_cases, equal_cases, kerr_cases
from sdeframe.studies.validations.sampling.table import cubic_row, linear_rows, sampling

MODEL = TavisCummings(30, 100.0)
"""One of those of the table, whose step error is small by chance at the first output time."""


def judged(rows):
    return {(row.quantity, row.time): row.passed for row in rows if row.passed is not None}


@pytest.fixture(scope="module")
def balanced():
    """Return an ensemble with its exact mean."""
    return ensemble(MODEL, 32_768, 8, seed=5, threads=1), MODEL.exact(TIMES)["excited"]


@pytest.fixture
def shared_slot(monkeypatch):
    """Let all increments have the codes of one slot."""
    codes = Plan.codes.func
    monkeypatch.setattr(Plan, "codes", property(lambda self: np.broadcast_to(codes(self)[5], codes(self).shape)))


def test_gains_are_reached_on_a_fixed_seed():
    """Gains told by 24 replicates are off by 30 %; those that are asked for are 5.5, 3 and 3.3 times smaller."""
    *gains_at, deviation = [row for row in gain_rows(next(asked_cases()), None, 1) if row.passed is not None]
    assert [(row.quantity, row.time, row.passed) for row in gains_at] == [
        ("gain in excited", time, True) for time in (1.0, 2.0, 3.0)
    ]
    assert (deviation.quantity, deviation.passed) == ("excited: |mean - exact| / total error", True)


def test_the_gain_grows_as_the_third_power_of_the_number_of_atoms():
    rows = [cubic_row(number, case, None, 1) for number, case in equal_cases()]
    assert [row.passed for row in rows] == [True, True]


def test_a_mean_that_is_off_fails_its_row():
    case = next(asked_cases())
    off = attrs.evolve(case, exact=lambda times: {"excited": case.exact(times)["excited"] + 1e-2})
    assert list(judged(gain_rows(off, 10_000, 1)).values()) == [False]


@pytest.mark.long
def test_codes_that_are_shared_fail_the_rows(shared_slot):
    found = judged(gain_rows(next(asked_cases()), None, 1))
    assert not any(passed for (quantity, _), passed in found.items() if quantity.startswith("gain"))
    assert [cubic_row(number, case, None, 1).passed for number, case in equal_cases()] == [False, False]
    assert [row.passed for row in linear_rows(1)] == [True, False]  # antithetic pairs are left, and cancel x


def test_a_linear_system_has_no_sampling_error():
    assert [row.passed for row in linear_rows(1)] == [True, True]


def test_a_small_table_judges_no_gain():
    case = next(asked_cases())
    rows = list(gain_rows(case, 10_000, 1))
    assert all(row.note.startswith("8 x 1024") for row in rows if row.quantity == "gain in excited")
    assert list(judged(rows)) == [(rows[-1].quantity, rows[-1].time)]


def test_a_start_alone_can_be_random():
    """Gains by a Sobol' sequence, told by eight replicates, of 2,000 and more."""
    (case,) = (case for case in kerr_cases() if case.name == "closed Kerr, Wigner")
    found, _ = gains(case, 8192, 1)
    assert all((values > 100).all() for values in found.values())


def test_what_is_stated_holds(balanced):
    """38 comparisons on a fixed seed, each with a false-alarm probability of 6e-7."""
    found = tally(*balanced)
    assert found.points >= 18
    assert found.wrong == 0
    assert found.largest < 1
    assert found.wrong_alone > 0  # the step's bias, which replicates do not see


@pytest.mark.parametrize("part", [1.0, 1.0j])
def test_a_mean_that_is_off_in_one_part_is_wrong(balanced, part):
    result, exact = balanced
    shift = np.where(np.arange(len(exact)) == 2, 2 * np.abs(result.total_error("excited").values), 0.0)
    found = tally(result, exact + part * shift)
    assert found.wrong == 1
    assert found.largest > 1


def test_a_mean_is_not_judged_beyond_its_horizon(balanced):
    result, exact = balanced
    late = result.horizon("excited") < TIMES
    assert late.any()
    assert tally(result, np.where(late, 99.0, exact)) == tally(*balanced)


def test_intervals_are_those_whose_step_error_is_small(balanced):
    result, exact = balanced
    assert 0 < tally(result, exact).intervals < 2 * tally(result, exact).points
    coarse = result.dataset.assign(excited_step_error=result.dataset["excited_step_error"] + 1 + 1j)
    assert tally(attrs.evolve(result, dataset=coarse), exact).intervals == 0


@pytest.mark.parametrize(("away", "inside"), [(2.36, True), (2.37, False)])
def test_intervals_are_those_of_student(balanced, away, inside):
    """Of eight replicates 95 % lie within 2.365 standard errors."""
    result, _ = balanced
    assert result.dataset.attrs["replicates"] == 8
    real, imaginary = (np.sqrt(replicate_variance(result, "excited", part)) for part in ("", "_imag"))
    found = tally(result, result.dataset["excited"].values + away * (real + 1j * imaginary))
    assert found.covered == (found.intervals if inside else 0)


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (Tally(300, 6000, 0, 500, 0.6, 2000, 1900), [True, True]),
        (Tally(300, 6000, 1, 500, 1.1, 2000, 1900), [False, True]),
        (Tally(300, 6000, 0, 500, 0.6, 2000, 1840), [True, False]),
        (Tally(300, 6000, 0, 500, 0.6, 2000, 1960), [True, False]),
        (Tally(3, 60, 0, 5, 0.6, 20, 10), [True]),
    ],
)
def test_what_rows_judge(found, passed):
    assert [row.passed for row in tally_rows("x", found) if row.passed is not None] == passed


def test_tallies_add_up():
    assert Tally(1, 20, 1, 5, 0.6, 9, 8) + Tally(2, 30, 0, 6, 0.5, 10, 10) == Tally(3, 50, 1, 11, 0.6, 19, 18)


def test_all_sizes_are_tried_on_all_cases(monkeypatch):
    seen = []

    def ensemble(model, size, replicates, seed, threads):
        seen.append((model, size, seed))

    monkeypatch.setattr(honesty, "ensemble", ensemble)
    monkeypatch.setattr(honesty, "tally", lambda result, exact: Tally(1, 1))
    monkeypatch.setattr(TavisCummings, "exact", lambda self, times: {"excited": np.zeros(times.shape)})
    rows = list(honesty.honesty_rows(None, 1))
    assert len(seen) == len(set(seen)) >= 300
    assert {size for _, size, _ in seen} == {32_768, 98_304, 163_840}
    assert rows[-3].note == f"{len(seen)} output times of {len(seen)} ensembles"
    assert {model.decay > 0 for model, _, _ in seen} == {True, False}
    assert {model.start for model, _, _ in seen} == {"ground", "excited"}


@pytest.mark.long
def test_a_small_table_passes():
    rows = list(sampling(16_384, 2))
    assert [row for row in rows if row.passed is False] == []
