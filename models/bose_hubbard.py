"""The driven and damped Bose-Hubbard model on a chain or any graph."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import attrs
import sympy as sp

from sdeframe.derivation import Boson, DerivedModel, Master, Operator
from sdeframe.derivation.derived_model import valued
from sdeframe.derivation.starts.states import Coherent, ModeState, mode_state
from sdeframe.symbolic.symbols import parameters
from sdeframe.validators import finite, non_negative, positive_integer

U, J, F = parameters("U J F")
gamma = parameters("gamma", positive=True)

Edges = tuple[tuple[int, int], ...]


def _pairs(edges: Any) -> Edges | None:
    return None if edges is None else tuple((int(i), int(j)) for i, j in edges)


@attrs.frozen(slots=False)
class BoseHubbard(DerivedModel):
    """H = (U/2) Σ a_k†² a_k² − J Σ_edges (a_i† a_j + h.c.) + F (a_d + a_d†) with loss γ D[a_k] of every site.

    Parameters
    ----------
    sites
        Number of sites.
    interaction
        U.
    hopping
        J.
    drive
        F.
    decay
        γ.
    driven
        d, the site that is driven, from 0.
    edges
        Pairs of sites between which particles hop; a chain if not given.
    start
        The state of every site at the start; a number is the amplitude of a coherent one.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or an edge or the drive leads to no site.
    """

    noise: ClassVar[str] = "structure"

    sites: int = attrs.field(default=2, validator=positive_integer)
    interaction: float = attrs.field(default=0.1, validator=finite)
    hopping: float = attrs.field(default=0.5, validator=finite)
    drive: float = attrs.field(default=0.4, validator=finite)
    decay: float = attrs.field(default=1.0, validator=non_negative)
    driven: int = 0
    edges: Edges | None = attrs.field(default=None, converter=_pairs)
    start: ModeState = attrs.field(default=Coherent(0), converter=mode_state)

    def __attrs_post_init__(self) -> None:
        for i, j in self.graph:
            if not (i != j and {i, j} <= set(range(self.sites))):
                raise ValueError(f"edge {(i, j)} of BoseHubbard: give two different sites of 0 to {self.sites - 1}")
        if self.driven not in range(self.sites):
            raise ValueError(f"driven={self.driven!r} of BoseHubbard: give a site of 0 to {self.sites - 1}")

    @property
    def graph(self) -> Edges:
        """The edges, of the chain if none were given."""
        return tuple((k, k + 1) for k in range(self.sites - 1)) if self.edges is None else self.edges

    @cached_property
    def modes(self) -> tuple[Boson, ...]:
        """The sites."""
        return tuple(Boson(f"a{k}") for k in range(self.sites))

    @property
    def master(self) -> Master:
        """The master equation."""
        a = self.modes
        H = F * (a[self.driven] + a[self.driven].dag())
        for x in a:
            H += U / 2 * x.dag() ** 2 * x**2
        for i, j in self.graph:
            H -= J * (a[i].dag() * a[j] + a[j].dag() * a[i])
        return Master(H, [(gamma, x) for x in a] if self.decay else [])

    @property
    def operators(self) -> Mapping[str, Operator]:
        """<a> and <a†a> of every site."""
        amplitudes = {f"amplitude_{k}": x for k, x in enumerate(self.modes)}
        return amplitudes | {f"photon_number_{k}": x.dag() * x for k, x in enumerate(self.modes)}

    def start_state(self) -> Mapping[Any, Any]:
        """Return the state of every site."""
        return dict.fromkeys(self.modes, self.start)

    def parameters(self) -> Mapping[sp.Symbol, float]:
        """Return U, J, F and γ."""
        return valued((U, J, F, gamma), (self.interaction, self.hopping, self.drive, self.decay))
