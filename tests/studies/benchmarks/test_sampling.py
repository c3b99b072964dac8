"""``sdeframe bench sampling``: how many trajectories it takes a total error to have, and what its rows judge."""

import math

import attrs
import pytest

from sdeframe.studies.benchmarks import sampling as bench
from sdeframe.studies.benchmarks import sampling_levels as tried
from sdeframe.studies.benchmarks.sampling_levels import Level, finer

COST = {"independent": 20.0, "balanced": 20.0}
COARSE = Level(8, 2e-5, 0.0, 1024, 0.0144, 2.2e-4, 0.09, COST)
FINE = Level(16, 4e-6, 5e-7, 1024, 0.0144, 2.2e-4, 0.09, COST)


def total(level, count, spread, floor):
    bias = abs(level.bias) + 2 * level.uncertainty
    return math.sqrt(bias**2 + spread**2 / count + (floor / count) ** 2)


@pytest.mark.parametrize("target", [1e-4, 1e-5, 6e-6])
def test_a_total_error_is_reached_and_with_no_more_than_it_takes(target):
    count = FINE.independent_size(target)
    assert total(FINE, count, FINE.independent, 0) <= target < total(FINE, count - 2, FINE.independent, 0)
    count = FINE.balanced_size(target)
    assert count % FINE.block == 0
    assert count >= 8 * FINE.block
    assert total(FINE, count, FINE.balanced, FINE.farthest) <= target
    if count > 8 * FINE.block:
        assert total(FINE, count - FINE.block, FINE.balanced, FINE.farthest) > target


def test_a_step_with_too_large_a_bias_has_no_size():
    assert COARSE.independent_size(1e-5) is None
    assert COARSE.balanced_size(1e-5) is None
    assert FINE.balanced_size(4.9e-6) is None  # two errors of the bias count


def test_more_steps_have_a_smaller_bias_and_larger_replicates():
    level = finer(FINE, 4)
    assert (level.steps, level.block, level.bias, level.uncertainty) == (64, 4096, 2.5e-7, 5e-7 / 16)


def test_the_cheapest_step_is_taken():
    chosen = bench.cheapest([COARSE, FINE], 1e-4)
    assert [choice.level.steps for choice in chosen.values()] == [8, 8]
    assert chosen["balanced"].seconds == pytest.approx(8192 * 8 * 20e-9)
    assert [choice.level.steps for choice in bench.cheapest([COARSE, FINE], 1e-5).values()] == [16, 16]
    slow = attrs.evolve(COARSE, nanoseconds={"independent": 20.0, "balanced": 50.0})
    assert [choice.level.steps for choice in bench.cheapest([slow, FINE], 1e-4).values()] == [8, 16]


def rows(monkeypatch, level, error):
    monkeypatch.setattr(bench, "tried", lambda *_: bench.Outcome(1.0, 1.0, 1e-5, error, 8))
    found = bench.target_rows(bench.CASES[0], 1e-5, [level], None)
    return {row.quantity: row.passed for row in found if row.passed is not None}


def test_rows_judge_the_ratio_and_what_means_are_off_by(monkeypatch):
    names = [f"{kind} to 1e-05: |mean - exact|, rms" for kind in ("independent", "balanced")]
    gain = "gain at 1e-05: kernel s, ratio"
    assert rows(monkeypatch, FINE, 1e-5) == {names[0]: True, names[1]: True, gain: True}
    assert rows(monkeypatch, FINE, 2e-5) == {names[0]: False, names[1]: False, gain: True}
    assert rows(monkeypatch, attrs.evolve(FINE, balanced=4e-3), 1e-5)[gain] is False
    assert [row.note for row in bench.target_rows(bench.CASES[0], 1e-6, [FINE], None)] == ["no step is small enough"]


def test_a_small_table_runs(monkeypatch):
    monkeypatch.setattr(tried, "DOUBLINGS", range(2, 5))
    monkeypatch.setattr(tried, "ROUNDS", 1)
    monkeypatch.setattr(bench, "ROUNDS", 2)
    monkeypatch.setattr(bench, "TARGETS", (1e-3, 1e-9))
    monkeypatch.setattr(bench, "CASES", bench.CASES[:1])
    found = list(bench.sampling(8192, 1))
    bias = {row.quantity: row for row in found if row.quantity.startswith("bias")}
    assert list(bias) == [f"bias, dt {dt}" for dt in (0.75, 0.375, 0.1875, 0.09375, 0.04688)]
    assert bias["bias, dt 0.75"].value == pytest.approx(7e-4, rel=0.05)
    errors = [row for row in found if row.quantity.endswith("rms")]
    assert len(errors) == 2
    assert all(row.passed for row in errors)
    assert found[-2].note == "no step is small enough"
    assert found[-1].value > 0
