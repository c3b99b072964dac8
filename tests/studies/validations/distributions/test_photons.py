"""The table of photon statistics judges, on few ensembles."""

import attrs
import pytest

from sdeframe.models import TavisCummings
from sdeframe.studies.validations.distributions import photons
from sdeframe.studies.validations.distributions.photons import case_rows, cavity


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(photons, "ENSEMBLES", 6)
    monkeypatch.setattr(photons, "SPREAD", 0.5)


CASE = cavity(TavisCummings(10, 10.0), 20, 0.8)


def test_what_is_right_passes():
    wrong, spread, horizon = case_rows(CASE, 1000, 1)
    assert wrong.passed
    assert spread.passed
    assert 0.3 < horizon.value <= 0.8


def test_what_is_wrong_does_not():
    shifted = attrs.evolve(CASE, exact=lambda times: CASE.exact(1.1 * times))
    wrong, spread, _ = case_rows(shifted, 1000, 1)
    assert wrong.passed is False
    assert wrong.value == 6
    assert spread.passed is False
