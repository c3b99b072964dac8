"""Pieces of the pages that a notebook shows: text of anybody is escaped here, colours are those of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from sdeframe.validators import printable

CELL: Final = "text-align: left; padding: 0.15em 1.2em 0.15em 0; vertical-align: top;"
RULE: Final = "border-bottom: 1px solid currentColor;"
FAINT: Final = "opacity: 0.5;"


def text(value: object) -> str:
    """Return anything as text of a page, in one line."""
    return escape(printable(str(value)))


def code(value: object) -> str:
    """Return what could stand in a program."""
    return f'<code style="background: none; color: inherit; white-space: pre-wrap;">{text(value)}</code>'


def page(title: str, *parts: str) -> str:
    """Return a page with a title, of parts that are HTML already."""
    return f'<div style="line-height: 1.5;"><div><b>{text(title)}</b></div>{"".join(parts)}</div>'


def line(content: str) -> str:
    """Return a line of a page."""
    return f"<div>{content}</div>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, of cells that are HTML already."""
    heads = "".join(f'<th style="{CELL} {RULE}">{text(cell)}</th>' for cell in head)
    body = "".join(_row(cells) for cells in rows)
    return f'<table style="border-collapse: collapse; margin: 0.5em 0;"><tr>{heads}</tr>{body}</table>'


def _row(cells: Sequence[str]) -> str:
    found = "".join(f'<td style="{CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{found}</tr>"


def faint(content: str) -> str:
    """Return what cannot be trusted."""
    return f'<span style="{FAINT}">{content}</span>'


def warnings(lines: Iterable[str]) -> str:
    """Return warnings, each beside a bar; nothing where there is none."""
    style = "border-left: 4px solid #D55E00; padding-left: 0.6em; margin: 0.4em 0; max-width: 60em;"
    return "".join(f'<div style="{style}">{text(said)}</div>' for said in lines)


def folded(summary: str, content: str) -> str:
    """Return what is seen once somebody asks for it."""
    return f'<details><summary style="cursor: pointer;">{text(summary)}</summary>{content}</details>'


def math(latex: str) -> str:
    """Return LaTeX that a notebook sets."""
    return f'<div style="overflow-x: auto; margin: 0.5em 0;">{escape(latex)}</div>'
