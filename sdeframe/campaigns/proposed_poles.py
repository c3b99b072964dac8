"""Movable poles that nobody declared: their kind from the degrees of the drift, their size from a small ensemble."""

from __future__ import annotations

import warnings
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.arithmetic import usual_arithmetic
from sdeframe.growth.kinds import Kind, kind
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model, SymbolicModel
from sdeframe.interfaces.poles import Poles
from sdeframe.observers import Trajectories, TrustHorizon
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.symbolic.symbols import log_weight

FEW: Final = 1000
"""Trajectories unless told otherwise."""
QUANTILE: Final = 0.75
"""Of the moduli of a strongest observable at a time: no tail of fewer trajectories moves it."""
TAME: Final = 10.0
"""Times the scale, beyond which a trajectory is on its way to a pole."""
SPOILT: Final = 0.01
"""Share of such trajectories from which on the small ensemble tells nothing more."""
FACTORS: Final = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Of the scale, at which horizons are told."""


@attrs.frozen(eq=False)
class ProposedPoles:
    """Poles, how they were found, and how far horizons hang on their scale."""

    poles: Poles
    runaway_variables: tuple[sp.Symbol, ...]
    """What `Poles.power` is about."""
    model: SymbolicModel
    """The same system with both declared."""
    reason: str
    """How they were found."""
    horizons: tuple[tuple[float, float], ...]
    """Scales, and the earliest horizon of what was named in the small ensemble with each."""

    def __str__(self) -> str:
        """Return what to declare, how it was found, and horizons by scale, one a line."""
        of, poles = "".join(f"{e}, " for e in self.poles.strongest).rstrip(" "), self.poles
        declaration = f"Poles(scale={poles.scale:.3g}, strongest=({of}), power={poles.power:g}, order={poles.order})"
        variables = f"runaway variables: {', '.join(map(str, self.runaway_variables))}"
        table = [f"{scale:10.3g}  {until:7.4g}" for scale, until in self.horizons]
        return "\n".join([declaration, variables, self.reason, "     scale  horizon", *table])


def propose_poles(
    model: Model,
    integrator: Integrator,
    *,
    times: ArrayLike,
    trajectories: int = FEW,
    seed: int = 1,
    threads: int | None = None,
    **named: Any,
) -> ProposedPoles:
    """Return poles for a model that declares none, or to hold those that it declares against.

    Degrees of growth of the drift tell which variables diverge together at a movable pole, which of them or of their
    products is strongest, and whether trajectories come back from there with the other sign. The scale is what a
    small ensemble shows: the largest upper quartile of the modulus of a strongest observable at a time, as long as no
    more than a hundredth has ever been beyond ten times that. With fewer than some hundred trajectories it is a guess.

    Parameters
    ----------
    model, integrator, times, trajectories, seed, threads
        As for `simulate`; poles and runaway variables of the model are not looked at.
    **named
        Expressions whose horizons are told; the model's observables if there are none, else the strongest ones.

    Raises
    ------
    ValueError
        If the drift is no polynomial in the variables and their conjugates, or nothing moves.
    """
    plain = undeclared(model)
    observed = named or dict(model.observables)
    of = kind_of(plain)
    found = {f"strongest_{i}": e for i, e in enumerate(of.strongest or of.runaway_variables)}
    run = quietly(
        plain, integrator, observers=[Trajectories(range(trajectories), **found)], times=times,
        trajectories=trajectories, seed=seed, threads=threads, progress=False,
    )  # fmt: skip
    moduli = np.abs([run.dataset[name].transpose("time", "trajectory").values for name in found])
    scale = scale_of(moduli)
    poles = Poles(scale=scale, strongest=of.strongest, power=of.power, order=of.order)
    told = TrustHorizon(**(observed or found))

    def until(factor: float) -> float:
        ran = quietly(
            declared(plain, attrs.evolve(poles, scale=factor * scale), of.runaway_variables), integrator,
            observers=[told], times=times, trajectories=trajectories, seed=seed, threads=threads, progress=False,
        )  # fmt: skip
        return min(ran.horizon(name) for name in (observed or found))

    horizons = tuple((factor * scale, until(factor)) for factor in FACTORS)
    model_with = declared(plain, poles, of.runaway_variables)
    return ProposedPoles(poles, of.runaway_variables, model_with, of.reason, horizons)


def quietly(*given: Any, **named: Any) -> Result:
    """Return a run without what it warns of: that some run away, or that a scale is too large, is looked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return simulate(*given, **named)


def undeclared(model: Model) -> SymbolicModel:
    """Return a model's system, start and parameters alone."""
    initial = dict(model.initial_state())
    weight = initial.pop(log_weight, 0)
    return SymbolicModel(model.system(), initial, parameters=model.parameters(), initial_log_weight=weight)


def declared(model: SymbolicModel, poles: Poles, runaway_variables: tuple[sp.Symbol, ...]) -> SymbolicModel:
    """Return a model that declares something else of its poles."""
    return attrs.evolve(model, poles=poles, runaway_variables=runaway_variables)


def kind_of(model: Model) -> Kind:
    """Return what the degrees of a model's drift tell of its poles."""
    found = kind(model.system(), model.parameters())
    if found is None:
        raise ValueError(
            f"{type(model).__name__}: its drift is no polynomial in the variables, so degrees tell nothing of its "
            f"poles; declare them, such as Poles(scale=1.0, strongest=(x,))"
        )
    return found


@usual_arithmetic
def scale_of(moduli: NDArray[np.float64]) -> float:
    """Return the size of observables where nothing runs away.

    Parameters
    ----------
    moduli
        Shape (observables, times, trajectories); of who is lost not a number.
    """
    known = np.where(np.isnan(moduli), np.inf, moduli)
    middles, uppers = (np.quantile(known, q, axis=2, method="lower").max(axis=0) for q in (0.5, QUANTILE))
    peaks = np.maximum.accumulate(known.max(axis=0))
    scale = middle = 0.0
    for at, peak in enumerate(peaks):
        upper, half = max(scale, float(uppers[at])), max(middle, float(middles[at]))
        if upper <= TAME * half and upper < np.inf and np.mean(peak > TAME * upper) <= SPOILT:
            scale, middle = upper, half
    if not 0 < scale < np.inf:
        raise ValueError(
            f"the strongest observables have the size {scale:g} in the small ensemble, which is no scale; declare one, "
            f"such as Poles(scale=1.0, strongest=(x,))"
        )
    return scale
