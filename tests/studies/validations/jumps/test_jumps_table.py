"""The table of jumps, small, and that its criteria fail where they should."""

import attrs
import pytest

from sdeframe.integrators import W2S4, EulerMaruyama, StochasticRK2
from sdeframe.studies.validations.jumps import table
from sdeframe.studies.validations.jumps.split_orders import LinearJumps
from sdeframe.studies.validations.jumps.table import cases, jumps, order_rows


def test_half_steps_keep_the_weak_order_and_whole_ones_do_not():
    system = LinearJumps.draw(3, 0, seed=7)
    assert all(abs(order - 2) < 0.05 for order in system.orders(W2S4).values())
    assert all(abs(order - 1) < 0.05 for order in system.orders(W2S4, halves=False).values())
    assert system.errors(W2S4(1 / 32))["xx"] < system.errors(W2S4(1 / 32), halves=False)["xx"] / 20


def test_rows_of_orders_judge_themselves(monkeypatch):
    assert all(row.passed for row in order_rows("rk2", StochasticRK2))
    monkeypatch.setattr(EulerMaruyama, "weak_order", 2.0)
    assert not any(row.passed for row in order_rows("em", EulerMaruyama))


def test_rows_of_averages_judge_themselves():
    case = cases()[0]
    assert all(row.passed for row in case.rows(2_000, 1))
    wrong = attrs.evolve(case, exact={"x": (table.x, 1.6)})
    assert not any(row.passed for row in wrong.rows(2_000, 1))


@pytest.mark.long
def test_the_whole_table_passes():
    assert all(row.passed for row in jumps(None, 2))
