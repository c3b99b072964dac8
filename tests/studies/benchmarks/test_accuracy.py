"""``sdeframe bench accuracy``: how steps and biases are read off, and that its rows are plain numbers."""

import json

import pytest

from sdeframe.studies.benchmarks import accuracy
from sdeframe.studies.benchmarks.accuracy import BASE, CASES, SCHEMES, biases, largest_step, target_rows
from sdeframe.studies.tables import _plain


def test_the_largest_step_stands_on_a_line_between_logarithms():
    first_order = {2.0**-k: 2.0**-k / 10 for k in range(6)}
    assert largest_step(first_order, 0.01, 1.0) == pytest.approx(0.1)
    assert largest_step(first_order, 0.001, 1.0) == pytest.approx(0.01)  # below the ladder, by the weak order
    assert largest_step(first_order, 1.0, 1.0) == 1.0
    second_order = {2.0**-k: 4.0**-k / 10 for k in range(6)}
    assert largest_step(second_order, 1e-5, 2.0) == pytest.approx(0.01)


def test_a_bias_that_returns_at_a_larger_step_does_not_count():
    assert largest_step({0.25: 1e-4, 0.5: 1e-2, 1.0: 1e-5}, 1e-3, 1.0) == pytest.approx(0.25 * 2**0.5)


def test_the_bias_of_a_scheme_of_first_order_is_known(monkeypatch):
    """Of Euler-Maruyama at N = 100: 1.1e-3 at dt = 0.0078 in the table; here within a fifth with fewer trajectories."""
    monkeypatch.setattr(accuracy, "HALVINGS", 7)
    found = biases(CASES[0], SCHEMES[BASE], 1_000, 2)
    assert found[0.75 / 64] == pytest.approx(1.5e-3, rel=0.2)
    assert found[0.75 / 64] / found[0.75 / 16] == pytest.approx(1 / 4, rel=0.3)


def test_rows_are_plain_numbers_and_judge_gains():
    steps = dict.fromkeys(SCHEMES, 0.01) | {"W2S4, FourPoint": 0.5, BASE: 0.001}
    rows = list(target_rows(CASES[0], 1e-3, steps, dict.fromkeys(SCHEMES, 20.0)))
    json.dumps([_plain(row) for row in rows])
    judged = {row.quantity: row for row in rows if row.passed is not None}
    assert judged["best gain at 0.001"].value == pytest.approx(500.0)
    assert judged["best gain at 0.001, dt <= 0.1"].value == pytest.approx(100.0)
    assert all(row.passed for row in judged.values())
    slow = list(target_rows(CASES[0], 1e-3, steps | {"W2S4, FourPoint": 0.001}, dict.fromkeys(SCHEMES, 20.0)))
    assert {row.quantity for row in slow if row.passed is False} == {
        "best gain at 0.001", "Heun, FourPoint / W2S4 at 0.001", "SemiImplicitMidpoint, FourPoint / W2S4 at 0.001",
    }  # fmt: skip
