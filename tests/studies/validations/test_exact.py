"""The tables of exact solutions: they hold what is committed, and a planted error fails its row."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from sdeframe import registry
from sdeframe.models import TavisCummings
from sdeframe.studies.benchmarks import exact as bench_exact
from sdeframe.studies.validations import exact as table

DATA = Path(__file__).parents[2] / "data"
SMALL = TavisCummings(3, 1.5, decay=0.8)
TRAJECTORIES = 4000


def changed(monkeypatch, quantity, at, by):
    """Let the exact solution be wrong in one quantity at one time."""
    real = {name: getattr(TavisCummings, name) for name in ("exact", "photon_distribution")}

    def exact(self, times):
        found = dict(real["exact"](self, times))
        if quantity in found:
            found[quantity] = found[quantity].copy()
            found[quantity][at] += by
        return found

    def photon_distribution(self, times):
        found = real["photon_distribution"](self, times).copy()
        if quantity == "photon_distribution":
            found[at, -1] += by
        return found

    monkeypatch.setattr(TavisCummings, "exact", exact)
    monkeypatch.setattr(TavisCummings, "photon_distribution", photon_distribution)


def test_the_commands_are_registered():
    assert registry.find("validations", "exact") is table.exact
    assert registry.find("benchmarks", "exact") is bench_exact.exact


@pytest.mark.parametrize("name", ["closed", "open"])
def test_qutip_rows_pass(name):
    rows = list(table.qutip_rows(name))
    assert all(row.passed for row in rows)
    brute = [row.value for row in rows if "brute" in row.quantity]
    assert max(brute) < 1e-11  # what is committed has 12 digits
    cases = table.committed(f"{name}_qutip")["cases"]
    assert len(rows) == len(cases)
    assert {2, 3} <= {case["atoms"] for case in cases}
    for case in cases:
        assert ("pair" in case) == (case["atoms"] > 1)
        distribution = np.array(case["photon_distribution"])
        np.testing.assert_allclose(distribution.sum(axis=1), 1.0, rtol=0, atol=1e-7)
        assert distribution[1:].max() < 1 - 1e-6 or not case["photons"]
    if name == "open":
        assert {case["atoms"] for case in cases if case["solver"] == "dicke_space"} == {4, 5, 6}


@pytest.mark.parametrize("name", ["closed", "open"])
@pytest.mark.parametrize("quantity", ["excited", "photon_number", "pair", "photon_distribution"])
def test_a_wrong_number_fails_its_row(monkeypatch, name, quantity):
    changed(monkeypatch, quantity, 3, 2e-7)
    whole = table.committed(f"{name}_qutip")
    few = whole | {"cases": [whole["cases"][0], whole["cases"][8], whole["cases"][-2]]}
    monkeypatch.setattr(table, "committed", lambda _: few)
    for row in table.qutip_rows(name):
        lacking = quantity == "pair" and row.case.startswith("N=1 ")
        assert row.passed == lacking
        assert lacking or row.note == quantity


def test_not_a_number_fails_its_row(monkeypatch):
    changed(monkeypatch, "excited", 5, np.nan)
    assert not any(row.passed for row in table.qutip_rows("closed"))


@pytest.mark.parametrize("decay", [0.0, 1e-13])
def test_next_to_no_decay_is_none(decay):
    row = table.undamped_row(4, 2.0, "excited", decay)
    assert row.passed
    assert row.value < 1e-11


def test_some_decay_is_not_none():
    assert table.undamped_row(4, 2.0, "excited", 1e-9).passed is False


@pytest.mark.long
def test_jumps_agree_with_the_density_matrix():
    """60 comparisons on a fixed seed, each with a false-alarm probability of 6e-7."""
    rows = list(table.jump_rows(SMALL, TRAJECTORIES, 1))
    assert [row.case for row in rows] == ["N=3 ground nph=1.5 γ=0.8"] * 3
    assert all(row.passed for row in rows)
    assert all(0.5 < row.value < 5 for row in rows)
    assert "4000 trajectories, false alarm 1e-05" in rows[0].note


@pytest.mark.parametrize("quantity", ["excited", "photon_number", "pair"])
def test_jumps_that_are_off_by_seven_standard_errors_fail(monkeypatch, quantity):
    error = table.jumps(SMALL, TRAJECTORIES, 1)[f"{quantity}_se"][7]
    changed(monkeypatch, quantity, 7, 8 * error)
    rows = {row.quantity.split(":")[0]: row.passed for row in table.jump_rows(SMALL, TRAJECTORIES, 1)}
    assert rows == {name: name != quantity for name in rows}


def test_the_standard_error_of_a_large_system_is_judged(monkeypatch):
    monkeypatch.setattr(table, "LARGE", TavisCummings(4, 2.0, decay=0.5))
    monkeypatch.setattr(table, "open_solution", lambda *_: None)
    cost, error, seconds = table.cost_rows(200, 1)
    assert (cost.passed, seconds.passed) == (None, None)
    assert error.reference == pytest.approx(5e-3)
    assert not error.passed  # four atoms scatter more than a hundred
    monkeypatch.setattr(table, "SPREAD", 1e-2)
    assert list(table.cost_rows(200, 1))[1].passed


def test_the_table_of_cost(monkeypatch):
    monkeypatch.setattr(bench_exact, "ATOMS", (2,))
    monkeypatch.setattr(bench_exact, "MEASURED_UP_TO", 1e6)
    rows = list(bench_exact.exact(40, 1))
    quantities = [row.quantity for row in rows if row.case == "N=2 ground nph=2 γ=0.5"]
    assert quantities == [
        "without decay: s", "density matrix: s", "quantum jumps: s for 1,000",
        "quantum jumps: largest spread of excited", "piqs: s",
    ]  # fmt: skip
    density = [row for row in rows if row.quantity == "density matrix: s"]
    assert [row.note for row in density] == ["", "", "predicted"]
    assert all(row.value > 0 for row in rows)


def test_piqs_costs_are_of_the_cases_of_the_table():
    table_ = table.committed("piqs_cost")
    known = {(atoms, share * atoms) for atoms in bench_exact.ATOMS for share in bench_exact.PER_ATOM}
    assert {(case["atoms"], case["photons"]) for case in table_["cases"]} <= known
    assert any("beyond" in case for case in table_["cases"])
    assert (table_["decay"], table_["last"]) == (bench_exact.DECAY, bench_exact.TIMES[-1])


@pytest.mark.parametrize(
    ("solver", "case", "limit"),
    [("brute_force", (2, 0.4, "excited", 0.8), 1e-8), ("dicke_space", (4, 0.0, "excited", 0.8), 1e-7)],
)
def test_photon_distributions_equal_qutip(solver, case, limit):
    pytest.importorskip("qutip")
    times = np.linspace(0.0, 3.0, 4)
    known = runpy.run_path(str(DATA / "make_open_qutip.py"))[solver](*case, times)["photon_distribution"]
    atoms, photons, start, decay = case
    found = TavisCummings(atoms, photons, decay, start).photon_distribution(times)
    width = min(found.shape[1], known.shape[1])
    np.testing.assert_allclose(found[:, :width], known[:, :width], rtol=0, atol=limit)
