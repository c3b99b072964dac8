"""What a notebook shows of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from sdeframe import markup
from sdeframe.symbolic.latex import tex

if TYPE_CHECKING:
    from sdeframe.interfaces.model import Model

MANY: Final = 12
"""Variables beyond which equations are folded away."""


def model_html(model: Model) -> str:
    """Return the equations, initial values, parameters and observables of a model."""
    system = model.system()
    equations = markup.math(system._repr_latex_())
    if len(system.state) > MANY:
        equations = markup.folded(f"{len(system.state)} equations", equations)
    return markup.page(
        model.title,
        markup.line(markup.code(repr(model))) if len(repr(model)) <= 300 else "",
        equations,
        _table("initial values", ("variable", "start"), _symbols(model.initial_state())),
        _table("parameters", ("parameter", "value"), _symbols(model.parameters())),
        _table("observables", ("name", "expression"), _named(model.observables)),
        markup.line(markup.text(f"poles: {model.poles}" if model.poles else "no poles are declared: no trust horizon")),
    )


def _table(summary: str, head: tuple[str, str], rows: Iterator[tuple[str, str]]) -> str:
    found = list(rows)
    return markup.folded(f"{len(found)} {summary}", markup.table(head, found)) if found else ""


def _symbols(values: Any) -> Iterator[tuple[str, str]]:
    for symbol, value in values.items():
        yield _math(symbol), _math(value)


def _named(expressions: Any) -> Iterator[tuple[str, str]]:
    for name, expression in expressions.items():
        yield markup.code(name), _math(expression)


def _math(expression: Any) -> str:
    return markup.text(f"${tex(expression)}$")
