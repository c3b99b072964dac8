"""Which output times a window holds, and what is said where it does not fit."""

import numpy as np
import pytest

from sdeframe.observers.windows import held, spacing, valid_window

TIMES = np.linspace(0.0, 5.0, 51)


def test_both_ends_are_in_it():
    assert held("O", (1.0, 2.0), TIMES) == range(10, 21)
    assert held("O", (0.3, 4.9), TIMES) == range(3, 50)
    assert held("O", (0.0, 5.05), TIMES) == range(51)  # as a window of T = 51 spacings would be written
    assert held("O", (0.95, 2.03), TIMES) == range(10, 21)


@pytest.mark.parametrize("window", [3.0, (1.0,), (2.0, 1.0), (1.0, 1.0), (-1.0, 2.0), (0.0, np.inf), ("a", 2), None])
def test_what_is_no_window_is_refused(window):
    with pytest.raises(ValueError, match=r"window=.* in Spectrum: must be .*such as window=\(10.0, 50.0\)"):
        valid_window("Spectrum", window)


def test_a_window_needs_output_times():
    with pytest.raises(ValueError, match=r"window=\(1.05, 1.15\)\): holds 1 .*two at least: give times=np.linspace"):
        held("O", (1.05, 1.15), TIMES)
    with pytest.raises(ValueError, match=r"holds 0 of the run's output times, which go from 0 to 5"):
        held("O", (10.0, 50.0), TIMES)


def test_a_window_that_output_times_do_not_fill_is_refused():
    with pytest.raises(ValueError, match=r"within it go from 1 to 5 only: .* or window=\(1, 5\)"):
        held("O", (1.0, 6.0), TIMES)
    with pytest.raises(ValueError, match=r"go from 3 to 5 only"):
        held("O", (1.0, 5.0), TIMES[30:])


def test_windows_of_one_length_have_one_spacing():
    assert spacing("O", TIMES[3:20]) == spacing("O", TIMES[11:28]) == 0.1


def test_uneven_times_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"0.1 to 0.2 apart.*equally spaced: give such as times=np.linspace\(0, 1"):
        spacing("O", np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]))
