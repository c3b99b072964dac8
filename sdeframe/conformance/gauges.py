"""The law of a gauge."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import attrs
import sympy as sp

from sdeframe.interfaces.gauge import Gauge, gauged
from sdeframe.running.kinds import needed
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import log_weight
from sdeframe.symbolic.system import SDE
from sdeframe.validators import shown


@attrs.frozen(repr=False)
class Drifts:
    """The Itô drift of every variable before and under a gauge; reads as a line for each one that the gauge changes."""

    before: Mapping[Any, Any]
    after: Mapping[Any, Any]

    def __repr__(self) -> str:
        """Return old and new drifts, and what the weight C0 drifts by."""
        changed = [x for x, new in self.after.items() if not equal(new, self.before.get(x, sp.S.Zero))]
        lines = [f"the drift of {x}: old {self.before.get(x, 0)}, new {self.after[x]}" for x in changed]
        return "\n".join(lines) or "no drift changes"


def check_gauge(gauge: Gauge, sde: SDE) -> Drifts:
    """Check that a gauge keeps the averages of analytic functions: L'[e^C0 f] = e^C0 L[f].

    Here f runs over 1, the variables of the system, which the gauge can transform, and their products of two; the
    system is given in the Itô and in the Stratonovich reading.

    Returns
    -------
    Drifts
        The Itô drifts before and under the gauge, to look at: a gauge with the other sign keeps averages too, and may
        lead trajectories away.

    Raises
    ------
    AssertionError
        With the function for which the law fails.
    TypeError, ValueError
        If one of them is something else, or the gauge does not fit the system.
    """
    if not isinstance(gauge, Gauge):
        raise TypeError(f"gauge={shown(gauge)}: must be {needed(gauge, Gauge, 'QuarticDrift()')}")
    if not isinstance(sde, SDE):
        raise TypeError(f"sde={shown(sde)}: must be a system, such as model.system()")
    _check_law(gauge, sde.to_ito())
    _check_law(gauge, sde.to_stratonovich())
    before, after = sde.to_ito(), gauged(gauge, sde.to_ito()).to_ito()
    return Drifts(before.drift, after.drift)


def _check_law(gauge: Gauge, before: SDE) -> None:
    after = gauged(gauge, before)
    assert tuple(after.variables) == tuple(before.variables), f"{gauge} changes the variables: {list(after.variables)}"
    variables = tuple(before.variables.values())
    weight = sp.exp(log_weight) if after.log_weight is not None else sp.Integer(1)
    old = sp.exp(log_weight) if before.log_weight is not None else sp.Integer(1)
    products = itertools.starmap(sp.Mul, itertools.combinations_with_replacement(variables, 2))
    for f in [sp.Integer(1), *variables, *products]:
        left, right = after.generator(weight * f) / weight, before.generator(old * f) / old
        assert equal(left, right), f"{gauge}: L'[e^C0 f] = e^C0 L[f] fails for f = {f} ({before.interpretation})"
