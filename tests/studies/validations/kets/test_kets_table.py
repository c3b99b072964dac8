"""The table of kets: its rule, and a small case of it."""

import numpy as np
import pytest

from sdeframe.studies.validations.kets.table import CASES, Case, case_rows, useful


def test_useful_times_end_with_the_first_failure():
    exact, error = np.zeros(5), np.full(5, 0.01)
    assert useful(exact, error, exact) == 5
    assert useful(exact, np.array([0, 0.01, 0.03, 0.01, 0.01]), exact) == 2
    assert useful(np.array([0, 0, 0, 0.06, 0]), error, exact) == 3
    assert useful(exact, np.array([0, np.nan, 0, 0, 0]), exact) == 1


def test_what_kets_must_reach():
    assert [case.time for case in CASES if case.time] == [8.0, 6.5, 8.0]
    assert all(case.factor == 2 for case in CASES if case.atoms == 10)


@pytest.mark.long
def test_a_small_case():
    rows = list(case_rows(Case(2, "ground", 1, 1.0), 2000, 1))
    assert rows[0].value == 1.0
    assert rows[1].value < 5.5
