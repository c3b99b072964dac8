"""The Itô generator L = Σ a_i ∂_i + ½ Σ D_ij ∂_i ∂_j, as polynomials in numbered variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import attrs
import sympy as sp

from sdeframe.derivation.phase_space.keys import Emitter, FieldKey, Key
from sdeframe.derivation.phase_space.polynomials import Poly, expression

__all__ = ["Generator", "Product", "Slopes", "VectorField"]

Slopes = tuple[int, ...]
"""Numbers of the variables derived by, sorted."""
VectorField = Mapping[int, Poly]
"""A first-order operator Σ_k p_k ∂_k."""


@attrs.frozen(eq=False)
class Product:
    """The part w (P Qᵀ + Q Pᵀ) of D, or w P Pᵀ without a Q."""

    weight: Any
    P: VectorField
    Q: VectorField | None


@attrs.frozen(eq=False)
class Generator:
    """A generator, as polynomials in numbered variables.

    Parameters
    ----------
    keys
        What each variable stands for.
    variables
        Their symbols.
    drift
        a_i of every variable, by number.
    diffusion
        D_ij for i <= j, zeros left out. Pairs within one emitter are left out too: averages are linear in each.
    tails
        For a variable i and an emitter: the factor T of the part −Tρ_pq of every D(i, ρ_pq) (A37).
    dropped
        Terms of third or higher order that were dropped: the variables derived by -> coefficient.
    products
        The products that D between emitters is made of; where α† = α*, those of losses that are a square.
    values
        Every variable of the representation in those of the generator, which may have been changed.
    rate
        Unit of time: the time of the generator is rate·t.
    """

    keys: tuple[Key, ...]
    variables: tuple[Any, ...]
    drift: Mapping[int, Poly]
    diffusion: Mapping[tuple[int, int], Poly]
    tails: Mapping[tuple[int, Emitter], Poly] = attrs.field(factory=dict)
    dropped: Mapping[Slopes, Poly] = attrs.field(factory=dict)
    products: tuple[Product, ...] = ()
    values: Mapping[Key, Poly] = attrs.field(factory=dict)
    rate: Any = sp.S.One

    @cached_property
    def number(self) -> dict[Key, int]:
        """The number of every variable."""
        return {key: k for k, key in enumerate(self.keys)}

    @cached_property
    def modes(self) -> list[tuple[int, int]]:
        """The numbers of (α, α†) of every mode."""
        names = dict.fromkeys(key.mode for key in self.keys if isinstance(key, FieldKey))
        return [(self.number[FieldKey(mode, False)], self.number[FieldKey(mode, True)]) for mode in names]

    @cached_property
    def fields(self) -> list[int]:
        """The numbers of all α and α†."""
        return [k for pair in self.modes for k in pair]

    @cached_property
    def elements(self) -> dict[Emitter, list[int]]:
        """The numbers of the variables of every emitter."""
        found: dict[Emitter, list[int]] = {}
        for k, key in enumerate(self.keys):
            if key.emitter is not None:
                found.setdefault(key.emitter, []).append(k)
        return found

    def within_one(self, i: int, j: int) -> bool:
        """Tell whether both variables are of one emitter with variables of its own; identical ones share theirs."""
        e = self.keys[i].emitter
        return e is not None and e.number is not None and e == self.keys[j].emitter

    def D(self, i: int, j: int) -> Poly:
        """Return D_ij."""
        return self.diffusion.get((min(i, j), max(i, j)), {})

    def expression(self, p: Poly) -> Any:
        """Return a polynomial in the symbols of the variables."""
        return expression(p, self.variables)

    def changed_products(
        self, change: Callable[[VectorField], VectorField], weight: Callable[[Any], Any] = lambda w: w
    ) -> tuple[Product, ...]:
        """Return the products with their vector fields changed, or their weights too."""
        return tuple(Product(weight(p.weight), change(p.P), p.Q and change(p.Q)) for p in self.products)

    def evolve(self, **changes: Any) -> Generator:
        """Return the generator with some of its parts replaced."""
        return attrs.evolve(self, **changes)
