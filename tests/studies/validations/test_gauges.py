"""``sdeframe validate gauges``: what its columns mean, on a small ensemble."""

import math

import numpy as np
import pytest

from sdeframe.models import TavisCummings
from sdeframe.studies.validations.closed import CASES
from sdeframe.studies.validations.gauges import ENTRANTS, entrant_rows, first, last_before

TIMES = np.arange(5) * 0.5


def test_when_something_first_happens():
    event = np.array([False, False, True, False, True])
    assert first(TIMES, event) == 1.0
    assert last_before(TIMES, event) == 0.5
    assert first(TIMES, ~event | event) == 0.0
    assert last_before(TIMES, ~event | event) == 0.0
    never = np.zeros(5, dtype=bool)
    assert math.isinf(first(TIMES, never))
    assert last_before(TIMES, never) == 2.0


def rows_of(name, exact=None):
    (entrant,) = (e for e in ENTRANTS if e.name == name)
    case = CASES[2]
    model = TavisCummings(case.atoms, case.photons, start=case.start)
    curve = model.exact(TIMES)["excited"] if exact is None else exact
    return {row.quantity.partition(": ")[2]: row for row in entrant_rows(case, entrant, curve, TIMES, 500, 2)}


def test_a_gauge_has_columns_for_its_weight():
    rows = rows_of("A46, tanh switch")
    assert set(rows) == {
        "0.5 % of states lost at",
        "trusted until",
        "0.5 % of weights lost at",
        "standard error above 0.01 from",
        "exact within 5 standard errors until",
        "exact within 0.02 until",
        "weights carry until",
        "largest deviation / se until then",
    }
    assert rows["weights carry until"].value == 2.0
    assert rows["largest deviation / se until then"].passed is True


def test_a_wrong_curve_fails_the_row():
    rows = rows_of("A46, tanh switch", exact=np.full(5, 0.4))
    assert rows["largest deviation / se until then"].passed is False
    assert rows["exact within 0.02 until"].value == 0.0


@pytest.mark.parametrize("name", ["A39", "A46, noise x 2"])
def test_a_diffusion_gauge_has_no_weight(name):
    assert not any("weight" in quantity for quantity in rows_of(name))
