"""The table of functions of means sees errors that are too small, and a value that is off."""

import numpy as np

from sdeframe.studies.validations.seen.functions import ENSEMBLES, rows, states


def judged(factor=1.0, shift=0.0):
    """Return what the table says of normal deviations with an error that is wrong by a factor."""
    rng = np.random.default_rng(1)
    away = (rng.normal(size=ENSEMBLES) + 1j * rng.normal(size=ENSEMBLES)) * 0.1 + shift
    errors = np.full(ENSEMBLES, 0.1 * factor * (1 + 1j))
    return [row.passed for row in rows("case", "g2", 1.0, away, errors)]


def test_rows_judge():
    assert judged() == [True] * 6
    assert judged(factor=0.7) == [False, True, False] * 2
    assert judged(shift=0.05) == [True, False, True, True, True, True]


def test_a_function_without_spread_is_not_judged():
    (row, _) = rows("case", "g2", 1.0, np.full(ENSEMBLES, np.nan + 0j), np.zeros(ENSEMBLES, dtype=complex))
    assert row.passed is None


def test_exact_values_of_states():
    exact = {case.name: case.exact["g2"][0] for case in states()}
    assert abs(exact["thermal state"] - 2.0) < 1e-6
    assert abs(exact["coherent state, Wigner, weighted"] - 1.0) < 1e-6
