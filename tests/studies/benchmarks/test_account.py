"""``sdeframe bench account``: every second is one part's, and the parts are found in the sources."""

import threading
from pathlib import Path

import pytest

import sdeframe
from sdeframe import registry
from sdeframe.studies.benchmarks import account as bench_account
from sdeframe.studies.benchmarks import schemes
from sdeframe.studies.benchmarks.account import PARTS, STEPS
from sdeframe.studies.benchmarks.stack_clock import StackClock, stack

ROOT = Path(sdeframe.__file__).parents[1]


def test_every_door_is_in_a_source():
    for doors in PARTS.values():
        for door in doors:
            file, _, function = door.partition(".py:")
            if function:
                assert f"def {function}(" in (ROOT / f"{file[1:]}.py").read_text(encoding="utf-8"), door
            elif door.startswith("/sdeframe/"):
                assert (ROOT / door[1:]).exists(), door


def wait_here(clock, seconds):
    threading.Event().wait(seconds)


def test_a_clock_gives_time_to_the_first_part_that_it_sees():
    parts = {"never": ("/nowhere/",), "here": ("test_account.py:wait_here",), "file": ("test_account.py",)}
    with StackClock(parts) as clock:
        wait_here(clock, 0.2)
    assert set(clock.seconds) <= {"here", "file"}
    assert clock.seconds["here"] > 0.5 * sum(clock.seconds.values()) > 0.05


def test_a_clock_sees_other_threads():
    with StackClock({"here": ("test_account.py:wait_here",)}) as clock:
        thread = threading.Thread(target=wait_here, args=(clock, 0.2))
        thread.start()
        thread.join()
    assert clock.seconds["here"] > 0.1


def test_a_stack_is_told_from_the_inside(monkeypatch):
    import sys

    first, second, *_ = stack(sys._getframe())
    assert first.endswith("test_account.py:test_a_stack_is_told_from_the_inside")
    assert second != first


def test_rows_add_up_and_the_rest_is_judged(monkeypatch):
    assert registry.find("benchmarks", "account") is bench_account.account
    cases = iter([{"imports": 2.0, STEPS: 4.0, "rest": 0.5}, {"imports": 2.0, STEPS: 4.0, "rest": 1.5}])
    monkeypatch.setattr(bench_account, "watched_seconds", lambda *_: next(cases))
    monkeypatch.setattr(bench_account, "step_shares", lambda: {"random numbers": 0.25, "arithmetic": 0.75})
    rows = list(bench_account.account(None, 1))
    for case, total in (("cold", 6.5), ("warm", 7.5)):
        *parts, last = [row for row in rows if row.case == case]
        assert last.value == total == pytest.approx(sum(part.value for part in parts))
        assert {part.quantity: part.value for part in parts}["arithmetic: s"] == 3.0
    assert [row.passed for row in rows if row.quantity == "rest: s"] == [True, False]


@pytest.mark.long
def test_a_command_is_watched_in_a_process_of_its_own(tmp_path):
    seconds = bench_account.watched_seconds(tmp_path, "list")
    assert seconds["imports"] > 0
    assert seconds["start and end of Python"] > 0


@pytest.mark.long
def test_shares_of_the_steps_add_up(monkeypatch):
    monkeypatch.setattr(schemes, "UPDATES", 2**10)
    monkeypatch.setattr(schemes, "ROUNDS", 1)
    shares = bench_account.step_shares()
    assert sum(shares.values()) == pytest.approx(1.0)
    assert min(shares.values()) > 0


@pytest.mark.long
def test_the_noise_of_every_scheme_can_be_timed(monkeypatch):
    monkeypatch.setattr(schemes, "UPDATES", 2**8)
    monkeypatch.setattr(schemes, "ROUNDS", 2)
    monkeypatch.setattr(schemes, "CANDIDATES", (32,))
    assert all(row.value > 0 for row in schemes.noise_rows())
