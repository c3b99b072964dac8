"""Names of modes, emitters, variables."""

from typing import Any

from sdeframe.validators import shown

__all__ = ["word"]


def word(instance: Any, field: Any, name: Any) -> None:
    """Check that a name is a word.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f"name {shown(name)}: give a word such as a or rho_1, without blanks")
