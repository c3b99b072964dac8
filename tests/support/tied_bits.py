"""The bits of tied trajectories from their rule alone, one at a time, in Python integers: the literal twin."""

import functools
import math

import attrs

from sdeframe.sampling.slots import codes
from tests.support.philox_twin import twin_words

POLYNOMIALS = {
    3: 0b1011, 4: 0b10011, 5: 0b100101, 6: 0b1000011, 7: 0b10000011, 8: 0b100011101, 9: 0b1000010001,
    10: 0b10000001001, 11: 0b100000000101, 12: 0b1000001010011, 13: 0b10000000011011,
}  # fmt: skip
SHIFT_SIGN, SHIFT_BITS, SHIFT_INITIAL = 6, 7, 8
LARGE, SMALL = math.sqrt(1 + math.sqrt(6)), math.sqrt(1 - math.sqrt(6) / 3)


def times(a, b, polynomial):
    """Return the product of two elements of the field: one of polynomials over GF(2), modulo another one."""
    degree, product = polynomial.bit_length() - 1, 0
    for k in range(b.bit_length()):
        if b >> k & 1:
            product ^= a << k
    while product.bit_length() > degree:
        product ^= polynomial << (product.bit_length() - 1 - degree)
    return product


def power(k, degree):
    """Return α^k."""
    return 1 if k == 0 else times(power(k - 1, degree), 0b10, POLYNOMIALS[degree])


@functools.cache
def vectors(slot, degree, dimension):
    """Return the code vectors of a slot, the first of which has y = 0."""
    y = elements(degree)[slot]
    return tuple(1 << j | times(power(j, degree), y, POLYNOMIALS[degree]) << dimension for j in range(dimension))


@functools.cache
def elements(degree):
    """Return y of every slot: 0, 1, α, α², ..."""
    found = [0, 1]
    while len(found) < 2**degree:
        found.append(times(found[-1], 0b10, POLYNOMIALS[degree]))
    return found


@functools.cache
def places(degree, dimension):
    """Return which slot stands at each place of the table: each of them once, in an order that is taken as given."""
    known = {vectors(slot, degree, dimension): slot for slot in range(2**degree)}
    found = [known[tuple(row)] for row in codes(degree, dimension).tolist()]
    assert sorted(found) == list(range(2**degree))
    return found


def four_point(negative, one, two):
    """Return the four-point variable of three bits."""
    return (-1 if negative else 1) * (LARGE if one and two else SMALL)


def octagon(still, diagonal, two, three):
    """Return the octagon variable of four bits, of variance 2."""
    if still:
        return 0j
    if diagonal:
        return math.sqrt(2) * ((-1 if two else 1) + 1j * (-1 if three else 1))
    return (-2 if three else 2) * (1j if two else 1)


@attrs.frozen
class TiedBits:
    """Who has which bit in a run of tied trajectories."""

    seed: int
    exponent: int
    dimension: int
    factors: int
    signs: int
    multiply: bool
    mirrored: bool = False
    """Whether bit 1 of an index decides the signs of normal numbers and has no part in codes."""

    @property
    def degree(self):
        return self.exponent - self.dimension - self.mirrored

    def of_slot(self, place):
        """Return the vectors of the slot that the increment of a number has."""
        slot = places(self.degree, self.dimension)[place % 2**self.degree]
        return vectors(slot, self.degree, self.dimension)

    def parity(self, code, trajectory):
        """Return a bit that the code alone decides."""
        index = trajectory % 2**self.exponent
        if self.mirrored:
            index = index // 4 * 2 + index % 2
        return (code & index).bit_count() % 2

    def shift(self, trajectory, step, row, purpose):
        """Return a bit that the whole replicate shares."""
        words = twin_words(trajectory >> self.exponent, step // 32, row // 4, purpose, 0, self.seed)
        return words[row % 4] >> step % 32 & 1

    @property
    def slots(self):
        """Slots that a step takes."""
        return self.factors + (0 if self.multiply else math.ceil(self.signs / 4))

    def sign_bit(self, trajectory, step, q):
        """Return whether sign q of a step is −1."""
        first = step * self.slots
        if self.multiply:
            a = self.of_slot(first + 7 * self.factors + q + 2**self.degree // 2)
            v = 1 + q // self.factors
        else:
            a, v = self.of_slot(first + self.factors + q // 4), q % 4
        code = a[0] ^ (a[1] if v % 2 else 0) ^ (a[2] if v // 2 else 0)
        return self.parity(code, trajectory) ^ self.shift(trajectory, step, q, SHIFT_SIGN)

    def role_bit(self, trajectory, step, factor, role, row):
        """Return the bit of an increment that has vector `role` of its slot and the shift of a row."""
        code = self.of_slot(step * self.slots + factor)[role]
        return self.parity(code, trajectory) ^ self.shift(trajectory, step, row, SHIFT_BITS)

    def real(self, trajectory, step, factor, row):
        """Return a four-point increment of step 1 whose bits begin at a row."""
        return four_point(*(self.role_bit(trajectory, step, factor, k, row + k) for k in range(3)))

    def octagon(self, trajectory, step, factor, row):
        """Return an octagon of variance 1 whose bits begin at a row."""
        still, diagonal, swap, sign = (
            self.role_bit(trajectory, step, factor, role, row + k) for k, role in enumerate((1, 2, 3, 0))
        )
        return octagon(still, diagonal, swap ^ (diagonal & sign), sign) / math.sqrt(2)
