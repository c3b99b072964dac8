"""What a trust horizon is held against: models with exact means, ensembles of them, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.campaigns.default_step import default_scheme
from sdeframe.derivation import Fock
from sdeframe.drawing.parts import parts
from sdeframe.gauges import ConditionalSwitch, QuarticDrift
from sdeframe.integrators import W2S4, StochasticRK2
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.models import ParametricOscillator, TavisCummings
from sdeframe.observers import Runaways, TrustHorizon, WeightedTrustHorizon
from sdeframe.observers.trust import last_before
from sdeframe.running.simulation import simulate
from sdeframe.studies.criteria import LARGEST_DEVIATION, SHARE
from sdeframe.studies.validations.references import oscillators
from sdeframe.studies.weights import carried

LAST, GRID = 10.0, 0.1
BLOCK: Final = 2048
"""Trajectories per unit of work: observers cost less in large ones."""
TOLERANCE: Final = 1e-3
"""What it may be off beside that, in units of the observable."""

CLOSED: Final = {5: (0.6, 5.0), 8: (0.0, 1.5, 12.0), 16: (0.15, 5.0), 35: (0.0, 0.6, 12.0), 100: (0.15, 1.5)}
"""Atoms, and photons per atom at the start; without photons, atoms start excited only."""
OPEN: Final = {0.2: 5, 0.6: 8, 1.6: 5}
"""Decay, and how many atoms decay at this rate."""
OPEN_FIELDS: Final = (0.15, 1.5, 8.0)
WEIGHTED_FIELDS, WEIGHTED_LAST = (0.15, 1.2, 6.0), 6.0
"""None of these numbers was used to choose a constant of the rule."""


@attrs.frozen(eq=False)
class Case:
    """A model with an exact mean."""

    name: str
    model: Model
    scheme: Integrator
    times: NDArray[Any]
    observed: sp.Expr
    exact: NDArray[np.float64]
    unit: float = 1.0
    """The size of the observable."""
    gauge: Gauge | None = None
    """One with a weight, of which the weighted mean is judged."""


@attrs.frozen
class Outcome:
    """Up to when an ensemble was trusted by each rule, and up to when it could be."""

    horizon: float
    half_percent: float
    """Last output time before 0.5 % were lost, of the weights where there are weights."""
    other: float
    """Last output time before one trajectory was lost; of weights, before they carry no mean."""
    valid: float


def judge(case: Case, trajectories: int, seed: int, threads: int) -> Outcome:
    """Run an ensemble and return its horizon and its valid time.

    A mean is valid until one of its parts first lies further from the exact one than 5 standard errors of the low
    survivors and the tolerance.
    """
    weighted = case.gauge is not None
    observer = WeightedTrustHorizon(mean=case.observed) if weighted else TrustHorizon(mean=case.observed)
    result = simulate(
        case.model, case.scheme, gauge=case.gauge or Identity(), observers=[observer, Runaways()],
        times=case.times, trajectories=trajectories, seed=seed, threads=threads, progress=False, block=BLOCK,
    )  # fmt: skip
    ds, times = result.dataset, case.times
    mean = ds["mean_ratio" if weighted else "mean"].values
    valid = np.all(
        [
            np.abs(part.of(mean - case.exact)) <= LARGEST_DEVIATION * part.error + TOLERANCE * case.unit
            for part in parts(ds, "mean_low")
        ],
        axis=0,
    )
    loss_time = result.runaway_time(SHARE, of="weight" if weighted else "state")
    other = ~carried(ds) if weighted else times >= result.runaway_time(0.5 / trajectories)
    ends = (last_before(times, event) for event in (times >= loss_time, other, ~valid))
    return Outcome(result.horizon("mean"), *ends)


def excited_case(
    model: TavisCummings, scheme: Integrator | None = None, gauge: Gauge | None = None, last: float = LAST
) -> Case:
    """Return the excited share of a Tavis-Cummings model to τ = 10."""
    times = np.arange(round(last / GRID) + 1) * GRID
    name = f"N={model.atoms} {model.start} nph={model.photons:g} g={model.decay:g}"
    chosen = scheme or default_scheme(model, times)
    return Case(name, model, chosen, times, model.excited, model.exact(times)["excited"], gauge=gauge)


def closed_cases() -> Iterator[Case]:
    """Yield closed models that no constant was chosen on."""
    for atoms, fields in CLOSED.items():
        for field in fields:
            for start in ("ground", "excited") if field else ("excited",):
                yield excited_case(TavisCummings(atoms, field * atoms, start=start))


def open_cases() -> Iterator[Case]:
    """Yield models with decay that no constant was chosen on."""
    for decay, atoms in OPEN.items():
        for field in OPEN_FIELDS:
            for start in ("ground", "excited"):
                yield excited_case(TavisCummings(atoms, field * atoms, decay=decay, start=start))


def first_order_cases() -> Iterator[Case]:
    """Yield some of the closed models with a scheme of weak order 1."""
    for atoms, field, start in ((8, 1.5, "excited"), (35, 0.6, "ground")):
        yield excited_case(TavisCummings(atoms, field * atoms, start=start), StochasticRK2(dt=2.5e-3))


def weighted_cases() -> Iterator[Case]:
    """Yield gauged models that no constant was chosen on, and two-photon loss with the gauge that cures it."""
    models = [TavisCummings(5, 5 * field, start=start) for field in WEIGHTED_FIELDS for start in ("ground", "excited")]
    models += [TavisCummings(9, 9 * field) for field in WEIGHTED_FIELDS[1:]]
    models += [TavisCummings(5, 5 * field, decay=g) for field in WEIGHTED_FIELDS[1:] for g in (0.5, 1.4)]
    for model in models:
        yield excited_case(model, gauge=QuarticDrift(), last=WEIGHTED_LAST)
    for model in models[2:4]:
        yield excited_case(model, gauge=QuarticDrift(ConditionalSwitch()), last=WEIGHTED_LAST)
    yield attrs.evolve(pair_loss_case(), name="two-photon loss, gauged", gauge=oscillators.PairLossGauge())


def kerr_case() -> Case:
    """Return the photon number of the driven Kerr oscillator to t = 40."""
    times = np.arange(401) * GRID
    exact = oscillators.driven_kerr_photons(times)
    return Case("driven Kerr", oscillators.driven_kerr(), W2S4(dt=0.01), times, oscillators.NUMBER, exact, unit=20.0)


def pair_loss_case() -> Case:
    """Return the photon number under two-photon loss to t = 2."""
    times = np.arange(41) / 20
    exact = oscillators.two_photon_loss_photons(times)
    return Case("two-photon loss", oscillators.two_photon_loss(), W2S4(dt=0.005), times, oscillators.NUMBER, exact)


def parametric_cases() -> Iterator[Case]:
    """Yield the photon number of the parametric oscillator with two-photon loss, from one, two and three photons."""
    times = np.arange(31) / 10
    for photons in (1, 2, 3):
        model = ParametricOscillator(start=Fock(photons))
        name, observed = "photon_number", model.observables["photon_number"]
        exact = np.real(model.exact(times)[name])
        yield Case(f"parametric oscillator from {photons}", model, W2S4(dt=0.0125), times, observed, exact)


def ratios(outcomes: list[Outcome], rule: str) -> NDArray[np.float64]:
    """Return trusted over valid time by a rule, at most 1; 1 where there was nothing to trust, and nothing was."""
    trusted, valid = (np.array([getattr(o, key) for o in outcomes]) for key in (rule, "valid"))
    some: NDArray[Any] = np.where(valid > 0, trusted / np.where(valid > 0, valid, 1.0), 1.0)
    return np.minimum(some, 1.0)


def wrong(outcomes: list[Outcome], rule: str) -> float:
    """Return the share of ensembles that a rule trusts at a time at which they are not valid."""
    return float(np.mean([getattr(o, rule) > o.valid + 1e-9 for o in outcomes]))
