"""How a system looks in a notebook."""

from __future__ import annotations

from typing import Any, Final

import sympy as sp
from sympy.printing.latex import LatexPrinter

from sdeframe.symbolic.algebra import noise_coefficients
from sdeframe.symbolic.equations import Equations
from sdeframe.symbolic.symbols import time

__all__ = ["system_latex", "tex"]


LISTED: Final = 8


class _Printer(LatexPrinter):
    """Conjugates with a star, as the equations of the field have them, and words unlike products of letters."""

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        name = str(super()._print_Symbol(expr, style))
        return rf"\mathit{{{name}}}" if len(name) > 1 and name.isalpha() else name

    def _print_conjugate(self, expr: Any, exp: str | None = None) -> str:
        inner = self._print(expr.args[0])
        if not expr.args[0].is_Symbol:
            inner = rf"\left({inner}\right)"
        return f"{inner}^{{*}}" if exp is None else rf"\left({inner}^{{*}}\right)^{{{exp}}}"


def system_latex(system: Equations) -> str:
    """Return the equations with a line on what their symbols are, as LaTeX for a notebook."""
    lines = [rf"\mathrm{{d}}{tex(x)} &= {_right_hand_side(system, x)}" for x in system.state]
    aligned = r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"
    return rf"$\displaystyle \begin{{array}}{{l}} {aligned} \\[1ex] {_legend(system)} \end{{array}}$"


def tex(expr: Any) -> str:
    """Return an expression as LaTeX, in the notation of the field."""
    return str(_Printer().doprint(expr))


def _right_hand_side(system: Equations, x: Any) -> str:
    drift, product = system.drift[x], r" \circ " if system.interpretation == "stratonovich" else r"\, "
    terms = [] if drift == 0 else [_factor(drift, r"\left[", r"\right]") + rf"\, \mathrm{{d}}{tex(time)}"]
    for unit, coefficient in noise_coefficients(system.noise[x]).items():
        increment = rf"\mathrm{{d}}{tex(unit)}"
        terms.append(
            {1: increment, -1: f"- {increment}"}.get(coefficient) or _factor(coefficient) + product + increment
        )
    for N, rows in system.jumps.items():
        if rows.get(x, 0) != 0:
            terms.append(_factor(rows[x]) + rf"\, \mathrm{{d}}{_counted(N)}")
    return " + ".join(terms).replace("+ -", "-") or "0"


def _counted(N: Any) -> str:
    return rf"\tilde{{{tex(N)}}}" if N.compensated else tex(N)


def _factor(expr: Any, left: str = r"\left(", right: str = r"\right)") -> str:
    return f"{left} {tex(expr)} {right}" if expr.is_Add else tex(expr)


def _legend(system: Equations) -> str:
    """Say which calculus it is and what the symbols are."""
    calculus = {"ito": "Itô", "stratonovich": "Stratonovich"}[system.interpretation]
    groups = [
        *_by_reality("variables", system.variables.values()),
        *_by_reality("noises", system.noises.values()),
        *[("parameters", list(system.parameters.values()))] * bool(system.parameters),
    ]
    said = [rf"\text{{{what}: }} {_listed(symbols)}" for what, symbols in groups]
    covariances = [
        rf"\langle \mathrm{{d}}{tex(a)}\, \mathrm{{d}}{tex(b)} \rangle = {_factor(c)}\, \mathrm{{d}}{tex(time)}"
        for (a, b), c in system.covariance.items()
    ]
    rates = [
        rf"\langle \mathrm{{d}}{tex(N)} \rangle = {_factor(N.rate)}\, \mathrm{{d}}{tex(time)}" for N in system.jumps
    ]
    return r";\quad ".join([rf"\text{{{calculus}}}", *said, *covariances, *rates])


def _listed(symbols: list[sp.Symbol]) -> str:
    """List symbols, the middle of a long list left out."""
    names = [tex(s) for s in symbols]
    return ", ".join(names if len(names) <= LISTED else [*names[: LISTED - 2], r"\ldots", names[-1]])


def _by_reality(what: str, symbols: Any) -> list[tuple[str, list[sp.Symbol]]]:
    groups = [("complex", [s for s in symbols if not s.is_real]), ("real", [s for s in symbols if s.is_real])]
    return [(f"{reality} {what}", members) for reality, members in groups if members]
