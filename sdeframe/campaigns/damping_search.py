"""The smallest damping at which few enough trajectories are lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np

from sdeframe.campaigns.default_step import default_scheme
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.observers import Runaways
from sdeframe.progress import Progress, progress_bar
from sdeframe.running.simulation import simulate
from sdeframe.validators import boolean, positive_count

if TYPE_CHECKING:
    import xarray as xr

FINENESS: Final = 0.1
"""The width to which is bisected, as a share of the tolerance."""
PARTS: Final = (16, 4, 1)
"""The ensemble is divided by these: a part of it decides where it is clear enough."""
CLEAR: Final = 5.0
"""Binomial errors that make it clear."""


@attrs.frozen(eq=False)
class MinimalDamping:
    """The smallest damping that was found to suffice, with the curve that was searched."""

    curve: xr.Dataset
    """Over the damping: "lost_share", its binomial error "lost_share_se" and "trajectories", how many were run."""

    @property
    def field(self) -> str:
        """The model's field."""
        return str(self.curve.attrs["field"])

    @property
    def value(self) -> float:
        """The smallest damping tried at which at most the allowed share was lost."""
        return float(self.curve.attrs["value"])

    @property
    def interval(self) -> tuple[float, float]:
        """Dampings between which the lost share is within two binomial errors of the allowed one."""
        return float(self.curve.attrs["interval_low"]), float(self.curve.attrs["interval_high"])

    @property
    def below(self) -> bool:
        """Whether the lower end of the bracket suffices, so that the smallest damping may lie below it."""
        return self.value <= float(self.curve.attrs["bracket_low"])

    @property
    def none_needed(self) -> bool:
        """Whether few enough are lost without any damping."""
        return self.below and self.value == 0

    def __str__(self) -> str:
        """Return the finding in a line."""
        lost = f"{float(self.curve['lost_share'].sel({self.field: self.value})):.2%} lost"
        low, high = self.interval
        if self.none_needed:
            return f"none needed: {lost} at {self.field} = 0 (at most {high:.3g})"
        if self.below:
            return f"{self.field} = {self.value:.3g} or less: {lost} there, the lower end of the bracket"
        return f"{self.field} = {self.value:.3g} ({low:.3g} to {high:.3g}): {lost}"


def minimal_damping(
    model: Model,
    *,
    field: str = "decay",
    share: float = 0.005,
    until: float = 10.0,
    bound: float = 1e3,
    bracket: tuple[float, float] = (0.0, 4.0),
    tolerance: float = 0.1,
    integrator: Integrator | None = None,
    trajectories: int = 40_000,
    seed: int = 1,
    threads: int | None = None,
    progress: bool = True,
) -> MinimalDamping:
    """Return the smallest damping at which at most a share of the trajectories is lost, by bisection.

    Every damping is run with the same random numbers, so that what is lost falls with it nearly without scatter.
    Where a sixteenth or a quarter of the ensemble decides by five binomial errors, no more is run. The limits of the
    interval are found in the same way, at the share and two of its binomial errors: these are the dampings that the
    ensemble cannot tell from the smallest one. Share, time and bound are a criterion, not a property of the model:
    another bound or time has another smallest damping.

    Parameters
    ----------
    model
        Of an attrs class with a field for the damping.
    field
        The name of that field.
    share
        Share of the trajectories that may be lost, between 0 and 1.
    until
        The time by which they may, in units of the system's time.
    bound
        On the largest modulus of the model's runaway variables: who passes it is lost.
    bracket
        Two dampings between which the smallest one lies, or of which the lower one suffices.
    tolerance
        Largest half width of the interval; the bisection itself goes to a tenth of it.
    integrator
        How a step is made; the scheme and step of the commands if not given.
    trajectories, seed, threads
        As for `simulate`.
    progress
        Whether to count the ensembles that were run, as `simulate` counts trajectories.

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed, the bracket does not contain the smallest damping, or the trajectories are too
        few for the share or the tolerance; the message names the shares, and what to change.
    """
    _check(model, field, share, until, bracket, tolerance)
    spread = 2 * math.sqrt(share * (1 - share) / positive_count("trajectories", trajectories))
    if spread >= share:
        more = math.ceil(4 * (1 - share) / share) + 1
        raise ValueError(f"trajectories={trajectories}: too few to resolve share={share:g}; give at least {more}")
    scheme = integrator or default_scheme(model, np.array([until]))
    width = FINENESS * tolerance
    with progress_bar(None, boolean("progress", progress), " ensembles") as run:
        search = LossSearch(model, field, until, bound, scheme, trajectories, seed, threads, run)
        search.check_bracket(bracket, share, share - spread)
        low, _ = search.smallest(share + spread, bracket, width)
        _, value = search.smallest(share, bracket, width)
        _, high = search.smallest(share - spread, bracket, width)
    if (high - low) / 2 > tolerance:
        more = math.ceil(trajectories * ((high - low) / 2 / (tolerance - width)) ** 2)
        raise ValueError(
            f"tolerance={tolerance:g}: {trajectories} trajectories tell {field} to lie between {low:.3g} and "
            f"{high:.3g} only; give about {more} trajectories or a larger tolerance"
        )
    found = {"value": value, "interval_low": low, "interval_high": high, "bracket_low": float(bracket[0])}
    return MinimalDamping(search.curve().assign_attrs(share=share, seed=seed, **found))


@attrs.define(eq=False)
class LossSearch:
    """Who is lost at which damping, each ensemble run once."""

    model: Model
    field: str
    until: float
    bound: float
    scheme: Integrator
    trajectories: int
    seed: int
    threads: int | None
    counted: Progress
    known: dict[float, tuple[int, int]] = attrs.field(factory=dict, init=False)
    """Damping to lost and run trajectories."""

    def exceeds(self, damping: float, share: float) -> bool:
        """Return whether more than a share is lost."""
        for count in (-(-self.trajectories // part) for part in PARTS):
            lost, run = self.lost(damping, count)
            if abs(lost / run - share) > CLEAR * math.sqrt(share * (1 - share) / run):
                break
        return lost > share * run

    def lost(self, damping: float, least: int) -> tuple[int, int]:
        """Return lost and run trajectories of an ensemble of at least a size."""
        if self.known.get(damping, (0, 0))[1] < least:
            ds = simulate(
                attrs.evolve(self.model, **{self.field: damping}),  # type: ignore[misc]
                self.scheme, observers=[Runaways(self.bound)], times=[self.until], trajectories=least,
                seed=self.seed, threads=self.threads, progress=False,
            ).dataset  # fmt: skip
            self.counted(1)
            self.known[damping] = least - int(ds["alive"].values[-1]), least
        return self.known[damping]

    def check_bracket(self, bracket: tuple[float, float], share: float, enough: float) -> None:
        """Raise ValueError unless clearly no more than the share is lost at the upper end."""
        low, high = bracket
        if self.exceeds(high, enough):
            shares = [f"{lost / run:.3%} at {g:g}" for g in bracket for lost, run in [self.lost(g, self.trajectories)]]
            raise ValueError(
                f"bracket=({low:g}, {high:g}): of {self.trajectories} trajectories {' and '.join(shares)} are lost by "
                f"{self.until:g}, while the upper end should lose less than {enough:.3%}, to be within {share:.3%} for "
                f"certain; raise the upper end"
            )

    def smallest(self, share: float, bracket: tuple[float, float], width: float) -> tuple[float, float]:
        """Return the last two dampings of a bisection: more than the share is lost at the first only, if they differ.

        Both are the lower end of the bracket if that suffices.
        """
        low, high = map(float, bracket)
        if not self.exceeds(low, share):
            return low, low
        while high - low > width:
            middle = (low + high) / 2
            low, high = (middle, high) if self.exceeds(middle, share) else (low, middle)
        return low, high

    def curve(self) -> xr.Dataset:
        """Return the lost shares by damping; the binomial error counts one lost and one kept trajectory more."""
        import xarray as xr

        dampings = np.array(sorted(self.known))
        lost, run = np.array([self.known[g] for g in dampings]).T
        p = (lost + 1) / (run + 2)
        return xr.Dataset(
            {
                "lost_share": (self.field, lost / run, {"long_name": f"share lost by {self.until:g}"}),
                "lost_share_se": (self.field, np.sqrt(p * (1 - p) / run)),
                "trajectories": (self.field, run),
            },
            coords={self.field: dampings},
            attrs={
                "field": self.field, "until": self.until, "bound": self.bound,
                "model_description": repr(self.model), "integrator": repr(self.scheme),
            },
        )  # fmt: skip


def _check(model: Any, field: str, share: float, until: float, bracket: tuple[float, float], tolerance: float) -> None:
    """Name what is wrong before anything is run."""
    if not isinstance(model, Model):
        raise TypeError(f"model={model!r}: must be a Model, such as TavisCummings(atoms=10, photons=10)")
    kind = type(model)
    fields = [a.name for a in attrs.fields(kind)] if attrs.has(kind) else []
    if field not in fields:
        known = ", ".join(fields) or "none: it is no attrs class"
        raise ValueError(f"field={field!r}: {kind.__name__} has the fields {known}")
    if not 0 < share < 1:
        raise ValueError(f"share={share!r}: must be between 0 and 1, such as 0.005")
    for name, number in (("until", until), ("tolerance", tolerance)):
        if not 0 < number < math.inf:
            raise ValueError(f"{name}={number!r}: must be a positive number")
    if not (len(bracket) == 2 and 0 <= bracket[0] < bracket[1] < math.inf):
        raise ValueError(f"bracket={bracket!r}: must be a smaller and a larger damping of at least 0, such as (0, 4)")
