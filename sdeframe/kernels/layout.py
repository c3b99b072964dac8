"""Which row of the lane buffer holds what."""

from __future__ import annotations

from functools import cached_property

import attrs
import sympy as sp

from sdeframe.interfaces.integrator import Integrator
from sdeframe.symbolic.system import SDE


@attrs.frozen
class Layout:
    """Rows of the lane buffer: state, next state, path increments, signs, then four to six rows of bookkeeping.

    A complex variable or noise has two rows (real, imaginary), a real one has one. Channels of random numbers give
    two rows each: one complex noise, or two real ones.
    """

    complex_state: tuple[bool, ...]
    complex_noises: int
    real_noises: int
    has_signs: bool
    bits_of_real: int = 0
    bits_of_complex: int = 0
    weighted: bool = False
    """Whether the last variable is a log-weight."""
    watched: bool = False
    """Whether the largest modulus of something is noted."""
    jumps: int = 0
    """Poisson noises."""

    @classmethod
    def of(cls, sde: SDE, integrator: Integrator, watched: bool = False) -> Layout:
        """Return the layout of a system under an integrator."""
        complex_noises = sum(not w.is_real for w in sde.noises.values())
        return cls(
            complex_state=tuple(not x.is_real for x in sde.state),
            complex_noises=complex_noises,
            real_noises=len(sde.noises) - complex_noises,
            has_signs=integrator.signs and bool(sde.noises),
            bits_of_real=integrator.increments.bits_of_real,
            bits_of_complex=integrator.increments.bits_of_complex,
            weighted=sde.log_weight is not None,
            watched=watched,
            jumps=len(sde.jumps),
        )

    @cached_property
    def width(self) -> int:
        """Rows of the state."""
        return sum(2 if c else 1 for c in self.complex_state)

    @property
    def channels(self) -> int:
        """Random channels of one step: complex noises first, then pairs of real ones."""
        return self.complex_noises + (self.real_noises + 1) // 2

    @property
    def path(self) -> int:
        """First row of the path increments."""
        return 2 * self.width

    @property
    def signs(self) -> int:
        """First row of the signs."""
        return self.path + 2 * self.channels

    @property
    def sign_count(self) -> int:
        """Random signs of one step: two for a complex noise, one for a real one."""
        return 2 * self.complex_noises + self.real_noises if self.has_signs else 0

    @property
    def sign_groups(self) -> int:
        """Calls of the generator that give the signs of some steps."""
        return (self.sign_count + 3) // 4

    @property
    def bit_count(self) -> int:
        """Random bits of one step that increments are made of."""
        return self.bits_of_complex * self.complex_noises + self.bits_of_real * self.real_noises

    @property
    def bit_groups(self) -> int:
        """Calls of the generator that give the bits of some steps."""
        return (self.bit_count + 3) // 4

    @cached_property
    def magnitude(self) -> int:
        """Row of the largest squared modulus of the next state; threshold, peak and alive follow."""
        return self.signs + self.sign_count

    @property
    def threshold(self) -> int:
        """Row of the next squared bound to be passed."""
        return self.magnitude + 1

    @property
    def peak(self) -> int:
        """Row of the largest squared modulus so far."""
        return self.magnitude + 2

    @property
    def alive(self) -> int:
        """Row that is 1 where a trajectory lives, else 0."""
        return self.magnitude + 3

    @property
    def weight(self) -> int:
        """Row of Re C0, where there is a log-weight."""
        return self.width - 2

    @property
    def weight_threshold(self) -> int:
        """Row of the bound on Re C0, where there is a log-weight; infinite once it was passed."""
        return self.magnitude + 4

    @property
    def reach(self) -> int:
        """Row of the largest squared modulus so far of what is watched, where anything is."""
        return self.magnitude + 4 + self.weighted

    @property
    def following(self) -> int:
        """Row of the time of the next candidate of a jump, where there are jumps; its number is in the row after it."""
        return self.magnitude + 4 + self.weighted + self.watched

    @property
    def offender(self) -> int:
        """Row of the number, from 1 on, of a noise whose rate left its bounds; the rate is in the next row."""
        return self.following + 2

    @property
    def counts(self) -> int:
        """First row of the jumps so far, one for each Poisson noise."""
        return self.offender + 2

    @property
    def rows(self) -> int:
        """Rows in all."""
        return self.following + (4 + self.jumps if self.jumps else 0)

    def state_rows(self, first: int = 0) -> list[tuple[int, ...]]:
        """Return the rows of each state variable in the state that begins at a row."""
        rows: list[tuple[int, ...]] = []
        for is_complex in self.complex_state:
            rows.append((first, first + 1) if is_complex else (first,))
            first += len(rows[-1])
        return rows

    def noise_rows(self, first: int) -> list[tuple[int, ...]]:
        """Return the rows of each noise, complex ones first."""
        pairs: list[tuple[int, ...]] = [(first + 2 * k, first + 2 * k + 1) for k in range(self.complex_noises)]
        return pairs + [(first + 2 * self.complex_noises + k,) for k in range(self.real_noises)]


def ordered_noises(sde: SDE) -> tuple[sp.Symbol, ...]:
    """Return the noises of a system in the order of their channels: complex ones first, by name."""
    return tuple(sorted(sde.noises.values(), key=lambda w: (bool(w.is_real), w.name)))
