"""``sdeframe validate derived``: models derived from their master equations against exact solutions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.campaigns.default_step import default_scheme
from sdeframe.derivation import Boson, Master, Wigner, derive
from sdeframe.derivation.starts.initial_values import initial_values
from sdeframe.derivation.starts.states import Coherent, Fock
from sdeframe.integrators import W2S4
from sdeframe.interfaces.model import Model, SolvableModel, SymbolicModel
from sdeframe.interfaces.poles import Poles
from sdeframe.models import (
    AtomsInCavity,
    BoseHubbard,
    CollectiveSpin,
    KerrOscillator,
    LambdaAtom,
    ParametricOscillator,
    PumpedAtoms,
    Superradiance,
    TavisCummings,
)
from sdeframe.observers import TrustHorizon
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.studies.criteria import LARGEST_DEVIATION
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.references.dicke_ladder import superradiance_solution

REFERENCE: Final = 1e-7
"""What the exact values may be wrong by: the cut of photon numbers at 1e-10, times the numbers that are averaged."""
SMALLEST: Final = 1e-12
"""A standard error that is rounding: of a mean that is the same on every trajectory."""
SEED: Final = 8

Exact = Callable[[ArrayLike], Mapping[str, NDArray[Any]]]


@attrs.frozen(eq=False)
class Case:
    """A model, what is averaged, the exact averages and the output times.

    Parameters
    ----------
    name
        What the case is called in the table.
    model
        The model.
    end
        The last output time.
    spacing
        Of the output times.
    observables
        Expressions by name; those of the model if not given.
    exact
        Exact averages; the model's if not given.
    dt
        The step; the default one if not given.
    """

    name: str
    model: Model
    end: float
    spacing: float = 0.1
    observables: Mapping[str, sp.Expr] | None = None
    exact: Exact | None = None
    dt: float | None = None

    @property
    def scheme(self) -> W2S4:
        """The scheme with its step."""
        return default_scheme(self.model, self.times) if self.dt is None else W2S4(self.dt)

    @property
    def times(self) -> NDArray[np.float64]:
        """The output times."""
        return np.arange(round(self.end / self.spacing) + 1, dtype=float) * self.spacing

    def solved(self, times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        """Return the exact averages."""
        if self.exact is not None:
            return self.exact(times)
        assert isinstance(self.model, SolvableModel)
        return self.model.exact(times)


def cases() -> Iterator[Case]:
    """Give the cases."""
    yield Case("Kerr, driven", KerrOscillator(), 4.0)
    yield Case("Kerr, damped", KerrOscillator(interaction=1.0, drive=0.0, decay=0.5, start=1), 2.0)
    # dephasing alone keeps a†a and σ_eg σ_ge on every trajectory: there is no standard error to hide a larger step
    yield Case("Kerr, dephased", KerrOscillator(0.0, 0.0, 0.3, 0.0, dephasing=0.4, start=1), 2.0, dt=1e-3)
    yield Case("Kerr, thermal bath", KerrOscillator(0.0, 0.0, 0.3, bath=0.5, start=1), 2.0)
    yield wigner_kerr()
    yield Case("parametric", ParametricOscillator(), 4.0)
    yield Case("parametric, one photon", ParametricOscillator(start=Fock(1)), 4.0)
    yield Case("Bose-Hubbard, 2 sites", BoseHubbard(), 8.0)
    yield Case("2 unequal atoms", AtomsInCavity(), 2.0)
    four = AtomsInCavity((0.5, 0.8, 0.6, 0.4), (0.3, -0.4, 0.1, 0.0), (0.2, 0.5, 0.3, 0.1), field=0)
    yield Case("4 unequal atoms", four, 3.0)
    yield Case("8 unequal atoms", eight_atoms(field=0), 2.0)
    yield Case("pumped atom", PumpedAtoms(), 4.0)
    yield Case("Lambda atom", LambdaAtom(), 4.0)
    yield Case("superradiance, N=10", Superradiance(), 2.5)
    ladder = partial(superradiance_solution, 100, 4.0, cutoff=24)
    yield Case("superradiance, N=100", Superradiance(atoms=100), 3.0, exact=ladder)
    yield Case("collective decay, N=4", CollectiveSpin(), 0.6, 0.05)
    yield Case("collective dephasing, N=4", CollectiveSpin(decay=0.0, dephasing=0.5, tilt=1.0), 1.5, dt=5e-4)
    yield Case("Tavis-Cummings, closed", TavisCummings(10, 10.0), 4.0)
    yield Case("Tavis-Cummings, open", TavisCummings(10, 10.0, decay=0.7), 4.0)


def eight_atoms(field: complex = 0.5) -> AtomsInCavity:
    """Return eight atoms that differ in coupling, detuning and decay, and the amplitude of the field at the start."""
    mu = range(8)
    couplings, detunings = tuple(0.3 + 0.05 * k for k in mu), tuple(0.1 * k - 0.4 for k in mu)
    return AtomsInCavity(couplings, detunings, tuple(0.1 + 0.05 * k for k in mu), field=field)


def wigner_kerr(amplitude: float = 2.0) -> Case:
    """Return the closed Kerr oscillator H = ½a†²a² in truncated Wigner, with what that gives for <a> and n.

    <a> = α e^{it} z⁻² exp(−|α|² it/z), z = 1 + it/2; n stays. The quantum mechanical <a> is another one.
    """
    a = Boson("a")
    master = Master(a.dag() ** 2 * a**2 / 2)
    derivation = derive(master, Wigner())
    system, start = derivation.sde(), initial_values(master, Wigner(), {a: Coherent(amplitude)})
    number, z = derivation.average(a.dag() * a), a.mode.variables[0]

    def truncated(times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        t = np.asarray(times, dtype=float)
        w = 1 + 0.5j * t
        mean = amplitude * np.exp(1j * t) / w**2 * np.exp(-(amplitude**2) * 1j * t / w)
        return {"amplitude": mean, "photon_number": np.full(t.shape, amplitude**2)}

    model = SymbolicModel(system, start, poles=Poles(scale=amplitude**2, strongest=(number,), power=2))
    observables = {"amplitude": z, "photon_number": number}
    return Case("Kerr, truncated Wigner", model, 1.0, 0.1, observables, truncated)


def derived(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Compare models derived from master equations with exact solutions, up to their trust horizons."""
    for case in cases():
        yield from case_rows(case, trajectories or 20_000, threads)


def case_rows(case: Case, trajectories: int, threads: int) -> Iterator[Row]:
    """Yield two rows for every observable of a case, with the horizon in their notes."""
    observables = dict(case.observables or case.model.observables)
    result = simulate(
        case.model, case.scheme, observers=[TrustHorizon(**observables)], times=case.times,
        trajectories=trajectories, seed=SEED, threads=threads, step_error=True,
    )  # fmt: skip
    exact = case.solved(case.times)
    for name in observables:
        yield from deviation_rows(case, result, name, np.asarray(exact[name]))


def deviation_rows(case: Case, result: Result, name: str, exact: NDArray[Any]) -> Iterator[Row]:
    """Yield the largest deviation from exact and the largest step error, of all times up to the horizon.

    Both of real or imaginary part, beyond what the exact values may be wrong by, with standard errors of the low
    bound's survivors, which poles do not inflate. The step error must be below one of these, and twice its own. Without
    any trusted time the row fails.
    """
    ds, until = result.dataset, result.horizon(name)
    trusted = (case.times > 0) & (case.times <= until + 1e-9)
    note = f"to {until:.4g} of {case.end:.4g}, exact ±{REFERENCE:.0e}"
    off, step = ds[name].values - exact, ds[f"{name}_step_error"].values

    def row(quantity: str, value: NDArray[Any], errors: Sequence[NDArray[Any]], limit: float) -> Row:
        parts = [
            np.maximum(np.abs(part) - REFERENCE, 0) / np.maximum(error, SMALLEST)
            for part, error in zip((value.real, value.imag), errors, strict=True)
        ]
        if not trusted.any():
            return Row(case.name, quantity, np.nan, None, None, limit, False, note)
        largest = np.where(trusted, np.max(parts, axis=0), -1.0)
        at = int(np.argmax(largest))
        passed = bool(largest[at] <= limit)
        return Row(case.name, quantity, float(largest[at]), float(case.times[at]), None, limit, passed, note)

    errors = [ds[f"{name}_low{part}_se"].values for part in ("", "_imag")]
    allowed = [
        se + 2 * ds[f"{name}_step_error{part}_se"].values for se, part in zip(errors, ("", "_imag"), strict=True)
    ]
    yield row(f"{name}: |mean - exact| / se", off, errors, LARGEST_DEVIATION)
    yield row(f"{name}: |step error| / (se + 2 own se)", step, allowed, 1.0)
