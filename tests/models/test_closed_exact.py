"""The exact closed solution against brute force, textbook formulas and its own promises."""

import json
import runpy
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.linalg import eigh_tridiagonal
from scipy.sparse.linalg import expm_multiply
from scipy.special import gammaln, pdtr, pdtrc, xlogy

from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings import closed_exact
from sdeframe.models.tavis_cummings.closed_exact import (
    closed_photon_distribution,
    closed_solution,
    dicke_block,
    poisson_window,
)
from sdeframe.models.tavis_cummings.density_matrix import open_photon_distribution, open_solution
from sdeframe.models.tavis_cummings.sample import Sample

DATA = Path(__file__).parents[1] / "data"
TABLE = json.loads((files("sdeframe.studies.validations") / "data" / "closed_qutip.json").read_text())
TIMES = np.linspace(0.0, 5.0, 51)
AT_START = {"ground": 0.0, "excited": 1.0}
starts = pytest.mark.parametrize("start", ["ground", "excited"])


def poisson(n, mean):
    return np.exp(xlogy(n, mean) - mean - gammaln(n + 1))


def compare(solution, reference, atol):
    for name in ("excited", "photon_number"):
        np.testing.assert_allclose(solution[name], reference[name], rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda c: f"{c['atoms']}-{c['photons']}-{c['start']}")
def test_equals_stored_qutip_values(case):
    compare(closed_solution(Sample(case["atoms"], case["photons"], case["start"]), TABLE["times"]), case, 1e-11)


@starts
@pytest.mark.parametrize("atoms", [1, 2, 3])
def test_equals_qutip(atoms, start):
    pytest.importorskip("qutip")
    solve = runpy.run_path(str(DATA / "make_closed_qutip.py"))["solve"]
    times = np.linspace(0.0, 3.0, 7)
    compare(closed_solution(Sample(atoms, 0.7, start), times), solve(atoms, 0.7, start, times), 1e-8)


def product_space(atoms, photons, start, times, cutoff=32):
    """Solve eq. (1) literally: each atom a two-level system, the field one pure coherent state."""
    n = np.arange(cutoff)
    a = sparse.diags_array(np.sqrt(n[1:]), offsets=1)
    up = sparse.csr_array([[0.0, 0.0], [1.0, 0.0]])  # basis (ground, excited)

    def on_atom(mu, operator):
        left, right = sparse.eye_array(2**mu), sparse.eye_array(2 ** (atoms - 1 - mu))
        return sparse.kron(sparse.kron(left, operator), right)

    raising = sum(on_atom(mu, up) for mu in range(atoms))
    absorption = sparse.kron(raising, a) / np.sqrt(atoms)
    share = sparse.kron(sum(on_atom(mu, up @ up.T) for mu in range(atoms)) / atoms, sparse.eye_array(cutoff))
    pair = sparse.kron(on_atom(0, up) @ on_atom(1, up.T), sparse.eye_array(cutoff))
    number = sparse.kron(sparse.eye_array(2**atoms), sparse.diags_array(n.astype(float)))
    atomic = np.zeros(2**atoms)
    atomic[-1 if start == "excited" else 0] = 1.0
    psi = np.kron(atomic, np.sqrt(poisson(n, photons))).astype(complex)
    generator = (-1j * (absorption + absorption.T)).tocsr()
    states = expm_multiply(generator, psi, times[0], times[-1], times.size, traceA=0.0)
    return {
        "excited": [np.vdot(s, share @ s).real for s in states],
        "photon_number": [np.vdot(s, number @ s).real for s in states],
        "pair": [np.vdot(s, pair @ s).real for s in states],
        "photons": [np.sum(np.abs(s.reshape(-1, cutoff)) ** 2, axis=0) for s in states],
    }


@starts
def test_equals_literal_product_space(start):
    """Also a test of conservation: here <a†a> is measured, there it follows from <σee>."""
    times = np.linspace(0.0, 4.0, 9)
    found, literal = closed_solution(Sample(6, 1.5, start), times), product_space(6, 1.5, start, times)
    compare(found, literal, 1e-10)
    np.testing.assert_allclose(found["pair"], literal["pair"], rtol=0, atol=1e-10)
    photons = closed_photon_distribution(Sample(6, 1.5, start), times)
    np.testing.assert_allclose(photons, np.array(literal["photons"])[:, : photons.shape[1]], rtol=0, atol=1e-10)


@starts
@pytest.mark.parametrize("decay", [0.0, 0.8])
@pytest.mark.parametrize(("atoms", "photons"), [(1, 0.0), (1, 2.0), (4, 0.3), (5, 7.0)])
def test_photon_distribution_has_the_photon_number_and_starts_poissonian(atoms, photons, start, decay):
    times = np.array([2.0, 0.0, 0.7])  # in any order
    found = TavisCummings(atoms, photons, decay, start).photon_distribution(times)
    n = np.arange(found.shape[1])
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found[1], poisson(n, photons), rtol=0, atol=2e-12)
    number = open_solution(Sample(atoms, photons, start, decay), times)["photon_number"]
    np.testing.assert_allclose(found @ n, number, rtol=0, atol=1e-9)


@starts
def test_photon_distributions_of_both_methods_agree(start):
    closed = closed_photon_distribution(Sample(6, 2.5, start), TIMES)
    opened = open_photon_distribution(Sample(6, 2.5, start, 0.0), TIMES)
    np.testing.assert_allclose(closed, opened, rtol=0, atol=1e-11)


@pytest.mark.parametrize("photons", [0.0, 0.1, 4.0, 100.0])
def test_one_atom_is_jaynes_cummings(photons):
    n = np.arange(300.0)
    square = np.multiply.outer(TIMES, np.sqrt([n, n + 1]))  # half the Rabi frequency is √n, √(n+1)
    ground, excited = np.sin(square[:, 0]) ** 2, np.cos(square[:, 1]) ** 2
    for start, each in (("ground", ground), ("excited", excited)):
        found = closed_solution(Sample(1, photons, start), TIMES)["excited"]
        np.testing.assert_allclose(found, each @ poisson(n, photons), rtol=0, atol=2e-12)


def test_one_atom_in_a_huge_field():
    mean = 1e6
    n = np.arange(mean - 8e3, mean + 8e3)
    expected = np.sin(np.multiply.outer(TIMES, np.sqrt(n))) ** 2 @ poisson(n, mean)
    found = closed_solution(Sample(1, mean, "ground"), TIMES)["excited"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)  # rounding of gammaln(1e6) in `poisson`


def test_empty_field_and_ground_state_stay():
    found = closed_solution(Sample(5, 0.0, "ground"), TIMES)
    assert not found["excited"].any()
    assert not found["photon_number"].any()


@pytest.mark.parametrize("atoms", [1, 7, 100])
def test_one_photon_oscillates_at_the_collective_frequency(atoms):
    found = dicke_block(atoms, 1, 0, TIMES)
    np.testing.assert_allclose(found, [np.cos(TIMES) ** 2, np.sin(TIMES) ** 2], rtol=0, atol=1e-14)


@starts
@pytest.mark.parametrize("atoms", [10, 100])
def test_many_photons_rotate_a_rigid_spin(atoms, start):
    """At E >> N the photon number is E - N/2 ± N/2: a spin in a classical field, up to O(N/√E) in the angle."""
    E = 10**10
    tau = np.linspace(0.0, 6.0, 31) / np.sqrt(E / atoms)
    found = np.arange(atoms + 1) / atoms @ dicke_block(atoms, E, atoms if start == "excited" else 0, tau)
    rotated = np.sin(np.sqrt(E / atoms) * tau) ** 2
    np.testing.assert_allclose(found, rotated if start == "ground" else 1 - rotated, rtol=0, atol=1e-7)


@starts
@pytest.mark.parametrize("atoms", [10, 100])
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0, 10.0])
def test_small_times(atoms, share, start):
    """The generator applied twice to ρee at the start: -2[(2ρee-1) A Ad + ρee/N + ρeg ρge (1-1/N)], g = 0."""
    h, rho_ee, A_Ad = 2e-3, AT_START[start], share
    p0, p1, p2 = closed_solution(Sample(atoms, share * atoms, start), np.array([0.0, h, 2 * h]))["excited"]
    second = (16 * (p1 - p0) - (p2 - p0)) / (6 * h**2)  # free of the fourth derivative
    expected = -2 * ((2 * rho_ee - 1) * A_Ad + rho_ee / atoms)
    assert p0 == pytest.approx(rho_ee, abs=1e-14)
    assert second == pytest.approx(expected, rel=1e-7, abs=1e-9)


@given(st.integers(1, 12), st.floats(0.0, 30.0), st.sampled_from(["ground", "excited"]))
def test_bounds_and_start(atoms, photons, start):
    found = closed_solution(Sample(atoms, photons, start), TIMES)
    p, number = found["excited"], found["photon_number"]
    total = photons + atoms * AT_START[start]
    assert p[0] == pytest.approx(AT_START[start], abs=1e-13)
    assert number[0] == pytest.approx(photons, abs=1e-11)
    assert p.min() >= -1e-13
    assert p.max() <= 1 + 1e-13
    assert number.min() >= -1e-11
    assert number.max() <= total + 1e-11


@starts
@pytest.mark.parametrize("tolerance", [1e-4, 1e-8])
@pytest.mark.parametrize(("atoms", "photons"), [(1, 0.1), (3, 1.5), (10, 10.0), (10, 100.0)])
def test_tolerance_is_honoured(atoms, photons, start, tolerance):
    rough = closed_solution(Sample(atoms, photons, start), TIMES, tolerance)
    fine = closed_solution(Sample(atoms, photons, start), TIMES, 1e-14)
    assert np.abs(rough["excited"] - fine["excited"]).max() <= tolerance
    assert np.abs(rough["photon_number"] - fine["photon_number"]).max() <= atoms * tolerance


@given(st.floats(0.0, 1e5), st.floats(-14.0, -0.01))
def test_window_drops_at_most_the_tolerance(mean, exponent):
    n, probability = poisson_window(mean, 10**exponent)
    below = pdtr(n[0] - 1.0, mean) if n[0] > 0 else 0.0
    assert below + pdtrc(float(n[-1]), mean) <= 10**exponent
    assert probability.sum() == pytest.approx(1)


def test_window_is_not_wasteful():
    """At mean 1000 the shortest window that drops at most 1e-12 holds about 450 numbers."""
    assert poisson_window(1e3, 1e-12)[0].size < 500


@pytest.mark.parametrize("mean", [0.0, 0.3, 10.0, 1e3, 1e6])
def test_window_is_poissonian(mean):
    n, probability = poisson_window(mean, 1e-15)
    assert probability @ n == pytest.approx(mean, rel=1e-12)
    assert probability @ (n - mean) ** 2 == pytest.approx(mean, rel=1e-10)


@pytest.mark.parametrize("time", [np.nan, np.inf, 1e16, -1e20])
@pytest.mark.parametrize("solve", [closed_solution, closed_photon_distribution])
def test_times_that_have_no_digits_are_refused(solve, time):
    with pytest.raises(ValueError, match=r"times contain .*give finite ones up to 3e\+09, beyond which rounding"):
        solve(Sample(3, 1.0, "ground"), [1.0, time])


@pytest.mark.parametrize("off", [1e-8, np.nan])
@pytest.mark.parametrize("part", [0, 1])
def test_a_defect_is_told(monkeypatch, part, off):
    """Of energies (the residual) or of states (both)."""

    def wrong(*arguments):
        found = [*eigh_tridiagonal(*arguments)]
        found[part] = found[part] + off * (1 + np.arange(found[part].size).reshape(found[part].shape))
        return found

    monkeypatch.setattr(closed_exact, "eigh_tridiagonal", wrong)
    with pytest.raises(RuntimeError, match=r"the closed solution is wrong: .* states have a residual of"):
        closed_solution(Sample(3, 2.0, "ground"), TIMES)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"atoms": 0}, "atoms=0"),
        ({"atoms": 2.5}, "atoms=2.5"),
        ({"photons": -1.0}, "photons=-1.0"),
        ({"photons": np.inf}, "photons=inf"),
        ({"photons": np.nan}, "photons=nan"),
        ({"start": "up"}, "start='up'"),
        ({"tolerance": 0.0}, "tolerance=0.0"),
        ({"tolerance": 1.0}, "tolerance=1.0"),
    ],
)
def test_bad_arguments(wrong, says):
    given = {"atoms": 2, "photons": 1.0, "start": "ground", "tolerance": 1e-12} | wrong
    tolerance = given.pop("tolerance")
    with pytest.raises(ValueError, match=says):
        closed_solution(Sample(**given), TIMES, tolerance)
