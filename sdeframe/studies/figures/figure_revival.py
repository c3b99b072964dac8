"""``sdeframe paper revival``: collapse and revival, which trajectories in phase space do not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.campaigns import sectors
from sdeframe.campaigns.default_step import default_scheme
from sdeframe.derivation import Boson, Emitters, Ket, Master
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.drawing.colours import BLUE, GREY, ORANGE
from sdeframe.gauges import Decoupled
from sdeframe.groups import Branch, Groups
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import PairMoments, TrustHorizon
from sdeframe.running.result import Result
from sdeframe.running.simulation import simulate
from sdeframe.studies.figures.paper import THREADS, Drawing, paper_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHILDREN: Final = 256
EVERY: Final = 0.25
"""The time from one event to the next."""
GROUPS: Final = 8
"""The fewest of which an error is told."""
LEFT_OUT: Final = 1e-3
"""Probability of the numbers of quanta that are not run."""
PLAIN: Final = 20_000
"""Trajectories in phase space of which a horizon is told."""
SEED: Final = 21


@attrs.frozen
class Case:
    """Atoms and photons at the start, up to when they are followed, and by which kets."""

    atoms: int
    start: str
    photons: float
    last: float
    parents: int
    dt: float
    split: bool = True
    """Whether every number of quanta is run apart."""
    sweeps: int = 3

    @property
    def name(self) -> str:
        """What is said above the panel."""
        said = f"{self.atoms} {self.start} atom{'s' * (self.atoms > 1)}, {self.photons:g} photons"
        return f"{said}, {GROUPS} groups of {self.parents} parents with {CHILDREN} children"

    @property
    def times(self) -> NDArray[np.float64]:
        """The output times."""
        return np.arange(round(2 * self.last) + 1) / 2

    def model(self) -> QuantumModel:
        """Return the Tavis-Cummings model in kets, τ being f t."""
        a, atoms = Boson("a"), Emitters("atoms", "ge", self.atoms)
        H = (a * atoms.sum("eg") + a.dag() * atoms.sum("ge")) / sp.sqrt(self.atoms)
        start = {a: sp.sqrt(sp.nsimplify(self.photons)), atoms: self.start[0]}
        return QuantumModel(Master(H), Ket(), start=start, observables={"excited": atoms.sum("ee") / self.atoms})

    def kets(self, threads: int | None) -> Result:
        """Return the excited share by ensembles of kets."""
        model, size = self.model(), self.parents * CHILDREN
        settings: dict[str, Any] = {
            "gauge": Decoupled(model.log_norm), "times": self.times, "trajectories": GROUPS * size, "seed": SEED,
            "groups": Groups(size, events=[Branch(every=EVERY, children=CHILDREN, sweeps=self.sweeps)]),
            "threads": threads,
        }  # fmt: skip
        if self.split:
            return sectors(model, W2S4(self.dt), left_out=LEFT_OUT, **settings)
        return simulate(model, W2S4(self.dt), observers=[PairMoments(**model.observables)], **settings)

    def curves(self, threads: int | None) -> dict[str, Any]:
        """Return the means with their errors, the exact curve, and up to when positive-P can be trusted."""
        phase_space = TavisCummings(self.atoms, self.photons, start=self.start)
        result, scheme = self.kets(threads), default_scheme(phase_space, self.times[:21])
        plain = simulate(
            phase_space, scheme, observers=[TrustHorizon(excited=phase_space.excited)], times=self.times[:21],
            trajectories=PLAIN, seed=SEED, threads=threads,
        )  # fmt: skip
        total = np.real(result.total_error("excited").values)
        return {
            "excited": result.dataset["excited"].values.real, "excited_se": result.dataset["excited_se"].values,
            "total_error": total, "exact": phase_space.exact(self.times)["excited"],
            "positive_p_horizon": plain.horizon("excited"),
        }  # fmt: skip


CASES: Final = (
    Case(1, "ground", 10.0, 30.0, parents=128, dt=0.025, split=False, sweeps=8),
    Case(10, "excited", 10.0, 90.0, parents=20, dt=0.05),
    Case(100, "excited", 0.0, 70.0, parents=160, dt=0.025),
)


@paper_figure("revival")
@THREADS
def figure_revival(threads: int | None) -> Drawing:
    """Draw collapse and revival by ensembles of kets beside exact curves, to which the paper does not come."""
    return drawing(CASES, threads)


def drawing(cases: tuple[Case, ...], threads: int | None) -> Drawing:
    """Return a panel for every case, and the curves in them."""
    import xarray as xr
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3 * len(cases)), layout="constrained")
    curves: dict[str, Any] = {}
    for number, (axes, case) in enumerate(zip(figure.subplots(len(cases), squeeze=False)[:, 0], cases, strict=True), 1):
        found, along = case.curves(threads), f"time_{number}"
        panel(axes, case, found)
        curves |= {f"{k}_{number}": v if np.ndim(v) == 0 else (along, v) for k, v in found.items()}
        curves[along] = (along, case.times, {"long_name": case.name})
    return Drawing(figure, xr.Dataset(curves))


def panel(axes: Axes, case: Case, found: dict[str, Any]) -> None:
    """Draw a mean with its total error, the exact curve, and where trajectories in phase space end."""
    times, mean, total = case.times, found["excited"], found["total_error"]
    axes.plot(times, mean, color=BLUE, label="kets")
    axes.fill_between(times, mean - total, mean + total, color=BLUE, alpha=0.25, lw=0, label="± total error")
    axes.plot(times, found["exact"], color="black", ls="--", lw=0.8, label="exact")
    axes.axvspan(0, found["positive_p_horizon"], color=ORANGE, alpha=0.3, lw=0, label="positive-P trusted")
    axes.axhline(0.5, color=GREY, lw=0.5)
    axes.set(xlim=(0, times[-1]), ylim=(-0.05, 1.2), xlabel=r"$\tau = f\,t$", ylabel=r"$\langle\hat\sigma_{ee}\rangle$")
    axes.set_title(case.name, fontsize="medium")
    axes.legend(frameon=False, fontsize="small", ncols=4, loc="upper right")
