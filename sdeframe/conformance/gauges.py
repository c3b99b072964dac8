"""The law of a gauge."""

from __future__ import annotations

import itertools

import sympy as sp

from sdeframe.interfaces.gauge import Gauge, gauged
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import log_weight
from sdeframe.symbolic.system import SDE


def check_gauge(gauge: Gauge, sde: SDE) -> None:
    """Check that a gauge keeps the averages of analytic functions: L'[e^C0 f] = e^C0 L[f].

    Here f runs over 1, the variables of the system, which the gauge can transform, and their products of two; the
    system is given in the Itô and in the Stratonovich reading.

    Raises
    ------
    AssertionError
        With the function for which the law fails.
    """
    _check_law(gauge, sde.to_ito())
    _check_law(gauge, sde.to_stratonovich())


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
