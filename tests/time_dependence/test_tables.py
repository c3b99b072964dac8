"""Bounds of tables hold every value, and are tight on small cells."""

import numpy as np
import pytest

from sdeframe import sampled, time
from sdeframe.time_dependence.cells import cells
from sdeframe.time_dependence.enclosures import enclosure


@pytest.mark.parametrize("outside", [None, 0, "hold"])
@pytest.mark.parametrize("order", [1, 3])
def test_bounds_hold_every_value(order, outside):
    rng = np.random.default_rng(order)
    times = np.sort(rng.uniform(0, 5, 40))
    drive = sampled(
        "f", times=times, values=rng.normal(size=40) + 1j * rng.normal(size=40), order=order, outside=outside
    )
    low = rng.uniform(*((0, 5) if outside is not None else times[[0, -1]]), 300)
    high = np.minimum(low + 10 ** rng.uniform(-6, 0.5, 300), 6 if outside is not None else times[-1])
    for f in (drive(time), drive(time).diff(time)):
        bounds = enclosure(f, low, high)
        for share in np.linspace(0, 1, 9):
            values = [f.table.value(t, f.derivative) for t in low + share * (high - low)]
            for part, (below, above) in ((np.real(values), bounds.real), (np.imag(values), bounds.imag)):
                assert (part >= below - 1e-12).all()
                assert (part <= above + 1e-12).all()
    small = enclosure(drive(time), times[3:-3], times[3:-3] + 1e-9)
    assert (small.real.high - small.real.low).max() < 1e-5


def test_a_short_pulse_is_not_missed():
    times = np.linspace(0, 100, 20_001)
    drive = sampled("f", times=times, values=np.exp(-(((times - 31) / 0.02) ** 2)))
    edges = cells([drive(time)], 0.0, 100.0)
    assert np.count_nonzero(np.abs(edges - 31) < 0.05) > 8
