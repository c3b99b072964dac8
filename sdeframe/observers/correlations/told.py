"""How correlations are written into a dataset."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sdeframe.observers.correlations.normalisation import AMPLITUDES, MEANS, OTHERS
from sdeframe.observers.correlations.products import NAMES
from sdeframe.observers.correlations.record import CorrelationRecord
from sdeframe.observers.functions.function_of_means import RESOLVED, UNTOLD, FunctionOfMeans
from sdeframe.observers.step_error import KINDS
from sdeframe.observers.tally import EXTRAPOLATED
from sdeframe.observers.writing import written
from sdeframe.sums.estimates import Estimates

Dims = tuple[str, ...]


def told(record: CorrelationRecord, names: list[str], over: Dims) -> dict[str, Any]:
    """Return the correlations of all pairs with errors, with and without normalisation, as variables."""
    count, means = record.sums.estimates(0)
    at = {"": _over(record, means, over)}
    if record.sums.sums[-1].kind == EXTRAPOLATED:
        errors = record.sums.estimates(-2)[1].each(lambda z: z / record.sums.richardson)
        at |= dict(zip(KINDS, (_over(record, e, over) for e in (errors, record.sums.estimates(-1)[1])), strict=True))
    variables: dict[str, Any] = {}
    for p, name in enumerate(names):
        own = {kind: estimates[p * NAMES : (p + 1) * NAMES] for kind, estimates in at.items()}
        for kind, estimates in own.items():
            variables |= written(f"{name}{kind}", estimates[0], f"correlation {name}{_ABOUT[kind]}", over)
        normalised = FunctionOfMeans(AMPLITUDES if record.amplitudes[p] else OTHERS, MEANS, int(count.max(initial=1)))
        values = {
            kind: normalised.change(own[""], estimates) if kind == KINDS[0] else normalised.of(estimates)
            for kind, estimates in own.items()
        }
        for kind, value in values.items():
            what = f"normalised correlation {name}{_ABOUT[kind]}"
            variables |= written(f"{name}_normalised{kind}", value, what, over)
        variables[f"{name}_normalised"][-1].update(_untold(own[""][0], values[""]))
    return variables


_ABOUT: Final = dict(zip(("", *KINDS), ("", ", what the step adds", " without its step error"), strict=True))


def _over(record: CorrelationRecord, estimates: Estimates, over: Dims) -> Estimates:
    """Return estimates over the dimensions that are written."""
    shape = tuple({"start": len(record.lags.groups), "delay": len(record.lags.delays)}[name] for name in over)
    return estimates.each(lambda z: z.reshape(len(z), *shape))


def _untold(plain: Estimates, normalised: Estimates) -> dict[str, str]:
    """Return an attribute that says where a normalised correlation is not a number though the plain one is."""
    lacking = int(np.count_nonzero(np.isnan(normalised.mean) & ~np.isnan(plain.mean)))
    if not lacking:
        return {}
    return {
        UNTOLD: f"not a number at {lacking} of {normalised.mean.size} delays, where what divides lies within "
        f"{RESOLVED:g} standard errors of zero: take more trajectories"
    }
