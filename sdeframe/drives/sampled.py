"""Drives that are given by their values at some times."""

from __future__ import annotations

import re
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.drives.table import Sampled, Table
from sdeframe.symbolic.symbols import Noise
from sdeframe.validators import is_finite, real_numbers, shown

__all__ = ["Drive", "sampled"]

ORDERS: Final = (1, 3)
HOLD: Final = "hold"


@attrs.frozen
class Drive:
    """A function of the time that is given by values; call it with what stands in the place of the time.

    Parameters
    ----------
    table
        The polynomials between the values.
    """

    table: Table

    def __call__(self, at: Any) -> Any:
        """Return the drive at a time: `sdeframe.time`, a number, or a real expression such as ``time - delay``.

        Raises
        ------
        TypeError, ValueError
            If that is no real expression, or holds a noise.
        """
        if isinstance(at, (str, bool)):
            raise TypeError(f"{self}({at!r}): give a time, such as {self}(time)")
        expr = sp.sympify(at)
        if not isinstance(expr, sp.Expr) or expr.atoms(Noise) or not equal(sp.conjugate(expr), expr):
            raise ValueError(f"{self}({expr}): a drive is a function of a real time, such as time or time - delay")
        return Sampled(self.table, expr, 0)

    def __str__(self) -> str:
        return self.table.name


def sampled(
    name: str, *, times: ArrayLike, values: ArrayLike, order: int = 3, outside: complex | str | None = None
) -> Drive:
    """Return a drive that is given by its values, real or complex, such as a measured pulse.

    Its value at t is ``drive(t)``, an expression for drift and noise of an `SDE` and for coefficients of a `Master`.
    Values are arguments of compiled code: a run with others compiles nothing.

    Parameters
    ----------
    name
        Its name, for messages and for results.
    times
        Increasing times, at least 2 for order 1 and 4 for order 3, shape (n,); their distances may differ.
    values
        A number for each.
    order
        1 for straight lines between the values, 3 for a cubic spline through them whose third derivative is continuous
        at the second time and at the last but one ("not a knot").
    outside
        What holds before the first and after the last time: a number such as 0, or "hold" for the first and last
        value. If not given, a run that needs a value there is refused.

    Raises
    ------
    TypeError, ValueError
        If an argument is something else.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[^\W\d]\w*", name):
        raise ValueError(f"sampled({shown(name)}): the name must be a letter, then letters, digits and underscores")
    if order not in ORDERS or isinstance(order, bool):
        raise ValueError(f"sampled {name!r}: order={shown(order)}: must be 1 for lines or 3 for a cubic spline")
    t, v = _checked(name, times, values, order)
    beyond = _beyond(name, outside, v)
    coefficients = _coefficients(t, v, order)
    knots, begins = t[1:-1], t[:-1]
    if beyond is not None:
        rest = np.zeros((2, order + 1), dtype=complex)
        rest[:, 0] = beyond
        coefficients = np.concatenate([rest[:1], coefficients, rest[1:]])
        knots, begins = np.append(t[:-1], np.nextafter(t[-1], np.inf)), np.concatenate([t[:1], t])
    has_imaginary = bool(np.iscomplexobj(v) or np.any(coefficients.imag != 0))
    parts = [begins[:, None], coefficients.real] + [coefficients.imag] * has_imaginary
    rows = np.ascontiguousarray(np.concatenate(parts, axis=1)).tobytes()
    ends = t[0].item(), t[-1].item()
    return Drive(Table(name, int(order), has_imaginary, knots.tolist(), rows, ends, beyond is not None))


def _checked(name: str, times: Any, values: Any, order: int) -> tuple[NDArray[np.float64], NDArray[Any]]:
    t, fewest = real_numbers(times), 2 if order == 1 else 4
    if t is None or t.ndim != 1 or t.size < fewest or not np.isfinite(t).all() or (np.diff(t) <= 0).any():
        raise ValueError(
            f"sampled {name!r}: times={shown(times)}: give at least {fewest} finite times that increase{_sort(t)}"
        )
    v = np.asarray(values)
    if v.shape != t.shape or v.dtype.kind not in "iufc":
        raise ValueError(f"sampled {name!r}: values of shape {v.shape} for {t.size} times: give one number for each")
    if not np.isfinite(v).all():
        at = t[~np.isfinite(v)][0]
        raise ValueError(f"sampled {name!r}: the value at t = {at:g} is no finite number: leave it out or mend it")
    return t, v.astype(complex if v.dtype.kind == "c" else float)


def _sort(t: NDArray[np.float64] | None) -> str:
    if t is None or t.ndim != 1 or not np.isfinite(t).all() or np.unique(t).size < t.size:
        return ""
    return "; sort them with their values by np.argsort(times)"


def _beyond(name: str, outside: Any, values: NDArray[Any]) -> NDArray[np.complex128] | None:
    """Return what holds before and after the times; None where nothing does."""
    if outside is None:
        return None
    if isinstance(outside, str) and outside == HOLD:
        return np.array([values[0], values[-1]], dtype=complex)
    number = isinstance(outside, (int, float, complex, np.number)) and not isinstance(outside, bool)
    if not number or not is_finite(complex(outside).real) or not is_finite(complex(outside).imag):
        raise ValueError(f"sampled {name!r}: outside={shown(outside)}: must be a finite number, such as 0, or {HOLD!r}")
    return np.full(2, complex(outside))


def _coefficients(t: NDArray[np.float64], v: NDArray[Any], order: int) -> NDArray[np.complex128]:
    """Return the coefficients of the polynomials from every time to the next, the constant ones first."""
    if order == 1:
        return np.stack([v[:-1], np.diff(v) / np.diff(t)], axis=1).astype(complex)
    from scipy.interpolate import CubicSpline

    found = CubicSpline(t, v).c[::-1].T.astype(complex)
    return np.ascontiguousarray(found)
