"""The table of derived models judges what it says, and sees what is wrong."""

import attrs
import numpy as np
import pytest
import xarray as xr

from sdeframe.models import CollectiveSpin
from sdeframe.studies.validations import derived

CASE = derived.Case("case", CollectiveSpin(), 0.4, 0.1)
TIMES = CASE.times
DEVIATION, STEP = "x: |mean - exact| / se", "x: |step error| / (se + 2 own se)"


@attrs.frozen(eq=False)
class Run:
    dataset: xr.Dataset
    until: float

    def horizon(self, name):
        return self.until


def rows(off=0.0, step=0.0, se=1e-3, until=0.4, case=CASE):
    """A mean that is off by so much at time 0.3."""
    there = np.where(np.isclose(TIMES, 0.3), 1.0, 0.0)
    parts = dict.fromkeys(("x_low_se", "x_low_imag_se"), se + 0 * TIMES)
    parts |= dict.fromkeys(("x_step_error_se", "x_step_error_imag_se"), se / 10 + 0 * TIMES)
    values = parts | {"x": 0.5 + off * there, "x_step_error": step * there + 0j}
    dataset = xr.Dataset({name: ("time", v) for name, v in values.items()}, coords={"time": TIMES})
    found = derived.deviation_rows(case, Run(dataset, until), "x", np.full(TIMES.shape, 0.5 + 0j))
    return {row.quantity: row for row in found}


@pytest.mark.parametrize("unit", [1.0, -1.0, 1j, -1j])
def test_five_standard_errors_of_either_part(unit):
    assert rows(off=4.9e-3 * unit)[DEVIATION].passed
    found = rows(off=5.2e-3 * unit)[DEVIATION]
    assert found.passed is False
    assert found.value == pytest.approx(5.2, abs=1e-3)
    assert found.time == pytest.approx(0.3)


def test_a_step_error_excuses_nothing():
    found = rows(off=6e-3, step=2e-3)
    assert found[DEVIATION].passed is False
    assert found[STEP].passed is False
    assert rows(step=1.1e-3j)[STEP].passed


def test_only_the_error_of_the_reference_is_allowed_where_every_trajectory_agrees():
    assert rows(off=0.9e-7, se=0.0)[DEVIATION].passed
    assert rows(off=2e-7, se=0.0)[DEVIATION].passed is False


def test_what_is_judged_ends_at_the_horizon_which_is_shown():
    found = rows(off=1.0, until=0.2)
    assert found[DEVIATION].passed
    assert "to 0.2 of 0.4" in found[DEVIATION].note
    assert all(row.passed is False for row in rows(until=0.0).values())
