"""Homodyne detection of a driven Kerr oscillator: QuTiP's solver beside the same equation and beside phase space."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping
from typing import Any, Final

import sympy as sp

from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model, SymbolicModel
from sdeframe.models import KerrOscillator
from sdeframe.observers import Moments
from sdeframe.running.simulation import simulate
from sdeframe.studies.benchmarks.peers.answers import Answer, ask, deviation
from sdeframe.studies.benchmarks.peers.catalogue import QUTIP
from sdeframe.studies.benchmarks.peers.environments import MissingPeerError
from sdeframe.studies.tables import Row
from sdeframe.symbolic.symbols import complex_variables, real_noises
from sdeframe.symbolic.system import SDE

MODEL: Final = KerrOscillator(interaction=0.5, drive=0.8, decay=1.0)
END, STEPS, LEVELS, COUNT = 2.0, 2000, 12, 4096
TASK: Final[Mapping[str, Any]] = {
    "interaction": MODEL.interaction, "drive": MODEL.drive, "decay": MODEL.decay, "levels": LEVELS, "dt": END / STEPS,
    "steps": STEPS, "rounds": 3, "seed": 17,
}  # fmt: skip
CASE: Final = "homodyne of a Kerr oscillator"
ERROR: Final = 1e-3
"""A standard error of the mean photon number, for which times are given."""
BIASES: Final = {"euler": 5e-3, "EulerMaruyama": 5e-3}
"""By how much a mean may be off because of the step, of order one; of other schemes a fifth of it."""


def unravelling() -> tuple[SymbolicModel, sp.Expr]:
    """Return the stochastic Schrödinger equation in the lowest number states, and the mean photon number.

    dψ = (-iH - c†c/2 + ec/2 - e²/8)ψ dt + (c - e/2)ψ dW with e = <c + c†> and c = √γ a.
    """
    psi, W = complex_variables(" ".join(f"psi{n}" for n in range(LEVELS))), real_noises("W")
    lowered = [sp.sqrt(n + 1) * psi[n + 1] if n + 1 < LEVELS else sp.S.Zero for n in range(LEVELS)]
    raised = [sp.sqrt(n) * psi[n - 1] if n else sp.S.Zero for n in range(LEVELS)]
    norm = sum(p * sp.conjugate(p) for p in psi)
    root = sp.sqrt(MODEL.decay)
    e = root * sum(sp.conjugate(p) * q + p * sp.conjugate(q) for p, q in zip(psi, lowered, strict=True)) / norm
    drift, noise = {}, {}
    for n, p in enumerate(psi):
        H = MODEL.interaction / 2 * n * (n - 1) * p + MODEL.drive * (lowered[n] + raised[n])
        c = root * lowered[n]
        drift[p] = -sp.I * H - MODEL.decay * n * p / 2 + e * c / 2 - e**2 * p / 8
        noise[p] = (c - e * p / 2) * W
    photons = sum(n * p * sp.conjugate(p) for n, p in enumerate(psi)) / norm
    return SymbolicModel(SDE(drift, noise), {p: float(n == 0) for n, p in enumerate(psi)}), photons


def ours(model: Model, photons: sp.Expr, scheme: Integrator, count: int) -> Answer:
    """Time sdeframe, in three rounds after one that compiles."""
    done = [
        simulate(
            model, scheme, observers=[Moments(mean=photons)], times=[END], trajectories=count, seed=17 + k, threads=1,
            progress=False,
        )
        for k in range(4)
    ][1:]  # fmt: skip
    means = tuple(float(result.dataset["mean"].values[0].real) for result in done)
    errors = tuple(float(result.dataset["mean_se"].values[0]) for result in done)
    seconds = tuple(result.seconds for result in done)
    return Answer(type(scheme).__name__, count, seconds, means, errors, statistics.median(seconds), "sdeframe")


def homodyne_rows() -> Iterator[Row]:
    """Yield the cost of a trajectory's step and the time to a standard error of the same mean."""
    try:
        theirs = ask(QUTIP, TASK)
    except MissingPeerError as error:
        yield Row(CASE, "qutip: ns", math.nan, note=str(error))
        theirs = []
    same = ours(*unravelling(), EulerMaruyama(END / STEPS), COUNT)
    base = same.nanoseconds(STEPS)
    yield from answer_rows("sdeframe, same equation", same, STEPS, base)
    for answer in theirs:
        yield from answer_rows("qutip", answer, STEPS, base)
    photons = sp.sympify(MODEL.observables["photon_number"])
    for scheme, steps in ((EulerMaruyama(END / STEPS), STEPS), (W2S4(END / 40), 40)):
        yield from answer_rows("sdeframe, positive-P", ours(MODEL, photons, scheme, 16 * COUNT), steps, base)


def answer_rows(name: str, answer: Answer, steps: int, base: float) -> Iterator[Row]:
    """Yield the rows of an answer."""
    exact = float(MODEL.exact([END])["photon_number"][0].real)
    off = deviation(answer, exact, BIASES.get(answer.scheme, 1e-3))
    label, cost = f"{name}, {answer.scheme}", answer.nanoseconds(steps)
    note = f"ratio {cost / base:.3g}, {off:.1f} errors off, spread {answer.spread:.2g}, dt {END / steps:g}"
    yield Row(CASE, f"{label}: ns", cost, passed=None if off < 5.0 else False, note=note)
    seconds = 1e-9 * cost * steps * (answer.spread / ERROR) ** 2
    yield Row(CASE, f"{label}: s to {ERROR:g}", seconds, note="a standard error, from measured spread")
