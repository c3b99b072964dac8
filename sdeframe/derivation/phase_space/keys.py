"""What a variable stands for: α or α† of a mode, or an element ρ_pq of emitters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sdeframe.derivation.operators.master import Master

__all__ = ["ElementKey", "Emitter", "FieldKey", "Key", "keys_of"]


class Emitter(NamedTuple):
    """One of some emitters, by number; None stands for each of identical ones, which share their variables."""

    emitters: str
    number: int | None = None

    def __str__(self) -> str:
        return self.emitters if self.number is None else f"{self.emitters}_{self.number}"

    def element(self, p: str, q: str) -> ElementKey:
        """Return the key of ρ_pq."""
        return ElementKey(self.emitters, self.number, p, q)


class FieldKey(NamedTuple):
    """The variable α of a mode, or α†."""

    mode: str
    dagger: bool

    @property
    def emitter(self) -> None:
        """None: a field belongs to no emitter."""
        return None

    @property
    def is_population(self) -> bool:
        """False: a field is none."""
        return False

    def variable(self, parts: Mapping[str, Any]) -> Any:
        """Return the symbol of the variable, for the modes and emitters of a system by name."""
        return parts[self.mode].variables[self.dagger]


class ElementKey(NamedTuple):
    """The variable ρ_pq of an emitter, or of identical ones if there is no number."""

    emitters: str
    number: int | None
    p: str
    q: str

    @property
    def emitter(self) -> Emitter:
        """The emitter that the variable belongs to."""
        return Emitter(self.emitters, self.number)

    @property
    def is_population(self) -> bool:
        """Whether it is ρ_pp."""
        return self.p == self.q

    def variable(self, parts: Mapping[str, Any]) -> Any:
        """Return the symbol of the variable, for the modes and emitters of a system by name."""
        return parts[self.emitters].variable(self.p, self.q, mu=self.number)


Key = FieldKey | ElementKey


def keys_of(master: Master, identical: Mapping[str, Iterable[int | None]]) -> tuple[Key, ...]:
    """Return the keys of all variables, for these numbers of identical emitters."""
    fields = [FieldKey(mode.name, dagger) for mode in master.modes for dagger in (False, True)]
    elements = [
        ElementKey(e.name, mu, p, q)
        for e in master.emitters
        for mu in (e.numbers if e.individual else identical[e.name])
        for p in e.levels
        for q in e.levels
    ]
    return (*fields, *elements)
