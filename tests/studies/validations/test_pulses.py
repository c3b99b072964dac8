"""The table of random pulses: it holds what is exact, and sees what a solver misses that looks at output times only."""

import numpy as np
import pytest
import sympy as sp

from sdeframe.studies.validations import pulses as table
from sdeframe.symbolic.symbols import time


@pytest.mark.parametrize("maker", table.MAKERS, ids=lambda m: m.__name__)
def test_areas_are_integrals_of_the_rate(maker):
    pulse = maker(np.random.default_rng(3), 1.0, 1.5)
    edges = np.linspace(0, 0.7, 1_000_001)
    rate = sp.lambdify(time, pulse.rate)((edges[1:] + edges[:-1]) / 2)
    assert np.min(rate) >= 0
    assert pulse.area(np.array([0.0, 0.7])) == pytest.approx([0, np.mean(rate) * 0.7], abs=0.03)


@pytest.mark.parametrize("system", table.SYSTEMS, ids=lambda s: s[0])
def test_rows_pass(system):
    row = table.pulse_row(*system, table.several, 1)
    assert row.passed
    assert row.note == "1 pulses, 0 refused"


def test_what_sees_output_times_only_fails():
    name, _, truth = table.SYSTEMS[0]
    row = table.pulse_row(name, lambda rate, times: np.zeros(times.shape), truth, table.square, 10)
    assert row.passed is False
    assert row.value > 0.1


def test_a_refusal_is_counted_and_is_no_error():
    def refuse(rate, times):
        raise ValueError("no")

    row = table.pulse_row("refused", refuse, np.sin, table.square, 3)
    assert row.passed
    assert row.note == "3 pulses, 3 refused"
