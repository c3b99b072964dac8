"""Systems of which the gain of balanced sampling is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeframe.derivation import Boson, Coherent, Master, Wigner, derive
from sdeframe.derivation.starts.initial_values import initial_values
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4
from sdeframe.interfaces.increments import Octagon
from sdeframe.interfaces.model import SymbolicModel
from sdeframe.models import BoseHubbard, GeometricBrownianMotion, KerrOscillator, TavisCummings
from sdeframe.studies.validations.derived import eight_atoms, wigner_kerr
from sdeframe.studies.validations.sampling.gains import BOTH, Case

DERIVED: Final = 1e-7
"""What exact means of derived models may be wrong by: they leave out photon numbers."""

WEAK: Final = 0.05
"""The interaction U of the closed oscillator."""


def atoms(model: TavisCummings, dt: float, times: tuple[float, ...], **about: Any) -> Case:
    """Return the excited share of a Tavis-Cummings model."""
    name = f"N={model.atoms} {model.start} nph={model.photons:g} g={model.decay:g}"
    exact = None if "gauge" in about else model.exact
    about = {"name": name, "scheme": W2S4(dt), "exact": exact, **about}
    return Case(model=model, times=times, observed={"excited": model.excited}, **about)


def asked_cases() -> Iterator[Case]:
    """Yield the systems whose gains are asked for."""
    weak, strong = TavisCummings(100, 10.0), TavisCummings(10, 10.0)
    least = {1.0: 1e6, 2.0: 3e4, 3.0: 1e3}
    times = (1.0, 2.0, 3.0, 4.0)
    yield atoms(weak, 0.05, times, asked=least)
    octagon = W2S4(0.05, increments=Octagon())
    yield atoms(weak, 0.05, times, asked={1.0: 1e6}, name="the same, octagon", scheme=octagon)
    yield atoms(strong, 0.025, (0.5, 1.0, 1.5, 2.0, 2.5), asked={0.5: 5e4, 1.0: 2e3})
    gauged = {0.5: 1e5, 1.5: 70.0, 2.0: 8.0}
    yield atoms(strong, 0.025, (0.5, 1.0, 1.5, 2.0, 2.5), asked=gauged, name="the same, w⁴ gauge", gauge=QuarticDrift())


def equal_cases() -> Iterator[tuple[int, Case]]:
    """Yield numbers of atoms with systems of a photon an atom, whose gains grow as their third power."""
    for number in (10, 100):
        yield number, atoms(TavisCummings(number, float(number)), 0.05, (1.0,), block=2048)


def other_cases() -> Iterator[Case]:
    """Yield other systems, and what sampling cannot help."""
    for volatility in (0.2, 0.5, 1.0):
        model = GeometricBrownianMotion(growth=0.0, volatility=volatility)
        heavy = volatility > 0.2
        yield Case(
            f"geometric Brownian, σ={volatility:g}", model, W2S4(0.05), (1.0, 2.0, 5.0), model.observables,
            exact=model.exact, heavy=heavy,
        )  # fmt: skip
    yield atoms(TavisCummings(100, 10.0, decay=0.5), 0.05, (1.0, 2.0, 3.0, 4.0))
    yield atoms(TavisCummings(10, 10.0, decay=1.0), 0.025, (1.0, 2.0, 3.0))
    yield atoms(TavisCummings(100, 100.0), 0.05, (1.0, 2.0, 3.0, 3.5))
    yield atoms(TavisCummings(100, 0.0, start="excited"), 0.05, (1.0, 2.0, 3.0, 3.8))
    weights = TavisCummings(100, 100.0)
    yield atoms(weights, 0.05, (1.0, 2.0, 3.0, 3.6), name="N=100 nph=100, w⁴ gauge", gauge=QuarticDrift())
    yield from kerr_cases()
    yield from large_cases()


def kerr_cases() -> Iterator[Case]:
    """Yield Kerr oscillators in positive-P, and in truncated Wigner, whose starts are random."""
    model = KerrOscillator()
    a, n, _ = model.observables.values()
    yield Case(
        "driven Kerr, +P", model, W2S4(0.05), (1.0, 2.0, 5.0, 10.0, 20.0), {"amplitude": a, "photon_number": n},
        parts=BOTH, exact=model.exact, rounding=DERIVED,
    )  # fmt: skip
    yield wigner("closed Kerr, Wigner", WEAK, 0.0, 0.0, 3.0, exact=closed_wigner)
    yield wigner("damped driven Kerr, Wigner", 0.5, 1.0, 1.0, 1.0)


def wigner(name: str, interaction: float, drive: float, decay: float, amplitude: float, **about: Any) -> Case:
    """Return the Kerr oscillator H = (U/2) a†²a² + F (a + a†) with loss γ D[a] in truncated Wigner."""
    a = Boson("a")
    H = interaction / 2 * a.dag() ** 2 * a**2 + drive * (a + a.dag())
    derivation = derive(Master(H, [(decay, a)] if decay else []), Wigner())
    model = SymbolicModel(derivation.sde(), initial_values(derivation.master, Wigner(), {a: Coherent(amplitude)}))
    observed = {"amplitude": derivation.average(a), "photon_number": derivation.average(a.dag() * a)}
    return Case(name, model, W2S4(0.05), (1.0, 2.0, 5.0, 10.0), observed, parts=BOTH, **about)


def closed_wigner(times: ArrayLike) -> Mapping[str, NDArray[Any]]:
    """Return the means of the closed oscillator from amplitude 3 in truncated Wigner."""
    return wigner_kerr(3.0).solved(WEAK * np.asarray(times))


def large_cases() -> Iterator[Case]:
    """Yield systems with thousands of increments: a chain of ten sites, and eight atoms that all differ."""
    chain = BoseHubbard(sites=10)
    ends = ("amplitude_0", "amplitude_9", "photon_number_0", "photon_number_9")
    observed = {name: chain.observables[name] for name in ends}
    for exponent, count in ((12, 24), (13, 12), (14, 8)):
        yield Case(
            f"Bose-Hubbard, 10 sites, 2^{exponent}", chain, W2S4(0.05), (1.0, 2.0, 5.0), observed,
            block=2**exponent, trajectories=count * 2**exponent, parts=BOTH,
        )  # fmt: skip
    unequal = eight_atoms(field=0)
    observed = {name: unequal.observables[name] for name in ("excited_0", "excited_7", "photon_number")}
    yield Case(
        "8 unequal atoms, 2^14", unequal, W2S4(0.025), (0.2, 0.5, 1.0), observed, block=2**14,
        trajectories=8 * 2**14, exact=unequal.exact, rounding=DERIVED,
    )  # fmt: skip
