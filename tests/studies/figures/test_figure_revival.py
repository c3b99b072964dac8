"""The figure of collapse and revival, of a case small enough."""

import numpy as np
import pytest

from sdeframe.studies.figures.figure_revival import CASES, Case, drawing

SMALL = Case(2, "excited", 1.0, 2.0, parents=6, dt=0.05)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*last number state")
def test_a_panel_has_the_means_of_kets_beside_the_exact_curve():
    """At five times with seven degrees of freedom, 1e-3 beside: a false alarm once in millions."""
    figure, curves = drawing((SMALL,), 2)
    (axes,) = figure.axes
    assert axes.get_title() == "2 excited atoms, 1 photons, 8 groups of 6 parents with 256 children"
    shown = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
    assert np.array_equal(shown["kets"], curves["excited_1"].values)
    off = np.abs(curves["excited_1"] - curves["exact_1"]).values
    assert np.all(off <= curves["total_error_1"].values + 1e-3)
    assert np.ptp(curves["exact_1"].values) > 0.3
    assert 0 < float(curves["positive_p_horizon_1"]) <= 2
    assert curves["time_1"].attrs["long_name"] == SMALL.name


def test_cases_reach_the_revival():
    """Around 2 pi sqrt(N n) of n photons, with half of the atoms where they are excited; a hundred are another law."""
    for case in CASES[:2]:
        n = case.photons + case.atoms / 2 * (case.start == "excited")
        assert case.last > 2 * np.pi * np.sqrt(case.atoms * n)
