"""``sdeframe validate photons``: photon statistics against the density matrix, with errors over many ensembles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from sdeframe.derivation import Boson, DerivedModel, Master, Wigner, derive, exact_photon_distribution, initial_values
from sdeframe.derivation.starts.states import Coherent, Thermal
from sdeframe.integrators import W2S4
from sdeframe.interfaces.model import Model, SymbolicModel
from sdeframe.models import KerrOscillator, TavisCummings
from sdeframe.observers import PhotonStatistics
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row

Array = NDArray[np.float64]

ENSEMBLES: Final = 200
SEED: Final = 5000
"""Of the first one."""
SIGMAS: Final = 5.0
ALLOWED: Final = 1e-3
"""A certified probability is wrong that is off by more than so many standard errors and this."""
SEEN: Final = 20
"""Trajectories times probability from which on a deviation counts for the spread: others are told by a few."""
SPREAD: Final = 0.1
"""How far the spread of standardised deviations may be from 1; over ensembles of 200 its error is 0.05 a number."""


@attrs.frozen(eq=False)
class Case:
    """A model with its exact photon statistics."""

    name: str
    model: Model
    observer: PhotonStatistics
    times: Array
    exact: Callable[[Array], Array]
    """Of times to probabilities, shape (times, photons)."""
    dt: float = 0.025

    def truth(self) -> Array:
        """Return the exact probabilities of the numbers that are observed."""
        wanted = self.observer.largest + 1
        return np.pad(self.exact(self.times), ((0, 0), (0, wanted)))[:, :wanted]


def cavity(model: TavisCummings, largest: int, last: float) -> Case:
    """Return a case of the closed Tavis-Cummings model."""
    name = f"N={model.atoms} {model.start} nph={model.photons:g}"
    times = np.arange(1, round(10 * last) + 1) / 10
    return Case(name, model, PhotonStatistics(largest, P=model.photon_number), times, model.photon_distribution)


def oscillator(name: str, model: DerivedModel, largest: int) -> Case:
    """Return a case of a mode in positive-P."""

    def exact(times: Array) -> Array:
        return exact_photon_distribution(model.master, "a", model.start_state(), times, model.parameters())

    observer = PhotonStatistics(largest, P=model.observables["photon_number"])
    return Case(name, model, observer, np.arange(1, 17) / 4, exact)


def wigner(name: str, start: Any, largest: int) -> Case:
    """Return a case of a driven mode with loss in Wigner, whose equations are exact."""
    a = Boson("a")
    n = a.dag() * a
    master = Master(a + a.dag(), loss=[(1, a)])
    derivation, initial = derive(master, Wigner()), initial_values(master, Wigner(), {a: start})
    system = derivation.sde()
    model = SymbolicModel(system, {x: initial[x] for x in system.variables.values()})
    observer = PhotonStatistics(largest, representation="Wigner", P=derivation.average(n))

    def exact(times: Array) -> Array:
        return exact_photon_distribution(master, a, {a: start}, times)

    return Case(name, model, observer, np.arange(1, 5) / 2, exact)


def cases() -> list[Case]:
    """Return the cases."""
    return [
        cavity(TavisCummings(10, 10.0), 30, 2.0),
        cavity(TavisCummings(10, 10.0, start="excited"), 40, 2.0),
        cavity(TavisCummings(6, 20.0), 45, 1.5),
        oscillator("driven Kerr, positive-P", KerrOscillator(), 8),
        oscillator("stronger, detuned", KerrOscillator(interaction=1.0, drive=0.5, detuning=-0.3), 10),
        wigner("coherent state, Wigner", Coherent(2), 12),
        wigner("thermal state, Wigner", Thermal(0.5), 12),
    ]


def photons(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold photon statistics against exact ones, 200 ensembles of 2,000 trajectories a case."""
    for case in cases():
        yield from case_rows(case, trajectories or 2000, threads)


def case_rows(case: Case, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield how often a certified probability is wrong, the spread of deviations, and how far certificates reach."""
    exact, wrong, horizons = case.truth(), 0, []
    deviations: list[Array] = []
    for seed in range(SEED, SEED + ENSEMBLES):
        ds = simulate(
            case.model, W2S4(dt=case.dt), observers=[case.observer], times=case.times, trajectories=trajectories,
            seed=seed, threads=threads, progress=False,
        ).dataset  # fmt: skip
        until = ds["P_horizon"].values if "P_horizon" in ds else np.full(exact.shape[1], case.times[-1])
        certified = case.times[:, None] <= until
        off, error = ds["P"].values.real - exact, ds["P_se"].values
        wrong += bool((np.abs(off) > SIGMAS * error + ALLOWED)[certified].any())
        seen = certified & (trajectories * exact > SEEN) & (error > 0)
        deviations.append(off[seen] / error[seen])
        horizons.append(until.min())
    z = np.concatenate(deviations)
    note = f"of {ENSEMBLES}; more than {SIGMAS:g} standard errors and {ALLOWED:g} at a time before its horizon"
    yield Row(case.name, "ensembles with a wrong P(n)", float(wrong), reference=0.0, passed=wrong == 0, note=note)
    spread = float(z.std()) if z.size else float("nan")
    passed = bool(abs(spread - 1) <= SPREAD)
    yield Row(case.name, "spread of deviations", spread, reference=1.0, passed=passed, note=f"{z.size} in their errors")
    yield Row(case.name, "earliest horizon of all n, median", float(np.median(horizons)))
