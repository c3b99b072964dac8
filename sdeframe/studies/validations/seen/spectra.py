"""``sdeframe validate spectra``: spectra in the steady state with their errors, over many ensembles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from sdeframe.derivation import Boson
from sdeframe.integrators import W2S4
from sdeframe.interfaces.model import Model, SymbolicModel
from sdeframe.models import OrnsteinUhlenbeck, ParametricOscillator
from sdeframe.observers import Spectrum, TimeAverage
from sdeframe.running.simulation import simulate
from sdeframe.studies.tables import Row
from sdeframe.studies.validations.seen.functions import ENSEMBLES, rows
from sdeframe.symbolic.symbols import complex_noises, complex_variables
from sdeframe.symbolic.system import SDE

Matrix = NDArray[np.complex128]

TRAJECTORIES: Final = 1_000
BEGIN: Final = 25.0
DT: Final = 0.2
COUNT: Final = 50
"""Output times in the window, from `BEGIN` on, `DT` apart."""
CHOSEN: Final = (COUNT // 2, COUNT // 2 + 2, COUNT // 2 - 5)
"""Places of the frequencies that are judged: 0, 1.26 and -3.14."""


@attrs.frozen
class Case:
    """Spectra of a linear system, with what the window shows of them."""

    name: str
    model: Model
    pairs: Mapping[str, Any]
    exact: Mapping[str, Matrix]

    def scores(self, trajectories: int, threads: int) -> Iterator[tuple[str, Matrix, Matrix]]:
        """Yield a name with deviations and errors of all ensembles, of both parts as complex numbers."""
        times = BEGIN + DT * np.arange(COUNT)
        window = (times[0], times[-1])
        averages = TimeAverage(window=window, **{f"{k}0": a * b for k, (a, b) in self.pairs.items()})
        runs = [
            simulate(
                self.model, W2S4(0.025), observers=[Spectrum(window=window, **self.pairs), averages], times=times,
                trajectories=trajectories, seed=seed, threads=threads, progress=False,
            ).dataset
            for seed in range(ENSEMBLES)
        ]  # fmt: skip
        for name, exact in self.exact.items():
            omega = runs[0]["frequency"].values
            for at in CHOSEN:
                told = [(ds[name][at].item(), ds[f"{name}_se"][at], ds[f"{name}_imag_se"][at]) for ds in runs]
                yield f"{name}({omega[at]:.2f})", *_apart(told, exact[at])
            told = [(ds[f"{name}0"].item(), ds[f"{name}0_se"], ds[f"{name}0_imag_se"]) for ds in runs]
            yield f"time average of {name}", *_apart(told, exact.sum() / (COUNT * DT))


def _apart(told: list[Any], exact: complex) -> tuple[Matrix, Matrix]:
    values, real, imaginary = np.array([[complex(v) for v in row] for row in told]).T
    return values - exact, real + 1j * imaginary


def spectra(trajectories: int | None, threads: int) -> Iterator[Row]:
    """Hold spectra of 400 ensembles against what their window shows of exact ones, and errors against their spread."""
    for case in cases():
        for name, away, errors in case.scores(trajectories or TRAJECTORIES, threads):
            yield from rows(case.name, name, BEGIN, away, errors)


def shown(drift: ArrayLike, diffusion: ArrayLike, early: int, late: int) -> Matrix:
    """Return what the window shows of ∫ ⟨v_i*(t) v_j(t+τ)⟩ e^{iωτ} dτ, by ascending frequency.

    Parameters
    ----------
    drift, diffusion
        Of dv = -M v dt + noise of the covariance D dt, stationary: M C + C M† = D with C = ⟨v v†⟩.
    early, late
        i and j.
    """
    from scipy.linalg import expm, solve_sylvester

    M, D = np.atleast_2d(drift).astype(complex), np.atleast_2d(diffusion).astype(complex)
    C = solve_sylvester(M, M.conj().T, D)
    m = np.arange(COUNT)
    after = np.array([expm(-M * DT * k) @ C for k in m])  # ⟨v(t+τ) v(t)†⟩
    later, earlier = after[:, late, early], after[:, early, late].conj()
    omega = 2 * np.pi * (m - COUNT // 2) / (COUNT * DT)
    turns = (1 - m / COUNT) * np.exp(1j * DT * np.outer(omega, m))
    return DT * (turns @ later + turns.conj()[:, 1:] @ earlier[1:])


def cases() -> Iterator[Case]:
    """Yield a real process, a mode that drives another one, and a parametric oscillator in positive-P."""
    walker = OrnsteinUhlenbeck()
    x = walker.observables["x"]
    yield Case("Ornstein-Uhlenbeck", walker, {"S": (x, x)}, {"S": shown(1, 1, 0, 0)})
    z, y = complex_variables("z y")
    driven = SDE({z: -(sp.Rational(1, 2) + sp.I) * z, y: z - y}, {z: complex_noises("F")})
    M, D = np.array([[0.5 + 1j, 0], [-1, 1]]), np.diag([1, 0])
    pairs = {"line": (sp.conjugate(z), z), "cross": (sp.conjugate(z), y)}
    exact = {"line": shown(M, D, 0, 0), "cross": shown(M, D, 0, 1)}
    yield Case("one mode driving another", SymbolicModel(driven, {z: 0, y: 0}), pairs, exact)
    oscillator, a = ParametricOscillator(pump=0.2, decay=1.0, pair_decay=0), Boson("a")
    plus, minus = map(oscillator.derivation.average, (a + a.dag(), -1j * a + 1j * a.dag()))
    inside = {"plus": shown(0.3, 0.4, 0, 0), "minus": shown(0.7, -0.4, 0, 0)}
    yield Case("parametric oscillator", oscillator, {"plus": (plus, plus), "minus": (minus, minus)}, inside)
