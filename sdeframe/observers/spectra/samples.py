"""Means over trajectories of complex numbers of which each trajectory gives some, such as a spectrum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.observer import CAVEAT, COUNT, Ensemble
from sdeframe.observers.step_error import richardson
from sdeframe.observers.trusted import Trusted
from sdeframe.observers.writing import written
from sdeframe.sums.means import Means
from sdeframe.sums.moments import reduce_nodes

Array = NDArray[np.float64]
Counted = NDArray[np.bool_]

AT_ONCE: Final = 32
"""Places that are summed at once, few enough for the second-level cache."""


@attrs.define
class Samples:
    """Means of a sample a trajectory, each of some names at some places, such as frequencies.

    Parameters
    ----------
    places
        How many there are.
    richardson
        As in `sdeframe.observers.step_error.richardson`; None without a coarse run.
    means
        At all places: of the fine run, then of coarse less fine, then of the fine one without the error of the step,
        both over the pairs that count in both runs; where there is a watch, of the fine run's survivors of its low
        bound.
    watch
        What tells how long they can be trusted; None where the model declares no poles.
    """

    places: int
    richardson: float | None
    means: Means
    watch: Trusted | None

    @classmethod
    def of_none(cls, ensemble: Ensemble, entering: Sequence[Sequence[sp.Expr]], places: int, bound: float) -> Samples:
        """Return the means of no samples, of names that some expressions enter each; see `Trusted` for the bound."""
        watch = Trusted.of(ensemble, bound, entering)
        kinds = (3 if ensemble.step_error else 1) + (watch is not None)
        means = Means.of_none(len(entering), kinds * places, ensemble.replicate_size)
        return cls(places, richardson(ensemble), means, watch)

    def __add__(self, other: Samples) -> Samples:
        """Return the means over the trajectories of both."""
        watch = None if self.watch is None or other.watch is None else self.watch + other.watch
        return attrs.evolve(self, means=self.means + other.means, watch=watch)

    @property
    def watched(self) -> tuple[sp.Expr, ...]:
        """Expressions whose values are watched at all output times."""
        return () if self.watch is None else self.watch.expressions

    @property
    def _bounds(self) -> tuple[float, float]:
        """Who has passed the first one does not count."""
        return (np.inf, np.inf) if self.watch is None else self.watch.bounds

    def add(self, first: int, runs: Sequence[Array], told: Array) -> None:
        """Put a block's samples in their place.

        Parameters
        ----------
        first
            Number of the first trajectory.
        runs
            Real, then imaginary parts of the fine run, and of a coarse one: shape (2 names, places, trajectories).
        told
            Who lives, and squared peaks, in each run at the end of the window: shape (runs, 2, trajectories).
        """
        counted, tame = (within(told, bound) for bound in self._bounds)
        for at in range(0, self.places, AT_ONCE):
            fine, *coarse = (run[:, at : at + AT_ONCE] for run in runs)
            self._put(at, first, fine, counted[0])
            for twice in coarse:
                pairs = counted[0] & counted[1]
                with np.errstate(all="ignore"):  # of the lost, who do not count
                    difference = twice - fine
                    better = fine - difference * (1 / (self.richardson or 1.0))
                self._put(self.places + at, first, difference, pairs)
                self._put(2 * self.places + at, first, better, pairs)
            if self.watch is not None:
                self._put(self._low * self.places + at, first, fine, tame[0])

    def _put(self, at: int, first: int, values: Array, counted: Counted) -> None:
        m, places, trajectories = values.shape
        leaves = np.zeros((places, 1 + 2 * m, trajectories))
        leaves[:, 0] = counted
        np.copyto(leaves[:, 1 : 1 + m], values.swapaxes(0, 1), where=counted)
        nodes = reduce_nodes(first, 0, leaves, m, self.means.moments.top)
        low, high = (
            f(values, axis=2, initial=far, where=counted).T[..., None]
            for f, far in ((np.min, np.inf), (np.max, -np.inf))
        )
        self.means.put(np.arange(at, at + places), nodes, low, high)

    def written(self, named: Sequence[tuple[str, str]], dims: tuple[str, ...], last: int) -> dict[str, Any]:
        """Return means and errors as variables over some dimensions, with step errors and horizons where told.

        Parameters
        ----------
        named
            Names, with what their mean is of.
        dims
            Of the places; () for one.
        last
            Number of the last output time in the window.
        """
        count, found = self._of_kind(0)
        variables: dict[str, Any] = {}
        alive = {} if self.watch is None else {"bound": self._bounds[0]}
        for i, (name, about) in enumerate(named):
            variables |= written(name, found[i], about)
            variables[name][-1][COUNT] = f"{name}_alive"
            if self.richardson is not None:
                added = self._of_kind(1)[1].each(lambda z: z / self.richardson)[i]
                variables |= written(f"{name}_step_error", added, f"step error of the {about}")
                better = self._of_kind(2)[1][i]
                variables |= written(f"{name}_extrapolated", better, f"{about}, without its step error")
        placed = {name: (dims, v.reshape(v.shape if dims else ()), *more) for name, (_, v, *more) in variables.items()}
        placed |= {f"{name}_alive": ((), np.int64(count[0]), alive) for name, _ in named}
        if self.watch is not None:
            placed |= self._horizons(self.watch, named, found, last)
        return placed

    def _horizons(self, watch: Trusted, named: Sequence[tuple[str, str]], found: Any, last: int) -> dict[str, Any]:
        """Return the horizons, with a caveat where the window ends beyond."""
        horizons = watch.horizons(named, found, self._of_kind(self._low)[1], np.full(self.places, last))
        end = watch.record.times[last]
        for (name, _), (_, until, told) in zip(named, horizons.values(), strict=True):
            if until < end:
                told[CAVEAT] = (
                    f"{name} is not to be trusted: what enters it can be up to t = {until:g} (its horizon), and its "
                    f"window ends at t = {end:g}; end the window before, see docs/trust"
                )
        return horizons

    @property
    def _low(self) -> int:
        """The kind of the survivors of the low bound."""
        return 1 if self.richardson is None else 3

    def _of_kind(self, kind: int) -> Any:
        return self.means.estimates(slice(kind * self.places, (kind + 1) * self.places))


def within(told: Array, bound: float) -> list[Counted]:
    """Return who counts in each run, of rows that tell who lives and the squared peaks: (runs, 2, trajectories)."""
    return [(alive > 0) & (peak <= bound**2) for alive, peak in told]
