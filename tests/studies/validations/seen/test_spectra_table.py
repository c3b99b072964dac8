"""The table of spectra: what it takes for exact, and that it sees a spectrum that is off."""

import numpy as np
import pytest

from sdeframe.studies.validations.seen import spectra
from sdeframe.studies.validations.seen.spectra import CHOSEN, COUNT, DT, Case, cases, shown

T = COUNT * DT


def test_what_a_window_shows_of_one_line():
    """∫ (1 - |τ|/T) c e^{-λ|τ|} dτ = (2c/λ) (1 - (1 - e^{-λT})/(λT)), up to the folding of output times."""
    for rate, strength in ((0.3, 0.4), (0.7, -0.4)):
        c = strength / (2 * rate)
        expected = 2 * c / rate * (1 - (1 - np.exp(-rate * T)) / (rate * T))
        assert shown(rate, strength, 0, 0)[COUNT // 2] == pytest.approx(expected, rel=(rate * DT) ** 2)
        assert shown(rate, strength, 0, 0).sum() / T == pytest.approx(c)


def test_a_line_that_turns_stands_at_its_frequency():
    found = shown(0.1 + 2j * np.pi / T * 4, 0.2, 0, 0)
    assert np.argmax(found.real) == COUNT // 2 + 4
    assert np.abs(found.imag).max() < 1e-12


def test_a_spectrum_that_is_off_is_seen(monkeypatch):
    monkeypatch.setattr(spectra, "ENSEMBLES", 8)
    case = next(iter(cases()))
    for factor in (1.0, 1.5):
        wrong = Case(case.name, case.model, case.pairs, {"S": factor * case.exact["S"]})
        scores = list(wrong.scores(500, 1))
        assert len(scores) == len(CHOSEN) + 1
        for _, away, errors in scores:
            together = away.real.mean() / (errors.real.mean() / np.sqrt(8))
            assert (abs(together) < 6) == (factor == 1.0)
