"""The law of the increments that drive a scheme: normal ones, or ones made of a few bits with the same moments.

A scheme of weak order 1 or 2 knows its increments by a few moments only; each law says how many bits of a random word
an increment takes and which values it has.
"""

from __future__ import annotations

import itertools
from abc import ABC
from typing import ClassVar

import attrs
import numpy as np

__all__ = ["FourPoint", "Gaussian", "Law", "Octagon"]

LARGE, SMALL = np.sqrt(1 + np.sqrt(6)), np.sqrt(1 - np.sqrt(6) / 3)
"""The moduli of the four-point variable, with probability 1/4 and 3/4."""

Atoms = tuple[tuple[complex, float], ...]
"""Values of a unit increment with their probabilities."""

FOUR_POINT: Atoms = ((-LARGE, 1 / 8), (LARGE, 1 / 8), (-SMALL, 3 / 8), (SMALL, 3 / 8))


class Law(ABC):
    """How increments are distributed; values that do not depend on the step are for increments of step 1."""

    bits_of_real: ClassVar[int]
    """Random bits of a real increment; 0 for normal ones."""
    bits_of_complex: ClassVar[int]
    real_atoms: ClassVar[Atoms] = FOUR_POINT
    """What a real increment can be; of a normal one the four-point variable with the same first five moments."""
    complex_atoms: ClassVar[Atoms] = tuple(
        ((x + 1j * y) / np.sqrt(2), p * q) for (x, p), (y, q) in itertools.product(FOUR_POINT, FOUR_POINT)
    )


@attrs.frozen
class Gaussian(Law):
    """Normal increments, Wiener increments proper: the only ones whose paths mean anything."""

    bits_of_real: ClassVar[int] = 0
    bits_of_complex: ClassVar[int] = 0


@attrs.frozen
class FourPoint(Law):
    """±√(1 + √6) with probability 1/8 each, else ±√(1 − √6/3), times √h: exact moments to order 5 from 3 bits.

    A complex increment has two of them, scaled by √½.
    """

    bits_of_real: ClassVar[int] = 3
    bits_of_complex: ClassVar[int] = 6


@attrs.frozen
class Octagon(Law):
    """Complex increments 0 with probability ½, else √(2h) e^(iπk/4): 4 bits; real increments are four-point ones.

    Moments are exact to order 5, the mixed ones of real and imaginary part too; <x⁴y²> is not, which some schemes need.
    """

    bits_of_real: ClassVar[int] = 3
    bits_of_complex: ClassVar[int] = 4
    complex_atoms: ClassVar[Atoms] = (
        (0.0, 1 / 2),
        *((np.sqrt(2) * np.exp(0.25j * np.pi * k), 1 / 16) for k in range(8)),
    )
