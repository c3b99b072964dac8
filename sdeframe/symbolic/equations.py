"""The rows of a system: drift and noise of every variable, with the symbols that stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import attrs
import sympy as sp

from sdeframe.symbolic.algebra import noises_in
from sdeframe.symbolic.drives.table import Table, tables_in
from sdeframe.symbolic.jumps.rows import JumpPairs, Jumps, jump_rows
from sdeframe.symbolic.rows import Pairs, RowPairs, Rows, drift_rows, noise_rows, pairs, weight
from sdeframe.symbolic.symbols import Names, Noise, Parameter, StateVariable, log_weight

__all__ = ["Equations"]


@attrs.frozen(repr=False)
class Equations:
    """Rows dx = a dt + noise as data; `SDE` is these with their algebra, and says what the fields are."""

    _drift: RowPairs = attrs.field(converter=drift_rows)
    _noise: RowPairs = attrs.field(factory=dict, converter=noise_rows)
    interpretation: str = attrs.field(default="ito", kw_only=True)
    _covariance: Pairs = attrs.field(factory=dict, converter=pairs, kw_only=True)
    log_weight: tuple[Any, Any] | None = attrs.field(default=None, converter=weight, kw_only=True)
    _jumps: JumpPairs = attrs.field(factory=dict, converter=jump_rows, kw_only=True)

    @cached_property
    def variables(self) -> Mapping[str, StateVariable]:
        """The variables by name, in the order given."""
        return Names("variable", (x for x, _ in self._drift))

    @cached_property
    def noises(self) -> Mapping[str, Noise]:
        """The noises by name, sorted."""
        return Names("noise", noises_in(sp.Tuple(*self.noise.values())))

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters by name, sorted."""
        held = sp.Tuple(*self.drift.values(), *self.noise.values(), *self.covariance.values(), *self.in_jumps)
        return Names("parameter", sorted(held.atoms(Parameter), key=lambda p: p.name))

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables of sampled drives, by name."""
        return tables_in(*self.drift.values(), *self.noise.values(), *self.in_jumps)

    @cached_property
    def state(self) -> tuple[StateVariable, ...]:
        """The variables, and C0 last where the system is weighted."""
        return (*self.variables.values(), *(() if self.log_weight is None else (log_weight,)))

    @cached_property
    def drift(self) -> Rows:
        """The drift of everything in `state`."""
        weight = {} if self.log_weight is None else {log_weight: self.log_weight[0]}
        return MappingProxyType({**dict(self._drift), **weight})

    @cached_property
    def noise(self) -> Rows:
        """The noise of everything in `state`; 0 for variables without."""
        none = dict.fromkeys(self.variables.values(), sp.S.Zero)
        weight = {} if self.log_weight is None else {log_weight: self.log_weight[1]}
        return MappingProxyType({**none, **dict(self._noise), **weight})

    @cached_property
    def covariance(self) -> Mapping[tuple[Any, Any], Any]:
        """`<W1 W2>/dt` of pairs of different real noises, sorted by name, where it is not 0."""
        return MappingProxyType(dict(self._covariance))

    @cached_property
    def jumps(self) -> Jumps:
        """What each Poisson noise, sorted by name, adds to variables."""
        return MappingProxyType({N: MappingProxyType(dict(rows)) for N, rows in self._jumps})

    @property
    def in_jumps(self) -> tuple[Any, ...]:
        """All expressions of jumps: rates, bounds, what is added."""
        added = [jump for rows in self.jumps.values() for jump in rows.values()]
        return *(N.rate for N in self.jumps), *(N.bound for N in self.jumps if N.bound is not None), *added

    @cached_property
    def coordinates(self) -> tuple[Any, ...]:
        """The independent coordinates of `state`: z and conjugate(z) of a complex variable, x of a real one."""
        return tuple(u for x in self.state for u in dict.fromkeys((x, sp.conjugate(x))))
