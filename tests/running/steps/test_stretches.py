"""Steps in time, cut where coefficients switch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.running.steps.stretches import Stretch, stretches


def times(parts):
    """Return when every step begins, and when the last one ends."""
    return np.array([part.time(step) for part in parts for step in range(part.first, part.last)] + [ends(parts)[-1]])


def ends(parts):
    return [part.time(part.last) for part in parts]


def test_without_breaks_nothing_is_cut():
    assert stretches(0.1, (0, 5, 10), ()) == ((Stretch(0, 10, 0.1),), (0, 5, 10))
    assert stretches(0.1, (0,), (0.3,)) == ((Stretch(0, 0, 0.1),), (0,))


def test_a_pair_of_steps_is_cut_at_a_break():
    parts, steps = stretches(0.25, (0, 4, 8), (0.6,))
    assert [(part.first, part.last) for part in parts] == [(0, 2), (2, 4), (4, 6), (6, 10)]
    assert np.allclose(times(parts), [0, 0.25, 0.5, 0.55, 0.6, 0.8, 1, 1.25, 1.5, 1.75, 2])
    assert steps == (0, 6, 10)


def test_a_break_at_the_end_of_a_pair_cuts_nothing_wherever_rounding_puts_it():
    for late in (0.3 * (1 - 1e-15), 0.3, 3 * 0.1):
        assert len(stretches(0.05, (0, 20), (late,))[0]) == 1
    assert len(stretches(0.1, (0, 10), (3 * 0.1,))[0]) == 4  # the middle of a pair: a step of twice the size holds it


def test_an_output_time_in_the_middle_of_a_pair_is_a_cut_too():
    parts, steps = stretches(0.25, (0, 1, 2, 3), (0.3, 0.7))
    assert np.allclose([times(parts)[step] for step in steps], [0, 0.25, 0.5, 0.75])
    assert {0.25, 0.3, 0.5, 0.7} < set(times(parts).tolist())


@given(
    dt=st.sampled_from([0.1, 0.125, 1 / 3, 0.01]),
    gaps=st.lists(st.integers(1, 7), min_size=1, max_size=5),
    places=st.lists(st.floats(0, 1), max_size=6),
    even=st.booleans(),
)
def test_no_step_holds_a_break_nor_do_two(dt, gaps, places, even):
    uncut = tuple(np.cumsum([0, *gaps]).tolist())
    uncut = tuple(2 * step for step in uncut) if even else uncut
    end = uncut[-1] * dt
    breaks = sorted({place * end for place in places})
    parts, steps = stretches(dt, uncut, breaks)
    begins = times(parts)
    assert np.all(np.diff(begins) > 0)
    assert np.diff(begins).max() <= dt * (1 + 1e-9)
    assert np.allclose([begins[step] for step in steps], np.array(uncut) * dt, rtol=1e-12, atol=1e-12)
    assert [part.first for part in parts[1:]] == [part.last for part in parts[:-1]]
    assert np.allclose(ends(parts)[:-1], [part.time(part.first) for part in parts[1:]], rtol=1e-13)
    if even:
        assert all(part.first % 2 == 0 for part in parts)
    every_other = np.append(begins[:-1:2], begins[-1])
    for t in breaks:
        assert np.abs(every_other - t).min() <= 1e-8 * dt
