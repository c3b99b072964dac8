"""Bosonic modes, each with its annihilation operator."""

from __future__ import annotations

from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation.operators.monomials import Monomial
from sdeframe.derivation.operators.names import word
from sdeframe.derivation.operators.operators import Operator
from sdeframe.symbolic.symbols import complex_variables
from sdeframe.validators import shown

__all__ = ["Boson", "Mode"]


def _two_words(instance: Any, field: Any, names: Any) -> None:
    if not isinstance(names, (tuple, list)) or len(names) != 2:
        raise ValueError(f'variables={shown(names)}: give the names of two, such as ("A", "Ad")')
    for name in names:
        word(instance, field, name)


@attrs.frozen
class Mode:
    """A mode: its name and those of its variables α and α†."""

    name: str = attrs.field(validator=word)
    names: tuple[str, str] = attrs.field(validator=_two_words)

    @property
    def variables(self) -> tuple[Any, Any]:
        """The variables (α, α†)."""
        return complex_variables(" ".join(self.names))

    def __str__(self) -> str:
        return f"the mode {self.name}"


class Boson(Operator):
    """The annihilation operator of a mode; `dag()` creates.

    Parameters
    ----------
    name
        Name of the mode.
    variables
        Names of the variables of a and a†, given when they differ from `name` and `name + "d"`.

    Raises
    ------
    ValueError
        If a name is not a word.
    """

    def __init__(self, name: str, variables: tuple[str, str] | None = None) -> None:
        mode = Mode(name, (name, f"{name}d") if variables is None else variables)
        super().__init__({Monomial(((mode.name, 0, 1),)): sp.S.One}, {name: mode})

    @property
    def mode(self) -> Mode:
        """The mode that the operator belongs to."""
        (mode,) = self.parts.values()
        return mode
