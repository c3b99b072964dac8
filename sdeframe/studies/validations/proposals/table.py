"""``sdeframe validate proposed``: proposed poles in the place of those that were declared, against exact means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import attrs
import numpy as np

from sdeframe.campaigns.proposed_poles import propose_poles
from sdeframe.studies.tables import Row
from sdeframe.studies.validations import derived
from sdeframe.studies.validations.proposals.held_out import held_out_cases
from sdeframe.studies.validations.trust_cases import (
    Case,
    Outcome,
    closed_cases,
    judge,
    kerr_case,
    open_cases,
    pair_loss_case,
    parametric_cases,
    wrong,
)

SIZES: Final = {2_000: 3, 10_000: 1}
"""Ensembles of each case by their size."""
HELD_OUT_SIZES: Final = {2_000: 20, 10_000: 5}
FIRST_SEED: Final = 960_000
LEAST: Final = 0.8
"""What the median horizon must be, of that with the poles that were declared."""


def proposed(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold proposed poles against declared ones, on the cases of trust and derived and on others."""
    yield from group_rows("closed", closed_cases(), SIZES, trajectories, threads)
    yield from group_rows("open", open_cases(), SIZES, trajectories, threads)
    oscillators = chain([kerr_case(), pair_loss_case()], parametric_cases())
    yield from group_rows("oscillators", oscillators, HELD_OUT_SIZES, trajectories, threads)
    yield from group_rows("derived", derived_cases(), SIZES, trajectories, threads)
    yield from group_rows("held out", held_out_cases(), HELD_OUT_SIZES, trajectories, threads)


def derived_cases() -> Iterator[Case]:
    """Yield the first observable of every case of `validate derived` that has a real one."""
    for case in derived.cases():
        observables = dict(case.observables or case.model.observables)
        exact = case.solved(case.times)
        real = (name for name in observables if np.abs(np.imag(exact[name])).max() < derived.REFERENCE)
        name = next(real)
        values = np.real(exact[name])
        unit = float(np.abs(values).max())
        yield Case(case.name, case.model, case.scheme, case.times, observables[name], values, unit=unit)


@attrs.frozen
class Pair:
    """What became of the same ensemble with declared and with proposed poles."""

    declared: Outcome
    proposed: Outcome

    @property
    def share(self) -> float:
        """The horizon with proposed poles over that with declared ones; 1 where neither trusts any time."""
        if not self.declared.horizon:
            return np.inf if self.proposed.horizon else 1.0
        return self.proposed.horizon / self.declared.horizon


def group_rows(
    name: str, cases: Iterable[Case], sizes: dict[int, int], trajectories: int | None, threads: int
) -> Iterator[Row]:
    """Yield a row for every case, and the verdict on all of them together."""
    counts = sizes if trajectories is None else {trajectories: 1}
    found: list[Pair] = []
    for number, case in enumerate(cases):
        own = pairs(case, counts, FIRST_SEED + 1000 * number, threads)
        yield Row(case.name, "horizon, proposed / declared", float(np.median([p.share for p in own])), note=told(own))
        found += own
    yield from verdicts(name, found)


def pairs(case: Case, sizes: dict[int, int], seed: int, threads: int) -> list[Pair]:
    """Return several ensembles of a case, each judged twice."""
    model = propose_poles(
        case.model, case.scheme, times=case.times, seed=seed, threads=threads, mean=case.observed
    ).model
    again = attrs.evolve(case, model=model)
    seeds = [(size, seed + 1 + k + size % 997) for size, repeats in sizes.items() for k in range(repeats)]
    return [Pair(*(judge(each, size, s, threads) for each in (case, again))) for size, s in seeds]


def told(found: list[Pair]) -> str:
    """Return horizons and the times up to which means were right, in words."""
    middle = [
        float(np.median(values))
        for values in (
            [p.proposed.horizon for p in found],
            [p.declared.horizon for p in found],
            [p.proposed.valid for p in found],
        )
    ]
    bad = sum(p.proposed.horizon > p.proposed.valid + 1e-9 for p in found)
    return f"to {middle[0]:.3g}, declared {middle[1]:.3g}, right to {middle[2]:.3g}; {bad} of {len(found)} wrong"


def verdicts(name: str, found: list[Pair]) -> Iterator[Row]:
    """Yield how many certificates are wrong, with proposed and with declared poles, and the median of their ratio."""
    count = f"{len(found)} ensembles"
    bad = wrong([p.proposed for p in found], "horizon")
    share = float(np.median([p.share for p in found]))
    yield Row(name, "proposed: wrong certificates", bad, reference=0.0, passed=bad == 0, note=count)
    yield Row(name, "declared: wrong certificates", wrong([p.declared for p in found], "horizon"), note=count)
    yield Row(name, "horizon, proposed / declared: median", share, reference=LEAST, passed=share >= LEAST, note=count)
