"""How long what enters samples can be trusted, where the model declares poles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from sdeframe.interfaces.observer import CAVEAT, Ensemble
from sdeframe.interfaces.recording import Recording
from sdeframe.observers.trust import TrustHorizon, TrustRecord, alarms
from sdeframe.sums.estimates import Estimates


@attrs.define
class Trusted:
    """What watches means of the expressions that enter each name, at all output times.

    Parameters
    ----------
    trust
        Of the expressions, as q0, q1, ..., as many in a row for every name.
    record
        Its record.
    """

    trust: TrustHorizon
    record: TrustRecord

    @classmethod
    def of(cls, ensemble: Ensemble, bound: float, entering: Sequence[Sequence[sp.Expr]]) -> Trusted | None:
        """Return what watches nothing yet; None where the model declares no poles."""
        if ensemble.poles is None:
            return None
        named = {f"q{i}": e for i, e in enumerate(e for each in entering for e in each)}
        trust = TrustHorizon(bound=bound, unweighted=True, **named)
        return cls(trust, trust.start(ensemble))

    def __add__(self, other: Trusted) -> Trusted:
        """Return what watched the trajectories of both."""
        return attrs.evolve(self, record=self.record + other.record)

    @property
    def expressions(self) -> tuple[sp.Expr, ...]:
        """What is watched."""
        return self.trust.summed(self.record)

    def add(self, recording: Recording) -> None:
        """Add a block's values at some output times."""
        self.trust.add(self.record, recording)

    def horizons(self, named: Sequence[tuple[str, str]], upper: Estimates, low: Estimates, last: int) -> dict[str, Any]:
        """Return of each name the last output time that can be trusted, with a caveat where its window ends later.

        Parameters
        ----------
        named
            Names, with what they are.
        upper, low
            Means of their samples over the survivors of both bounds, shape (names, places).
        last
            Number of the last output time in the window, at which they raise an alarm where they do not agree.
        """
        found, times = self.trust.finish(self.record), self.record.times
        each = len(self.trust.named) // len(named)
        raised = np.any(alarms(upper, low, self.trust.error_ratio, self.trust.shift), axis=1).tolist()
        variables: dict[str, Any] = {}
        for i, (name, about) in enumerate(named):
            until = min(float(found[f"q{q}_horizon"]) for q in range(i * each, (i + 1) * each))
            until = min(until, float(times[last - 1])) if raised[i] else until
            told = {"long_name": f"last output time that can be trusted, {about}"}
            if until < times[last]:
                told[CAVEAT] = (
                    f"{name} is not to be trusted: what enters it can be up to t = {until:g} (its horizon), and its "
                    f"window ends at t = {times[last]:g}; end the window before, see docs/trust"
                )
            variables[f"{name}_horizon"] = ((), until, told)
        return variables


def within(told: NDArray[np.float64], bound: float) -> list[NDArray[np.bool_]]:
    """Return who counts in each run, of rows that tell who lives and the squared peaks: (runs, 2, trajectories)."""
    return [(alive > 0) & (peak <= bound**2) for alive, peak in told]
