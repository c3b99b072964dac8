"""``sdeframe bench cost``: the formula is fitted and held against runs, from injected times."""

import attrs
import numpy as np
import pytest

from sdeframe import registry
from sdeframe.campaigns.pilot import Pilot
from sdeframe.campaigns.run_cost import extrapolated
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import TavisCummings
from sdeframe.running.compose import compose
from sdeframe.sampling import Balanced
from sdeframe.studies.benchmarks import cost as bench_cost
from sdeframe.studies.benchmarks.cost import TERMS, Measured, fit, held_out_rows, memory_rows, printed_memory
from sdeframe.studies.benchmarks.cost_cases import HELD_OUT, RING, Case, ring, several

FORMULA = np.array([50.0, 4.0, 0.1, 0.05, 1.0, 3.0, 40.0, 6.0])


def injected(case, formula=FORMULA):
    """Return a run that takes what a formula says."""
    problem = compose(case.model, case.integrator, **case.options)
    found = Measured(case, problem, 1.0)
    return attrs.evolve(found, seconds=1e-9 * float(formula @ found.counts) * problem.trajectories)


EULER = EulerMaruyama(0.025)
CASES = [
    Case("few", ring(2, 1)), Case("more", ring(4, 3)), Case("most", ring(8, 4)), Case("steps", ring(2, 1), steps=20),
    Case("normal", ring(2, 2), integrator=EULER), Case("more of them", ring(4, 3), integrator=EULER),
    *several(Case("outputs", ring(2, 1)), outputs=(11, 101)), Case("means", ring(2, 1), names=2, outputs=101),
]  # fmt: skip


def test_a_fit_finds_the_formula_that_times_were_made_by(monkeypatch):
    monkeypatch.setattr(bench_cost, "MANY", 300)
    assert fit([injected(case) for case in CASES]) == pytest.approx(FORMULA, rel=1e-6)
    assert len(TERMS) == len(FORMULA)


def test_threads_share_the_time():
    case = Case("two", ring(2, 1))
    one, two = (injected(attrs.evolve(case, threads=n)) for n in (1, 2))
    assert two.nanoseconds == pytest.approx(one.nanoseconds / 2)


def test_step_error_costs_half_the_steps_and_all_outputs_again():
    one, both = (injected(attrs.evolve(RING, step_error=twice)).counts for twice in (False, True))
    chosen = [1, 2, 4, 6, 7]
    assert both[chosen] / one[chosen] == pytest.approx([1.5, 1.5, 1.5, 2, 2])


@pytest.mark.parametrize(("told", "passed"), [(1.0, True), (1.29, True), (1.31, False), (0.75, False)])
def test_what_is_told_is_held_against_what_is_measured(monkeypatch, told, passed):
    found = injected(RING)
    pilot = Pilot((told * found.seconds,), "")
    monkeypatch.setattr(bench_cost, "timed", lambda case, trajectories: found)
    monkeypatch.setattr(
        bench_cost, "estimate",
        lambda *_, **__: extrapolated(found.problem, found.problem.block_count, pilot, 0, 0),
    )  # fmt: skip
    first, second = held_out_rows(RING, None, FORMULA)
    assert (first.value, first.passed) == (pytest.approx(told), passed)
    assert second.value == pytest.approx(1.0)


@pytest.mark.parametrize(("taken", "passed"), [(399.0, True), (401.0, False)])
def test_memory_is_judged(monkeypatch, taken, passed):
    monkeypatch.setattr(bench_cost, "printed_memory", lambda *words: (350.0, 300.0 if "--dry-run" in words else taken))
    first, second = memory_rows(10**6, 2)
    assert (first.value, first.passed) == (taken, passed)
    assert second.value == pytest.approx(350 / taken)


@pytest.mark.long
def test_memory_of_a_command_is_read_from_what_it_prints():
    told, taken = printed_memory("run", "--trajectories", "300", "--times", "0,0.05", "--dry-run")
    assert 50 < told < 1000
    assert 50 < taken < 1000


def test_cases_can_be_scaled_down_and_composed():
    assert registry.find("benchmarks", "cost") is bench_cost.cost
    for case in HELD_OUT:
        small = case.sized(300)
        assert small.trajectories == (24_576 if isinstance(case.sampling, Balanced) else 300)
        assert len(small.options["times"]) == case.outputs


def test_a_case_is_timed(monkeypatch):
    case = Case("closed", TavisCummings(atoms=10, photons=10.0), trajectories=256, steps=4)
    found = bench_cost.timed(case, 100)
    assert found.problem.trajectories == 100
    assert found.seconds > 0
    assert bench_cost.row(found).note.endswith("ns a trajectory and step")
