"""How long what enters something else than means can be trusted, where the model declares poles."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.observer import Ensemble
from sdeframe.interfaces.recording import Recording
from sdeframe.observers.trust import TrustHorizon, TrustRecord, alarms, last_before
from sdeframe.sums.estimates import Estimates


@attrs.define
class Trusted:
    """What watches means of the expressions that enter each name, at all output times.

    Parameters
    ----------
    trust
        Of the expressions, as q0, q1, ...
    record
        Its record.
    counts
        How many of them enter each name.
    """

    trust: TrustHorizon
    record: TrustRecord
    counts: tuple[int, ...]

    @classmethod
    def of(cls, ensemble: Ensemble, bound: float, entering: Sequence[Sequence[sp.Expr]]) -> Trusted | None:
        """Return what watches nothing yet; None where the model declares no poles."""
        if ensemble.poles is None:
            return None
        named = {f"q{i}": e for i, e in enumerate(e for each in entering for e in each)}
        trust = TrustHorizon(bound=bound, unweighted=True, **named)
        return cls(trust, trust.start(ensemble), tuple(map(len, entering)))

    def __add__(self, other: Trusted) -> Trusted:
        """Return what watched the trajectories of both."""
        return attrs.evolve(self, record=self.record + other.record)

    @property
    def bounds(self) -> tuple[float, float]:
        """The upper and the low bound on the tested variables."""
        return self.record.bounds

    @property
    def expressions(self) -> tuple[sp.Expr, ...]:
        """What is watched."""
        return self.trust.summed(self.record)

    def add(self, recording: Recording) -> None:
        """Add a block's values at some output times."""
        self.trust.add(self.record, recording)

    def horizons(
        self, named: Sequence[tuple[str, str]], upper: Estimates, low: Estimates, latest: NDArray[np.int64]
    ) -> dict[str, Any]:
        """Return of each name the last output time that can be trusted, as a variable.

        Parameters
        ----------
        named
            Names, with what they are.
        upper, low
            What is told over the survivors of both bounds, shape (names, places).
        latest
            Of every place the number of the last output time that enters, at which it raises an alarm where both do not
            agree; beyond the last one there is none.
        """
        found, times = self.trust.finish(self.record), self.record.times
        raised = np.asarray(alarms(upper, low, self.trust.error_ratio, self.trust.shift)) & (latest < len(times))
        variables: dict[str, Any] = {}
        for (name, about), end, count, at in zip(named, accumulate(self.counts), self.counts, raised, strict=True):
            event = np.zeros(len(times), dtype=bool)
            event[latest[at]] = True
            until = [float(found[f"q{q}_horizon"]) for q in range(end - count, end)]
            told = {"long_name": f"last output time that can be trusted, {about}"}
            variables[f"{name}_horizon"] = ((), min(*until, last_before(times, event)), told)
        return variables
