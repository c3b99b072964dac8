"""What a step costs a peer, as a ratio to what it costs here."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from sdeframe.integrators import W2S4, EulerMaruyama, StochasticRK2
from sdeframe.interfaces.integrator import Integrator
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments
from sdeframe.running.simulation import simulate
from sdeframe.studies.benchmarks.peers.answers import Answer, ask, ask_xmds, deviation, wrong
from sdeframe.studies.benchmarks.peers.catalogue import NOT_RUN, PEERS, QUOTED
from sdeframe.studies.benchmarks.peers.environments import MissingPeerError
from sdeframe.studies.tables import Row

MODEL: Final = TavisCummings(atoms=100, photons=10.0)
END: Final = 3.0
TASK: Final[Mapping[str, Any]] = {
    "atoms": MODEL.atoms, "photons": MODEL.photons, "dt": 1e-3, "steps": 3000, "rounds": 3, "seed": 17,
}  # fmt: skip
OURS: Final[Mapping[str, Integrator]] = {
    "euler": EulerMaruyama(1e-3), "StochasticRK2": StochasticRK2(1e-3), "W2S4": W2S4(1e-3),
}  # fmt: skip
COUNT: Final = 16_384
CASE: Final = f"step, N={MODEL.atoms} nph={MODEL.photons:g}"


@attrs.frozen
class Known:
    """What answers are held against."""

    exact: float
    spread: float
    biases: Mapping[str, float]
    """By scheme, at the step of the task."""


def ours(name: str, count: int = COUNT) -> Answer:
    """Time sdeframe on the task, random numbers and the mean included, compilation apart."""
    result = simulate(
        MODEL, OURS[name], observers=[Moments(mean=MODEL.excited)], times=[END], trajectories=count, seed=17, threads=1,
        progress=False,
    )  # fmt: skip
    ds = result.dataset
    mean, error = float(ds["mean"].values[0].real), float(ds["mean_se"].values[0])
    return Answer(name, count, (result.seconds,), (mean,), (error,), result.seconds, "sdeframe")


def own_rows(found: Mapping[str, list[Answer]]) -> Iterator[Row]:
    """Yield what a step costs here, medians of rounds in turn."""
    base = _median(found["euler"])
    for name, values in found.items():
        note = f"{_median(values) / base:.2f} x euler, {values[0].trajectories} trajectories, one thread"
        yield Row(CASE, f"sdeframe, {name}: ns", _median(values), note=note)


def _median(values: list[Answer]) -> float:
    return statistics.median(answer.nanoseconds(TASK["steps"]) for answer in values)


def own_rounds(rounds: int = 5) -> dict[str, list[Answer]]:
    """Time every scheme in turn, after a round that compiles."""
    found: dict[str, list[Answer]] = {name: [] for name in OURS}
    for _ in range(rounds + 1):
        for name, values in found.items():
            values.append(ours(name))
    return {name: values[1:] for name, values in found.items()}


def asked(only: tuple[str, ...]) -> Iterator[tuple[str, list[Answer] | MissingPeerError, float]]:
    """Yield what every peer answers, with what a step of Euler-Maruyama took here just before and after."""
    before = ours("euler").nanoseconds(TASK["steps"])
    for name in ("xmds2", *(peer.name for peer in PEERS)):
        if only and name not in only:
            continue
        try:
            said: list[Answer] | MissingPeerError = (
                ask_xmds(TASK) if name == "xmds2" else ask(next(p for p in PEERS if p.name == name), TASK)
            )
        except MissingPeerError as error:
            said = error
        after = ours("euler").nanoseconds(TASK["steps"])
        yield name, said, (before + after) / 2
        before = after


def peer_rows(name: str, said: list[Answer] | MissingPeerError, base: float, known: Known) -> Iterator[Row]:
    """Yield the rows of a peer: time, compilation, ratio, and how far it is off; or why there is none."""
    if isinstance(said, MissingPeerError):
        yield Row(CASE, f"{name}: ns", math.nan, note=str(said))
        return
    for answer in said:
        bias = known.biases[answer.scheme]
        bad = wrong(answer, known.exact, bias, known.spread)
        off = f"{deviation(answer, known.exact, bias):.1f} errors off"
        note = f"ratio {answer.nanoseconds(TASK['steps']) / base:.2f}, {bad or off}, {answer.version}"
        value = answer.nanoseconds(TASK["steps"])
        yield Row(CASE, f"{name}, {answer.scheme}: ns", value, passed=False if bad else None, note=note)
        yield Row(CASE, f"{name}, {answer.scheme}: s to compile", answer.compilation)


def quoted_rows() -> Iterator[Row]:
    """Yield what cannot be run here."""
    for name, reason in NOT_RUN.items():
        yield Row(CASE, f"{name}: ns", QUOTED.get(name, math.nan), note=reason)
