"""The law of an observer of trajectories that have weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.conformance.records import recorded
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer
from sdeframe.running.compose import compose
from sdeframe.symbolic.symbols import log_weight
from sdeframe.symbolic.system import SDE


@attrs.frozen
class Tilted(Gauge):
    """Multiplies weights by exp(W) of the first noise and changes nothing else; whoever weighs sees it."""

    def transform(self, sde: SDE) -> SDE:
        """Return the system with that weight."""
        sde = sde.to_ito()
        drift, noise = ({log_weight: sp.S.Zero, **rows} for rows in (sde.drift, sde.noise))
        first = next(iter(sde.noises.values()))
        return sde.with_rows({log_weight: drift[log_weight]}, {log_weight: noise[log_weight] + first})


def check_weights(observer: Observer, model: Model, integrator: Integrator, times: Sequence[float]) -> None:
    """Check that means with errors depend on the weights that trajectories have, or are refused where there are any.

    Whoever is told to take ``unweighted`` means may leave weights out, and so may what has no standard error.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    if not model.system().noises or getattr(observer, "unweighted", False):
        return

    def means(gauge: Gauge) -> dict[str, NDArray[Any]]:
        problem = compose(model, integrator, gauge=gauge, observers=[observer], times=times, trajectories=300, seed=3)
        ds = recorded(observer, problem)
        return {str(name): ds[name].values for name in ds if f"{name}_se" in ds}

    try:
        tilted = means(Tilted())
    except ValueError as refusal:
        if "weight" not in str(refusal):
            raise AssertionError(f"{observer}: refuses weights, but not by name: {refusal}") from refusal
        return
    plain = means(Identity())
    same = [name for name in plain if np.allclose(plain[name], tilted[name], rtol=1e-9, atol=0, equal_nan=True)]
    assert len(same) < max(len(plain), 1), (
        f"{observer}: {', '.join(same)} is the same whatever the weights: weigh trajectories with exp(C0), refuse runs "
        f"with log_weight among their variables, or have `unweighted=True` said"
    )
