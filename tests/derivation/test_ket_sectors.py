"""Kets of one number of quanta."""

import numpy as np
import pytest
from sympy import sqrt

from sdeframe import simulate
from sdeframe.derivation import Boson, Emitters, Ket, Master, PositiveP
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.groups import Groups
from sdeframe.integrators import W2S4
from sdeframe.models import TavisCummings
from sdeframe.observers import PairMoments
from sdeframe.sampling.errors import student_limit
from sdeframe.symbolic.symbols import parameters

a, b = Boson("a"), Boson("b")
N, U = parameters("N U", positive=True)


def exchange(start, photons, atoms=3, E=None, representation=Ket):
    cloud = Emitters("s", "ge", atoms)
    H = (a * cloud.sum("eg") + a.dag() * cloud.sum("ge")) / sqrt(atoms)
    return QuantumModel(
        Master(H), representation(sector=E) if representation is Ket else representation(),
        start={a: sqrt(photons), cloud: start}, observables={"excited": cloud.sum("ee") / atoms, "n": a.dag() * a},
    )  # fmt: skip


@pytest.mark.parametrize("start", ["ground", "excited"])
def test_sectors_together_are_the_whole(start):
    q, times = exchange(start[0], 2), np.array([0.0, 1.0, 4.0])
    whole = TavisCummings(3, 2, start=start).exact(times)["excited"]
    P = q.sector_weights
    assert sum(P.values()) == pytest.approx(1, abs=1e-9)
    assert min(P) == (3 if start == "excited" else 0)
    parts = [p * exchange(start[0], 2, E=E).exact(times)["excited"] for E, p in P.items() if p > 1e-8]
    np.testing.assert_allclose(sum(parts), whole, atol=1e-6)


def test_probabilities_are_those_of_amplitudes_and_levels():
    cloud, H = Emitters("z", "ge", 2), a.dag() * b + b.dag() * a
    q = QuantumModel(Master(U * H), Ket(), start={a: 1.0, b: 0.5j}, parameters={"U": 1.0}, observables={"n": H})
    poisson = np.exp(-1.25) * np.cumprod([1, *[1.25 / k for k in range(1, 8)]])
    np.testing.assert_allclose([q.sector_weights[E] for E in range(8)], poisson, rtol=1e-9)
    start = {a: 0, cloud: [0.6, 0.8]}
    atoms = QuantumModel(
        Master(a * cloud.sum("eg") + a.dag() * cloud.sum("ge")), Ket(), start=start, observables={"n": a.dag() * a}
    )
    assert atoms.sector_weights == pytest.approx({0: 0.36**2, 1: 2 * 0.36 * 0.64, 2: 0.64**2})


@pytest.mark.parametrize(("start", "E"), [("g", 2), ("e", 5), ("g", 0)])
def test_averages_within_a_sector_are_exact(start, E):
    """Within 7 standard errors of 20 groups: false alarms below 1e-6 each."""
    q = exchange(start, 2, E=E)
    found = simulate(
        q, W2S4(0.05), gauge=Decoupled(q.log_norm), observers=[PairMoments(**q.observables)], times=[0.0, 0.5, 1.0],
        trajectories=2000, groups=Groups(100), seed=3, progress=False,
    ).dataset  # fmt: skip
    exact, limit = q.exact(found["time"].values), student_limit(20, 5.2)
    assert found["sum_w2"][0] == pytest.approx(1)
    np.testing.assert_allclose((found["n"] + 3 * found["excited"]).real, E, atol=1e-9)
    for name in q.observables:
        assert np.all(abs(found[name].values.real - exact[name].real) <= limit * found[f"{name}_se"] + 1e-3)


def refused(match, kind=ValueError):
    return pytest.raises(kind, match=match)


def test_what_has_no_sectors_is_refused():
    with refused("sector=-1 in Ket: must be a number of quanta"):
        Ket(sector=-1)
    with refused("cutoffs follow from the sector"):
        Ket({"a": 3}, sector=2)
    with refused("sector=2 in Ket: the start holds no state with so many quanta"):
        exchange("e", 2, E=2)
    with refused("changes the number of quanta"):
        _ = exchange("g", 2, E=2).between(a)
    driven = Master(a + a.dag())
    with refused("sector=2 in Ket: H conserves no number of quanta"):
        QuantumModel(driven, Ket(sector=2), start={a: 1}, observables={"n": a.dag() * a})
    with refused("it conserves no number of quanta"):
        _ = QuantumModel(driven, Ket({"a": 9}), start={a: 1}, observables={"n": a.dag() * a}).sector_weights
    with refused("only kets have sectors", TypeError):
        _ = exchange("g", 2, representation=PositiveP).sector_weights
