"""``sdeframe validate functions``: functions of means and their errors, over many ensembles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.derivation import (
    Boson,
    Coherent,
    Emitters,
    Master,
    PositiveP,
    Representation,
    Thermal,
    Wigner,
    derive,
    exact_means,
    initial_values,
)
from sdeframe.integrators import W2S4
from sdeframe.interfaces.model import Model, SymbolicModel
from sdeframe.models import TavisCummings
from sdeframe.observers import Functions
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row
from sdeframe.symbolic.averages import mean
from sdeframe.symbolic.symbols import real_noises
from sdeframe.symbolic.system import SDE

ENSEMBLES: Final = 400
TRAJECTORIES: Final = 4_000
WITHIN: Final = 0.1
"""Share by which reported errors may differ from the spread, beside two of its own standard errors of 3.5 %."""
SPREAD: Final = 0.18
"""What the spread of standardised deviations may differ from 1: five of its standard errors."""
ATOMS: Final = 10

a = Boson("a")
number, pairs = a.dag() * a, a.dag() ** 2 * a**2
W = real_noises("W")


@attrs.frozen
class Case:
    """Functions of means of a model at some times, with exact values."""

    name: str
    model: Model
    functions: Functions
    times: tuple[float, ...]
    exact: Mapping[str, NDArray[Any]]
    dt: float = 0.05

    def scores(self, trajectories: int, threads: int) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
        """Return deviations from exact and errors, of both parts as complex numbers, shape (ensembles, times)."""
        runs = [
            simulate(
                self.model, W2S4(self.dt), observers=[self.functions], times=(0.0, *self.times), seed=seed,
                trajectories=trajectories, threads=threads, progress=False,
            ).dataset
            for seed in range(ENSEMBLES)
        ]  # fmt: skip
        found = {}
        for name, _ in self.functions.named:
            values = np.array([ds[name].values[1:] for ds in runs]) - self.exact[name]
            errors = np.array([ds[f"{name}_se"].values[1:] + 1j * ds[f"{name}_imag_se"].values[1:] for ds in runs])
            trusted = np.array([float(ds.get(f"{name}_horizon", np.inf)) for ds in runs])[:, None] >= self.times
            found[name] = np.where(trusted, values, np.nan), errors
        return found


def functions(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold functions of means of 400 ensembles against exact values, and reported errors against their spread."""
    for case in (*states(), tavis_cummings()):
        for name, (away, errors) in case.scores(trajectories or TRAJECTORIES, threads).items():
            for k, time in enumerate(case.times):
                yield from rows(case.name, name, time, away[:, k], errors[:, k])


def rows(case: str, name: str, time: float, away: NDArray[Any], errors: NDArray[Any]) -> Iterator[Row]:
    """Return how reported errors compare with the spread, and how far all ensembles together are from exact."""
    for of, part in (("real", np.real), ("imaginary", np.imag)):
        told = ~np.isnan(part(away))
        off, error = part(away)[told], part(errors)[told]
        count = off.size
        if count < ENSEMBLES // 2 or not error.max() > 1e-12:
            note = f"told by {count} of {ENSEMBLES} ensembles, largest error {error.max(initial=0.0):.1g}"
            yield Row(case, f"{name}, {of}: not judged", float(count), time, note=note)
            continue
        ratio = float(np.sqrt(np.mean(error**2)) / off.std(ddof=1))
        known = ratio / np.sqrt(2 * count)
        passed = abs(ratio - 1) < WITHIN + 2 * known
        yield Row(
            case, f"{name}, {of}: error / spread", ratio, time, known, 1.0, passed, f"{count} ensembles, {WITHIN:g}"
        )
        together, spread = float(off.mean()), float(off.std(ddof=1) / np.sqrt(count))
        yield Row(case, f"{name}, {of}: off", together, time, spread, 0.0, abs(together) < 5 * spread)
        unit = float((off / error).std(ddof=1))
        yield Row(case, f"{name}, {of}: spread", unit, time, unit / np.sqrt(2 * count), 1.0, abs(unit - 1) < SPREAD)


def states() -> Iterator[Case]:
    """Yield g2 of a thermal, a coherent and a Kerr state, without a weight and under one of its own noise."""
    kerr, start = Master(pairs / 4 + (a + a.dag()) / 5, [(1.0, a)]), {a: Coherent(0)}
    free = Master(number, [])
    given: tuple[tuple[str, Representation, Master, Any, float], ...] = (
        ("thermal state", PositiveP(), free, {a: Thermal(0.5)}, 0.5),
        ("coherent state, Wigner", Wigner(), free, {a: Coherent(2)}, 0.5),
        ("driven Kerr oscillator", PositiveP(), kerr, start, 3.0),
    )
    for name, representation, master, at_start, time in given:
        derivation, initial = derive(master, representation), initial_values(master, representation, at_start)
        g2 = mean(derivation.average(pairs)) / mean(derivation.average(number)) ** 2
        exact = exact_means(master, {"n": number, "nn": pairs}, at_start, [time])
        known = {"g2": exact["nn"] / exact["n"] ** 2}
        sde = derivation.sde()
        weighted = SDE(sde.drift, sde.noise, log_weight=(-sp.Rational(1, 8), W / 2))
        for kind, system in (("", sde), (", weighted", weighted)):
            model = SymbolicModel(system, {x: initial[x] for x in sde.variables.values()})
            yield Case(name + kind, model, Functions(g2=g2), (time,), known)


def tavis_cummings() -> Case:
    """Return ⟨J_z²⟩, its variance, spin squeezing and the photons' g2 of ten atoms under ten photons."""
    model, N = TavisCummings(ATOMS, 10.0), ATOMS
    symbols = model.system().variables
    photons, excited, lowered, raised = model.photon_number, model.excited, symbols["rho_eg"], symbols["rho_ge"]
    jz, jz2 = N * mean(excited) - N / 2, N / 4 + N * (N - 1) * mean((excited - sp.Rational(1, 2)) ** 2)
    across = N**2 * mean(lowered) * mean(raised)
    told = Functions(
        jz2=jz2, variance=jz2 - jz**2, squeezing=N * (jz2 - jz**2) / across, g2=mean(photons**2) / mean(photons) ** 2
    )
    times = (0.75, 1.5)
    at = Emitters("rho", levels="ge", size=N)
    H = (a.dag() * at.sum("ge") + a * at.sum("eg")) * (1 / sp.sqrt(N))
    operators = {
        "n": number, "nn": pairs, "e": at.sum("ee"), "ee": at.sum("ee") ** 2, "down": at.sum("ge"), "up": at.sum("eg"),
    }  # fmt: skip
    e = exact_means(Master(H), operators, {a: Coherent(sp.sqrt(10)), at: "g"}, times)
    variance = e["ee"] - e["e"] ** 2
    exact = {
        "jz2": e["ee"] - N * e["e"] + N**2 / 4, "variance": variance,
        "squeezing": N * variance / (e["down"] * e["up"]), "g2": e["nn"] / e["n"] ** 2,
    }  # fmt: skip
    return Case("Tavis-Cummings, N=10", model, told, times, exact, dt=0.0125)
