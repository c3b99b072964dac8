"""``sdeframe bench derived``: what its rows say and judge."""

import json

from sdeframe import registry
from sdeframe.models import KerrOscillator
from sdeframe.studies.benchmarks import derived as bench_derived


def test_it_is_found_and_its_rows_are_judged(monkeypatch):
    assert registry.find("benchmarks", "derived") is bench_derived.derived
    monkeypatch.setattr(bench_derived, "CASES", {"slow": (KerrOscillator, 1.0), "quick": (KerrOscillator, 4.0)})
    monkeypatch.setattr(
        bench_derived, "first_step", lambda _: {"derivation": 0.5, "first step": 2.5, "first result": 3.0, "all": 4.0}
    )
    rows = list(bench_derived.derived(100, 1))
    assert [(row.case, row.value, row.passed) for row in rows if row.quantity == "Hamiltonian to first step: s"] == [
        ("slow", 2.5, False), ("quick", 2.5, True),
    ]  # fmt: skip
    costs = [row for row in rows if row.quantity.startswith("ns per")]
    assert all(row.value > 0 and row.note == "2 variables, 1 threads" for row in costs)
    shares = [row for row in rows if row.quantity.startswith("packed")]
    assert all(0.5 < row.value < 1 and row.passed == (row.value > 0.9) for row in shares)


def test_a_process_prints_its_seconds(monkeypatch, capsys):
    monkeypatch.setattr(bench_derived, "CASES", {"small": (KerrOscillator, 1.0)})
    bench_derived.print_first_step("small")
    seconds = json.loads(capsys.readouterr().out)
    assert list(seconds) == ["derivation", "first step", "first result"]
    assert 0 < seconds["derivation"] < seconds["first step"] < seconds["first result"]
