"""A function of a real number as a table of polynomials, which is all that symbols know of its values."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import perm
from typing import Any

import sympy as sp
from sympy.core.expr import AtomicExpr
from sympy.core.function import ArgumentIndexError

__all__ = ["Sampled", "Table", "tables_in"]


class Table(AtomicExpr):
    """Polynomials side by side: row i holds between knots i − 1 and i, the first and last ones beyond all of them.

    Two tables are equal where name and numbers are. Compiled code holds neither: it reads them from its arguments, so
    that other values need no other code.
    """

    is_commutative = True
    is_number = False

    name: str
    order: int
    """Of the polynomials."""
    has_imaginary: bool
    knots: tuple[float, ...]
    """Increasing; one fewer than rows."""
    rows: bytes
    """Numbers of the rows as float64: where it begins, then the coefficients from the constant one on, then their
    imaginary parts where there are any."""
    ends: tuple[float, float]
    """Where the values that were given begin and end."""
    held: bool
    """Whether it is known beyond them."""

    def __new__(
        cls, name: str, order: int, has_imaginary: bool, knots: Sequence[float], rows: bytes, ends: Sequence[float],
        held: bool,
    ) -> Table:  # fmt: skip
        """Return the table of these polynomials."""
        table: Table = super().__new__(cls)
        table.name, table.order, table.has_imaginary, table.held = name, order, has_imaginary, held
        table.knots, table.rows, table.ends = tuple(knots), rows, (ends[0], ends[1])
        return table

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.name, self.order, self.has_imaginary, self.knots, self.rows, self.ends, self.held

    def __getstate__(self) -> None:
        return None

    def _hashable_content(self) -> tuple[Any, ...]:
        return self.name, self.digest

    @cached_property
    def digest(self) -> str:
        """A hash of all but the name."""
        numbers = array("d", [*self.knots, *self.ends]).tobytes() + self.rows
        return hashlib.sha256(repr((self.order, self.has_imaginary, self.held)).encode() + numbers).hexdigest()

    @property
    def description(self) -> str:
        """What a dataset says of it."""
        first, last = self.ends
        rows = len(self.rows) // (8 * self.width)
        return f"order {self.order} from {first:g} to {last:g}, {rows} polynomials, sha256 {self.digest}"

    @cached_property
    def width(self) -> int:
        """Numbers of a row."""
        return 1 + (1 + self.has_imaginary) * (1 + self.order)

    @cached_property
    def data(self) -> array[float]:
        """What compiled code reads: how many knots, the width of a row, the knots, the rows."""
        found = array("d", [len(self.knots), self.width, *self.knots])
        found.frombytes(self.rows)
        return found

    def value(self, x: float, derivative: int = 0) -> complex:
        """Return a value, or that of a derivative."""
        at = 2 + len(self.knots) + bisect_right(self.knots, x) * self.width
        begin, *numbers = self.data[at : at + self.width]
        found = 0j
        for k in range(self.order, derivative - 1, -1):
            imaginary = numbers[k + self.order + 1] if self.has_imaginary else 0.0
            found = found * (x - begin) + perm(k, derivative) * complex(numbers[k], imaginary)
        return found

    def _sympystr(self, printer: Any) -> str:
        return self.name

    def _latex(self, printer: Any) -> str:
        return str(printer._print(sp.Symbol(self.name)))

    def _sympyrepr(self, printer: Any) -> str:
        return f"Table({self.name!r}, {self.digest})"


class Sampled(sp.Function):
    """A table, or a derivative of it, at a real argument: the arguments are table, argument and number of derivatives.

    A polynomial has as many derivatives as its order; at knots they have their limits from above.
    """

    nargs = 3
    is_complex = True
    is_finite = True

    @property
    def table(self) -> Table:
        """The table."""
        found: Table = self.args[0]
        return found

    @property
    def at(self) -> Any:
        """Where it is taken."""
        return self.args[1]

    @property
    def derivative(self) -> int:
        """Of which derivative it is a value."""
        return int(self.args[2])

    def factors(self) -> Iterator[tuple[int, int]]:
        """Give numbers of coefficients, the highest first, with what the derivative multiplies them by."""
        for k in range(self.table.order, self.derivative - 1, -1):
            yield k, perm(k, self.derivative)

    def _eval_is_extended_real(self) -> bool | None:
        return None if self.table.has_imaginary else True

    def fdiff(self, argindex: int = 1) -> Any:
        """Return the derivative by the argument."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        more = self.derivative + 1
        return sp.S.Zero if more > self.table.order else self.func(self.table, self.at, more)

    def _eval_evalf(self, prec: int) -> Any:
        x = self.at.evalf(prec)
        if not x.is_Float and not x.is_Rational:
            return None
        value = self.table.value(float(x), self.derivative)
        return sp.Float(value.real) + sp.I * sp.Float(value.imag) if value.imag else sp.Float(value.real)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.table.name}{chr(39) * self.derivative}({printer._print(self.at)})"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        name = printer._print(self.table) + "'" * self.derivative
        return rf"{{{name}}}{power}\left({printer._print(self.at)}\right)"


def tables_in(*expressions: Any) -> tuple[Table, ...]:
    """Return the tables that expressions hold, by name."""
    return tuple(sorted(sp.Tuple(*expressions).atoms(Table), key=lambda table: (table.name, table.digest)))
