"""``sdeframe validate pulses``: exact averages under random pulses that begin and end between output times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.special import erf

from sdeframe.derivation import Boson, Emitters, Master, exact_means
from sdeframe.derivation.starts.states import Coherent, Fock
from sdeframe.studies.tables import Row
from sdeframe.symbolic.symbols import time

Reals = NDArray[np.float64]

PULSES: Final = 125
"""Of every kind on every system."""
LIMIT: Final = 1e-6
"""Largest error of an average, relative to its largest value or 1."""
SEED: Final = 8
LONGEST: Final = (1.0, 20.0, 1000.0)
"""Last output times."""
WIDTHS: Final = (-6.0, -0.5)
"""Decimal logarithms between which the width of a pulse over the last time lies."""

AREAS: Final = (0.1, 2.0)
"""Between which the area of all pulses together lies."""


@attrs.frozen
class Pulse:
    """A coefficient that is 0 most of the time, and its integral from time 0 on."""

    rate: Any
    area: Callable[[Reals], Reals]

    def __add__(self, other: Pulse) -> Pulse:
        return Pulse(self.rate + other.rate, lambda t: self.area(t) + other.area(t))


Maker = Callable[[np.random.Generator, float, float], Pulse]


def square(random: np.random.Generator, end: float, area: float) -> Pulse:
    """Return a constant, of this area, on a random interval."""
    begin = random.uniform(0, 0.9) * end
    last = min(begin + _width(random, end), end)
    rate = sp.Piecewise((area / (last - begin), (time >= begin) & (time < last)), (0, True))
    return Pulse(rate, lambda t: area * np.clip((t - begin) / (last - begin), 0, 1))


def gaussian(random: np.random.Generator, end: float, area: float) -> Pulse:
    """Return a Gaussian, of this area, around a random time."""
    centre, width = random.uniform(0, 1) * end, _width(random, end)
    rate = area / (width * sp.sqrt(sp.pi)) * sp.exp(-((time - centre) ** 2) / width**2)
    return Pulse(rate, lambda t: area / 2 * (erf((t - centre) / width) + erf(centre / width)))


def kicks(random: np.random.Generator, end: float, area: float) -> Pulse:
    """Return periodic short kicks, up to a hundred, of this area together."""
    count, share = int(random.integers(2, 100)), 10 ** random.uniform(-3, -1)
    period = end / count
    height = area / (count * share * period)
    phase = time / period - sp.floor(time / period)
    rate = sp.Piecewise((height, (phase >= 0.5) & (phase < 0.5 + share)), (0, True))

    def integral(t: Reals) -> Reals:
        return area / count * (np.floor(t / period) + np.clip((t / period % 1 - 0.5) / share, 0, 1))

    return Pulse(rate, integral)


def several(random: np.random.Generator, end: float, area: float) -> Pulse:
    """Return two to five square and Gaussian pulses of one area."""
    count = int(random.integers(2, 6))
    both = (square, gaussian)
    return reduce(Pulse.__add__, [both[random.integers(2)](random, end, area / count) for _ in range(count)])


def _width(random: np.random.Generator, end: float) -> float:
    return float(end * 10 ** random.uniform(*WIDTHS))


def flipped(rate: Any, times: Reals) -> Reals:
    """Return the excited share of an atom in a resonant field from the ground state, sin² of the area."""
    atom = Emitters("s", levels="ge", size=1)
    master = Master(rate * (atom.sum("eg") + atom.sum("ge")))
    return exact_means(master, {"e": atom.sum("ee")}, {"s": "g"}, times)["e"].real


def lost(rate: Any, times: Reals) -> Reals:
    """Return the mean photon number of a mode with this loss from one photon, the exponential of minus the area."""
    mode = Boson("a")
    number = mode.dag() * mode
    return exact_means(Master(0 * number, [(rate, mode)]), {"n": number}, {mode: Fock(1)}, times)["n"].real


def displaced(rate: Any, times: Reals) -> Reals:
    """Return minus the imaginary part of the amplitude of a resonantly driven mode from the vacuum, the area."""
    mode = Boson("a")
    return -exact_means(Master(rate * (mode + mode.dag())), {"a": mode}, {mode: Coherent(0)}, times)["a"].imag


MAKERS: Final[tuple[Maker, ...]] = (square, gaussian, kicks, several)
SYSTEMS: Final = (
    ("driven atom", flipped, lambda area: np.sin(area) ** 2),
    ("loss of a mode", lost, lambda area: np.exp(-area)),
    ("driven mode", displaced, lambda area: area),
)


def pulses(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Compare exact averages under random pulses, much shorter than the output times are apart, with their area.

    The number of trajectories is that of the pulses of every kind.
    """
    for name, solved, truth in SYSTEMS:
        for maker in MAKERS:
            yield pulse_row(name, solved, truth, maker, trajectories or PULSES)


def pulse_row(name: str, solved: Callable[[Any, Reals], Reals], truth: Any, maker: Maker, count: int) -> Row:
    """Return the largest error of one system under pulses of one kind; a refusal is no error, and is counted."""
    random, errors, refused = np.random.default_rng(SEED), [0.0], 0
    for _ in range(count):
        end = float(random.choice(LONGEST))
        pulse = maker(random, end, random.uniform(*AREAS))
        times = np.unique([*random.uniform(0, end, random.integers(0, 4)), end])
        known = truth(pulse.area(times))
        try:
            found = solved(pulse.rate, times)
        except ValueError:
            refused += 1
            continue
        errors.append(float(np.max(np.abs(found - known)) / max(1.0, np.max(np.abs(known)))))
    note = f"{count} pulses, {refused} refused"
    return Row(
        f"{name}, {maker.__name__}", "largest |difference|", max(errors), None, None, LIMIT, max(errors) < LIMIT, note
    )
