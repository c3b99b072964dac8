"""Exact photon statistics against closed forms, another solution and moments."""

import numpy as np
import pytest
from scipy import stats

from sdeframe.derivation import (
    Boson,
    Coherent,
    Emitters,
    Master,
    Squeezed,
    Thermal,
    exact_means,
    exact_photon_distribution,
)
from sdeframe.models import TavisCummings

a, b = Boson("a"), Boson("b")
n = a.dag() * a


@pytest.mark.parametrize(
    ("start", "law"),
    [
        (Coherent(2), lambda k: stats.poisson.pmf(k, 4)),
        (Thermal(0.5), lambda k: stats.geom.pmf(k + 1, 1 / 1.5)),
        (Squeezed(0.5), lambda k: np.where(k % 2, 0, stats.nbinom.pmf(k // 2, 0.5, 1 / np.cosh(0.5) ** 2))),
    ],
)
def test_states_at_the_start(start, law):
    (found,) = exact_photon_distribution(Master(n), a, {a: start}, [0.0])
    assert found == pytest.approx(law(np.arange(found.size)), abs=1e-10)


def test_loss_leaves_a_coherent_state_coherent():
    found = exact_photon_distribution(Master(0 * n, [(1, a)]), "a", {a: Coherent(2)}, [0.0, 0.5, 2.0])
    k = np.arange(found.shape[1])
    assert found == pytest.approx(stats.poisson.pmf(k, 4 * np.exp(-np.array([[0.0], [0.5], [2.0]]))), abs=1e-9)


def test_another_mode_and_emitters_are_traced_out():
    atoms, times = Emitters("rho", levels="ge", size=3), [0.0, 1.0, 2.0]
    H = (atoms.sum("eg") * a + atoms.sum("ge") * a.dag()) / np.sqrt(3) + b.dag() * b
    start = {a: Coherent(np.sqrt(2)), b: Coherent(0.1), atoms: "g"}
    found = exact_photon_distribution(Master(H), a, start, times)
    expected = TavisCummings(3, 2.0).photon_distribution(times)
    assert found[:, :20] == pytest.approx(expected[:, :20], abs=1e-9)


def test_moments_are_those_of_operators():
    master, times = Master(0.25 * a.dag() ** 2 * a**2 + 0.2 * (a + a.dag()), [(1, a)]), [0.5, 3.0]
    found = exact_photon_distribution(master, a, {a: Coherent(1)}, times)
    k = np.arange(found.shape[1])
    means = exact_means(master, {"n": n, "pairs": a.dag() ** 2 * a**2}, {a: Coherent(1)}, times)
    assert found @ k == pytest.approx(means["n"].real, abs=1e-8)
    assert found @ (k * (k - 1)) == pytest.approx(means["pairs"].real, abs=1e-7)


def test_a_mode_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="mode='c': the master equation has a"):
        exact_photon_distribution(Master(n), "c", {a: Coherent(1)}, [0.0])
