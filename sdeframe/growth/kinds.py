"""What kind of poles a system has: which observables diverge most, as which power, whether trajectories come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import sympy as sp

from sdeframe.caches import cached
from sdeframe.growth.degrees_of_growth import Growth, growth
from sdeframe.symbolic.degrees import degree
from sdeframe.symbolic.system import SDE

ROUNDING: Final = 1e-6
"""Of a weight."""


@attrs.frozen
class Kind:
    """What degrees tell."""

    strongest: tuple[sp.Expr, ...]
    power: float
    order: int
    runaway_variables: tuple[sp.Symbol, ...]
    reason: str = ""
    by_drift: bool = True
    """Whether the drift alone has movable poles."""


def kind(sde: SDE, values: Mapping[sp.Symbol, float]) -> Kind | None:
    """Return what the degrees of a drift tell at some values of parameters; None of one that is no polynomial."""
    return _kind(sde, tuple((s, float(v)) for s, v in values.items()))


@cached(64)
def _kind(sde: SDE, values: tuple[tuple[sp.Symbol, float], ...]) -> Kind | None:
    grown = growth(sde, dict(values))
    if grown is None:
        return None
    return _with_poles(grown) if grown.groups else _without_poles(sde)


def _without_poles(sde: SDE) -> Kind:
    """Return what tells when means of a system without movable poles in its drift are poor."""
    variables = tuple(sde.variables.values())
    degrees = [degree(noise, variables) for noise in sde.noise.values()]
    if all(n is not None and n <= 1 for n in degrees):
        return Kind((), 1.0, 1, variables, "no movable poles: nothing drives its own growth", False)
    return Kind(variables, 1.0, 1, variables, "no movable poles of the drift alone; passages are counted", False)


def _with_poles(grown: Growth) -> Kind:
    products = [product for group in grown.groups for product in _strongest(grown, group)]
    strongest = tuple(dict.fromkeys(_written(grown, p) for p in products))
    weights = {grown.weight(p) for p in products}
    power = max(sum(p.values()) for p in products)
    even = len(weights) == 1 and max(weights) % 2 == 0 and grown.met
    order = int(max(weights)) if even else 1
    tested = [i for group in grown.groups for i in _tested(grown, group, products)]
    own = [grown.variables[i] for i in tested]
    runaway = tuple(dict.fromkeys(x.args[0] if isinstance(x, sp.conjugate) else x for x in own))
    told = ", ".join(f"{_written(grown, p)} as 1/(t - ts)^{grown.weight(p)}" for p in products)
    reason = f"by the degrees of the drift {told}"
    if not even:
        reason += "; passages are counted"
    return Kind(strongest, float(power), order, runaway, reason)


Product = dict[int, int]
"""Powers of variables by their numbers."""


def _strongest(grown: Growth, group: Sequence[int]) -> list[Product]:
    """Return the neutral variables of a group that diverge most, else products of two, else any variables."""
    single: list[Product] = [{i: 1} for i in group]
    pairs: list[Product] = [{i: 1, j: 1} for k, i in enumerate(group) for j in group[k + 1 :]]
    for products in (single, pairs):
        neutral = [p for p in products if grown.neutral(p)]
        if neutral:
            most = max(map(grown.weight, neutral))
            return [p for p in neutral if grown.weight(p) == most]
    return single


def _tested(grown: Growth, group: Sequence[int], products: Sequence[Product]) -> list[int]:
    """Return the variables of a group that diverge as the strongest do: more than half as fast, or as their factors."""
    own = [p for p in products if set(p) <= set(group)]
    if any(len(p) > 1 for p in own):
        return sorted({i for p in own for i in p})
    least = float(max(map(grown.weight, own))) / 2 + ROUNDING
    return [i for i in group if grown.even_weights[i] > least]


def _written(grown: Growth, product: Product) -> sp.Expr:
    return sp.Mul(*(grown.variables[i] ** n for i, n in product.items()))
