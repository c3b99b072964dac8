"""In which order of operators a model's fields are averages, and what follows for the photon number."""

from __future__ import annotations

from typing import Any, Final

import attrs
import sympy as sp

from sdeframe.observers.distributions.reality import is_real
from sdeframe.symbolic.degrees import degree
from sdeframe.symbolic.symbols import StateVariable
from sdeframe.validators import shown


@attrs.frozen
class Ordering:
    """A representation as far as photon statistics need it."""

    kernel: str
    """The name of what is averaged, see `photon_kernels`."""
    vacuum: sp.Expr
    """What the expression for a†a is without a field."""
    number: str
    """How that is written for one mode."""
    analytic: bool
    """Whether a† has a variable of its own."""

    def start(self, number: sp.Expr) -> sp.Expr:
        """Return the first value of a kernel, e^(−αα⁺) or e^(−|α|²)."""
        return sp.exp(self.vacuum - number)


ORDERINGS: Final = {
    "positive-P": Ordering("normal", sp.S.Zero, "α·α⁺", analytic=True),
    "P": Ordering("normal", sp.S.Zero, "α·conjugate(α)", analytic=False),
    "Wigner": Ordering("symmetric", -sp.S.Half, "α·conjugate(α) - 1/2", analytic=False),
}


def ordering(representation: Any) -> Ordering:
    """Return what a representation stands for, or raise ValueError."""
    if representation == "Q":
        raise ValueError(
            "representation='Q' in PhotonStatistics: in Q the probability of n photons is an average of derivatives of "
            "delta functions, which no samples give: run the master equation in positive-P, or in Wigner"
        )
    if not isinstance(representation, str) or representation not in ORDERINGS:
        raise ValueError(
            f"representation={shown(representation)} in PhotonStatistics: must be {' or '.join(map(repr, ORDERINGS))}"
        )
    return ORDERINGS[representation]


def check_number(name: str, number: sp.Expr, representation: str) -> None:
    """Raise ValueError where an expression cannot be that whose average is <a†a> in a representation."""
    known = ordering(representation)
    fields = {z: 0 for z in number.free_symbols if isinstance(z, StateVariable)}
    conjugates = number.has(sp.conjugate, sp.re, sp.im, sp.Abs)
    if not fields:
        raise _refusal(name, number, representation, "holds no variable")
    if known.analytic and conjugates:
        raise _refusal(name, number, representation, "holds a conjugate: say representation='Wigner' or 'P' if so")
    if degree(number, fields) not in (2, None):
        raise _refusal(name, number, representation, "is not of degree 2 in the fields")
    vacuum = sp.simplify(number.subs(fields))
    if not known.analytic and not is_real(number):
        raise _refusal(name, number, representation, "is not real")
    if not known.analytic and sp.nsimplify(vacuum, rational=True) != known.vacuum:
        raise _refusal(name, number, representation, f"is {vacuum} without a field, not {known.vacuum}")


def _refusal(name: str, number: sp.Expr, representation: str, what: str) -> ValueError:
    return ValueError(
        f"PhotonStatistics({name}={number}): {what}; in {representation} give that whose average is <a†a>, "
        f"{ORDERINGS[representation].number} of one mode, such as derivation.average(a.dag() * a)"
    )
