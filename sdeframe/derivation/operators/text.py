"""How operators look: plain text for messages, LaTeX for notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from sdeframe.derivation.operators.monomials import Cloud, Monomial, Transition
from sdeframe.symbolic.latex import tex

__all__ = ["monomial_latex", "monomial_text", "operator_latex", "operator_text"]


def _power(base: str, exponent: int, text: str) -> str:
    return "" if exponent == 0 else base if exponent == 1 else text.format(base=base, exponent=exponent)


def monomial_text(m: Monomial) -> str:
    """Return a monomial as it is typed."""
    parts = []
    for mode, created, annihilated in m.bosons:
        parts += [
            _power(f"{mode}.dag()", created, "{base}**{exponent}"),
            _power(mode, annihilated, "{base}**{exponent}"),
        ]
    parts += [f'{name}.on({mu}, "{_levels(ij)}")' for (name, mu), ij in m.sites]
    parts += [_cloud_text(name, cloud) for name, cloud in m.clouds]
    return "*".join(p for p in parts if p) or "1"


def _levels(ij: Transition) -> str:
    return "".join(ij) if len(ij[0]) == len(ij[1]) == 1 else '", "'.join(ij)


def _cloud_text(name: str, cloud: Cloud) -> str:
    each = [f'{name}.each("{_levels(cloud.each)}")'] if cloud.each else []
    if len(cloud.others) > 1:  # over different emitters
        return "*".join([*each, f"{name}.sum_of_different({', '.join(map(_levels, cloud.others))})"])
    return "*".join([*each, *(f'{name}.sum("{_levels(ij)}")' for ij in cloud.others)])


def operator_text(terms: Mapping[Monomial, Any]) -> str:
    """Return an operator as a sum of coefficient*monomial."""
    return _sum([_term(str(c), monomial_text(m), "*", c) for m, c in terms.items()])


def _term(c: str, monomial: str, times: str, value: Any) -> str:
    if monomial == "1":
        return c
    if value in (1, -1):
        return f"{'-' if value == -1 else ''}{monomial}"
    return f"({c}){times}{monomial}" if value.is_Add else f"{c}{times}{monomial}"


def _sum(terms: list[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ") or "0"


def monomial_latex(m: Monomial) -> str:
    """Return a monomial as LaTeX."""
    parts = []
    for mode, created, annihilated in m.bosons:
        hat = rf"\hat{{{tex(sp.Symbol(mode))}}}"
        dagger = "" if created == 0 else rf"{hat}^{{\dagger{created if created > 1 else ''}}}"
        parts += [dagger, _power(hat, annihilated, "{base}^{{{exponent}}}")]
    for (name, mu), ij in m.sites:
        parts.append(_sigma(ij, rf"{tex(sp.Symbol(name))},{mu}"))
    for name, cloud in m.clouds:
        parts.append(_cloud_latex(tex(sp.Symbol(name)), cloud))
    return r"\, ".join(p for p in parts if p) or "1"


def _sigma(ij: Transition, of: str) -> str:
    return rf"\hat\sigma^{{({of})}}_{{{','.join(ij) if max(map(len, ij)) > 1 else ''.join(ij)}}}"


def _cloud_latex(name: str, cloud: Cloud) -> str:
    marks = [r"\mu"] if len(cloud.others) == 1 else [rf"\mu_{k}" for k in range(1, len(cloud.others) + 1)]
    under = r" \neq ".join(marks)
    total = rf"\sum_{{{under}}} " if marks else ""
    each = _sigma(cloud.each, rf"{name},\text{{each}}") if cloud.each else ""
    return each + total + "".join(_sigma(ij, rf"{name},{mu}") for ij, mu in zip(cloud.others, marks, strict=True))


def operator_latex(terms: Mapping[Monomial, Any]) -> str:
    """Return an operator as LaTeX."""
    found = []
    for m, c in terms.items():
        text = rf"\left({tex(c)}\right)" if c.is_Add else tex(c)
        found.append(_term(text, monomial_latex(m), r"\, ", sp.Symbol("_") if c.is_Add else c))
    return _sum(found)
