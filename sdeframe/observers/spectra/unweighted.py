"""What has no weight of a single time: refused where a run has one, but where it is wanted without."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from sdeframe.interfaces.observer import Ensemble
from sdeframe.symbolic.symbols import log_weight


def check_unweighted(ensemble: Ensemble, where: str, expressions: Iterable[sp.Expr], unweighted: bool) -> None:
    """Raise ValueError where a run has a weight and no expression holds it, unless that is wanted."""
    if unweighted or log_weight not in ensemble.variables:
        return
    if not any(log_weight in expression.free_symbols for expression in expressions):
        raise ValueError(
            f"{where}: this run has a weight exp(C0), such as that of a drift gauge, which changes within the window, "
            f"so that no one weight belongs to a trajectory: run without that gauge, take WeightedMoments at output "
            f"times, or unweighted=True where the biased mean without it is wanted"
        )
