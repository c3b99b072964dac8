"""``sdeframe validate trust``: the trust horizon against the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from sdeframe.models import TavisCummings
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.trust_cases import (
    Case,
    Outcome,
    closed_cases,
    excited_case,
    first_order_cases,
    judge,
    kerr_case,
    open_cases,
    pair_loss_case,
    parametric_cases,
    ratios,
    weighted_cases,
    wrong,
)

SIZES: Final = {2_000: 3, 10_000: 2, 40_000: 1}
"""Ensembles of each case by their size: those that are judged together."""
WEIGHTED_SIZES: Final = {2_000: 3, 10_000: 2}
OSCILLATOR_SIZES: Final = {2_000: 60, 10_000: 30, 40_000: 10}
LARGE: Final = {200_000: 1, 1_000_000: 1}
"""What is shown beside."""
LARGE_CASES: Final = (
    TavisCummings(8, 4.8),
    TavisCummings(100, 0.0, start="excited"),
)
FIRST_SEED: Final = 730_000

MOST_WRONG: Final = 0.01
ASKED: Final = {"wrong": MOST_WRONG, "median of valid time": 0.9, "10th percentile": 0.75}
"""Of closed and open models together."""
RULES: Final = {"horizon": "trust horizon", "half_percent": "until 0.5 % are lost", "other": "until one is lost"}
WEIGHT_RULES: Final = {
    "horizon": "trust horizon",
    "half_percent": "until 0.5 % of weights are lost",
    "other": "while weights carry",
}


def trust(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold the trust horizon against exact means, on cases that no constant of it was chosen on."""
    sizes = SIZES if trajectories is None else {trajectories: 1}
    tables = {
        name: ensembles(cases(), sizes, threads) for name, cases in (("closed", closed_cases), ("open", open_cases))
    }
    pooled: list[Outcome] = []
    for name, table in tables.items():
        for size, outcomes in table.items():
            yield from rule_rows(f"{name}, {size:,}", outcomes)
            pooled += outcomes
    yield from rule_rows("closed and open, all sizes", pooled, asked=ASKED)
    for size, outcomes in ensembles(first_order_cases(), sizes, threads).items():
        yield from rule_rows(f"StochasticRK2, {size:,}", outcomes)
    weighed: list[Outcome] = []
    weighted_sizes = WEIGHTED_SIZES if trajectories is None else sizes
    for size, outcomes in ensembles(weighted_cases(), weighted_sizes, threads).items():
        yield from rule_rows(f"weighted, {size:,}", outcomes, WEIGHT_RULES)
        weighed += outcomes
    yield from rule_rows("weighted, all sizes", weighed, WEIGHT_RULES, {"wrong": MOST_WRONG})
    if trajectories is None:
        for size, outcomes in ensembles(map(excited_case, LARGE_CASES), LARGE, threads).items():
            yield from rule_rows(f"closed, {size:,}", outcomes)
    oscillators = OSCILLATOR_SIZES if trajectories is None else sizes
    for case in (kerr_case(), pair_loss_case(), *parametric_cases()):
        for size, outcomes in ensembles([case], oscillators, threads).items():
            yield from oscillator_rows(f"{case.name}, {size:,}", outcomes)


def ensembles(cases: Iterable[Case], sizes: dict[int, int], threads: int) -> dict[int, list[Outcome]]:
    """Return the outcomes of several ensembles of every case, by size, each of a seed of its own."""
    outcomes: dict[int, list[Outcome]] = {size: [] for size in sizes}
    for number, case in enumerate(cases):
        for size, repeats in sizes.items():
            for k in range(repeats):
                outcomes[size].append(judge(case, size, FIRST_SEED + 1000 * number + k + size % 997, threads))
    return outcomes


def rule_rows(
    name: str, outcomes: list[Outcome], rules: dict[str, str] = RULES, asked: dict[str, float] | None = None
) -> Iterator[Row]:
    """Yield how often each rule is wrong and how much of the valid time it gives; judge the horizon."""
    for rule, label in rules.items():
        share = ratios(outcomes, rule)
        found = {
            "wrong": wrong(outcomes, rule),
            "median of valid time": float(np.median(share)),
            "10th percentile": float(np.quantile(share, 0.1)),
        }
        for quantity, value in found.items():
            limit = asked.get(quantity) if asked and rule == "horizon" else None
            passed = None if limit is None else value < limit if quantity == "wrong" else value >= limit
            note = f"{len(outcomes)} ensembles" if quantity == "wrong" else ""
            yield Row(name, f"{label}: {quantity}", value, None, None, limit, passed, note)


def oscillator_rows(name: str, outcomes: list[Outcome]) -> Iterator[Row]:
    """Yield up to when each rule trusts an oscillator's mean at the most, and when the first mean is wrong."""
    valid = min(o.valid for o in outcomes)
    yield Row(name, "valid until, least", valid)
    for rule, label in RULES.items():
        times = [getattr(o, rule) for o in outcomes]
        passed = wrong(outcomes, rule) == 0 if rule == "horizon" else None
        share = np.median(ratios(outcomes, rule))
        note = f"least {min(times):.3g}, wrong {wrong(outcomes, rule):.1%}, median {share:.2f} of the valid time"
        yield Row(name, f"{label}, at most", max(times), None, None, None, passed, note)
