"""``sdeframe bench scaling``: that its rows are those of the runs it says."""

import json

import pytest

from sdeframe.studies.benchmarks import scaling
from sdeframe.studies.benchmarks.scaling import engine_rows, expected_rows, scaling_rows, scheduler_cost
from sdeframe.studies.tables import _plain

pytestmark = pytest.mark.filterwarnings("default")  # those of Dask and its libraries


@pytest.mark.long
def test_rows_are_plain_numbers(monkeypatch):
    monkeypatch.setattr(scaling, "ROUNDS", 2)
    rows = [*scaling_rows(2_000, 2), *engine_rows(2_000, 2)]
    json.dumps([_plain(row) for row in rows])
    assert [row.quantity for row in rows] == [
        "strong scaling, efficiency", "weak scaling, efficiency", "checkpoint / none", "Dask / threads",
    ]  # fmt: skip
    assert all(row.value > 0 for row in rows)


@pytest.mark.long
def test_a_task_costs_a_scheduler_less_than_it_is_sized_for():
    """Some 1 ms; a loaded machine takes a few times as long."""
    assert 0 < scheduler_cost(2) < 0.05


def test_efficiency_is_limited_by_what_one_scheduler_can_hand_out():
    few, more, many = (row.value for row in expected_rows(1e-3))
    assert few == pytest.approx(0.997, abs=1e-3)
    assert more == pytest.approx(0.996, abs=1e-3)
    assert many == pytest.approx(0.498, abs=1e-3)
