"""A plugin of each kind with types, by public names alone; `test_typed_plugins.py` has it checked by mypy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, assert_type

import attrs
import numpy as np
import sympy as sp
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sdeframe import SDE, Result, SolvableModel, complex_variables, load, parameters, real_noises, simulate, sweep
from sdeframe.gauges import DriftGauge, QuarticDrift
from sdeframe.integrators import W2S4
from sdeframe.interfaces import Ensemble, Increments, Integrator, Observer, Snapshot
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments

z, W, kappa = complex_variables("z"), real_noises("W"), parameters("kappa")


@attrs.frozen
class Kubo(SolvableModel):
    """dz = iκ z ∘ dW."""

    strength: float = 1.0

    @property
    def observables(self) -> Mapping[str, sp.Expr]:
        return {"z": z}

    def system(self) -> SDE:
        return SDE(drift={z: 0}, noise={z: sp.I * kappa * z * W}, interpretation="stratonovich")

    def initial_state(self) -> Mapping[sp.Symbol, sp.Expr]:
        return {z: sp.Integer(1)}

    def parameters(self) -> Mapping[sp.Symbol, float]:
        return {kappa: self.strength}

    def exact(self, times: ArrayLike) -> Mapping[str, NDArray[Any]]:
        return {"z": np.exp(-(self.strength**2) * np.asarray(times) / 2)}


@attrs.frozen
class Euler(Integrator):
    """Euler and Maruyama's scheme."""

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    interpretation: ClassVar[str] = "ito"

    def step(self, f: Any, x: Any, t: Any, dW: Increments) -> Any:
        return x + dW.dt * f.drift(x, t) + f.noise(x, t, dW.path)


@attrs.frozen
class Half(DriftGauge):
    """A kernel that is linear in a noise."""

    def kernel(self, sde: SDE) -> sp.Expr:
        return sp.re(sde["z"]) * sde.noises["W"] / 2


@attrs.frozen(eq=False)
class LargestRecord:
    """The largest value at each time."""

    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def __add__(self, other: LargestRecord) -> LargestRecord:
        return LargestRecord(self.times, np.maximum(self.values, other.values))


@attrs.frozen
class Largest(Observer):
    """The largest modulus over live trajectories."""

    expression: sp.Expr
    bound: float | None = None

    def start(self, ensemble: Ensemble) -> LargestRecord:
        ensemble.check(self.expression, self)
        return LargestRecord(ensemble.times, np.zeros(len(ensemble.times)))

    def update(self, record: LargestRecord, snapshot: Snapshot) -> None:
        (values,) = snapshot.evaluate((self.expression,))
        survivors = np.abs(values[snapshot.survivors(self.bound)])
        record.values[snapshot.index] = max(record.values[snapshot.index], survivors.max(initial=0.0))

    def finish(self, record: LargestRecord) -> xr.Dataset:
        return xr.Dataset({"largest": ("time", record.values)}, coords={"time": record.times})


def use() -> None:
    """What is called with these, and of what type it is."""
    times = np.linspace(0.0, 1.0, 3)
    observers = [Moments(z=z), Largest(z)]
    result = simulate(
        Kubo(0.5), Euler(dt=0.1), observers=observers, times=times, trajectories=100, seed=1, gauge=Half()
    )  # fmt: skip
    assert_type(result, Result)
    assert_type(result.horizon("z"), float)
    assert_type(result.dataset, xr.Dataset)
    assert_type(load("run.nc"), Result)
    atoms = TavisCummings(atoms=10, photons=1.0)
    grid = {"photons": [1.0, 2.0]}
    assert_type(
        sweep(atoms, grid, W2S4(dt=0.1), observers=[Moments(excited=atoms.excited)], times=times, trajectories=100,
              seed=1, gauge=QuarticDrift()),
        xr.Dataset,
    )  # fmt: skip
