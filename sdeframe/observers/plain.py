"""Plain means, which leave the weight of a weighted system out: only where they are wanted."""

from __future__ import annotations

from sdeframe.interfaces.named_expressions import Named
from sdeframe.interfaces.observer import Ensemble
from sdeframe.symbolic.symbols import log_weight


def check_plain(ensemble: Ensemble, owner: str, named: Named, unweighted: bool) -> None:
    """Raise ValueError where a run has a weight and an expression without it is averaged, unless that is wanted."""
    if unweighted or log_weight not in ensemble.variables:
        return
    for name, expression in named:
        if log_weight not in expression.free_symbols:
            raise ValueError(
                f"{owner}({name}=...): this run has a weight exp(C0), such as that of a drift gauge, without which the "
                f"mean is biased: take Weighted{owner}, or unweighted=True where the mean without it is wanted"
            )
