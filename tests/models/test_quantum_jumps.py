"""Quantum jumps of the open model against brute force, textbook formulas and the closed solution.

The statistical tests allow `SIGMAS` = 6.5 standard errors: with less than 2,000 comparisons in this file, on fixed
seeds, a false alarm has a probability below 2e-7.
"""

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import expm
from scipy.sparse.linalg import expm_multiply
from scipy.special import gammaln, xlogy

from sdeframe.compiled.random_numbers import JUMP, key, uniform_pair
from sdeframe.models.tavis_cummings import quantum_jumps
from sdeframe.models.tavis_cummings.closed_exact import closed_solution, dicke_block
from sdeframe.models.tavis_cummings.density_matrix import open_solution
from sdeframe.models.tavis_cummings.quantum_jumps import jump_solution, run_trajectories
from sdeframe.models.tavis_cummings.sample import Sample

SIGMAS = 6.5
SEED = 20240607
starts = pytest.mark.parametrize("start", ["ground", "excited"])


def agree(found, expected):
    """Compare within the standard errors; where they are 0 to rounding and the 1e-12 of photon numbers left out."""
    for name in expected:
        excess = np.abs(found[name] - expected[name]) - SIGMAS * found[f"{name}_se"]
        assert excess.max() < 1e-9, f"{name}: {found[name]} ± {found[f'{name}_se']}, expected {expected[name]}"


def single(times, atoms, excited, decay, photons, first=0, count=1):
    """Give the observables of trajectories that start with a given number of photons, shape (count, T, 3)."""
    values = np.empty((count, len(times), 3))
    run_trajectories()(values, first, atoms, excited, decay, np.asarray(times), photons, np.ones(1), *key(SEED))
    return values


def poisson(n, mean):
    return np.exp(xlogy(n, mean) - mean - gammaln(n + 1))


def operators(atoms, cutoff):
    """Give a and the lowering operators of every atom in the full product space, photons first."""
    a = sparse.diags_array(np.sqrt(np.arange(1.0, cutoff)), offsets=1)
    lower = sparse.csr_array([[0.0, 1.0], [0.0, 0.0]])  # basis (ground, excited)
    below = [
        sparse.kron(sparse.eye_array(cutoff * 2**mu), sparse.kron(lower, sparse.eye_array(2 ** (atoms - 1 - mu))))
        for mu in range(atoms)
    ]
    return sparse.kron(a, sparse.eye_array(2**atoms)).tocsr(), [b.tocsr() for b in below]


def pieces(atoms, photons, start, cutoff):
    """Give H, the lowering operators, the state at the start and the observables."""
    a, below = operators(atoms, cutoff)
    half = sum(b.T @ a for b in below) / np.sqrt(atoms)
    atomic = np.zeros(2**atoms)
    atomic[-1 if start == "excited" else 0] = 1.0
    probability = poisson(np.arange(cutoff), photons)
    observables = {"excited": sum(b.T @ b for b in below) / atoms, "photon_number": a.T @ a}
    observables |= {"pair": below[0].T @ below[1]} if atoms > 1 else {}
    return half + half.T, below, np.kron(probability, atomic), observables


def master_equation(atoms, photons, start, decay, times, cutoff):
    """Solve the master equation of eq. (1) literally, with every atom and the whole density matrix."""
    H, below, diagonal, observables = pieces(atoms, photons, start, cutoff)
    eye = sparse.eye_array(H.shape[0])
    effective = -1j * H - decay / 2 * sum(b.T @ b for b in below)
    generator = sparse.kron(effective, eye) + sparse.kron(eye, effective.conj())
    generator += decay * sum(sparse.kron(b, b) for b in below)
    rho = expm_multiply(generator.tocsr(), np.diag(diagonal).astype(complex).ravel(), times[0], times[-1], times.size)
    rho = rho.reshape(times.size, *H.shape)
    return {
        name: np.array([np.sum(operator.T.multiply(r)).real for r in rho]) for name, operator in observables.items()
    }


BRUTE_FORCE = [(1, 0.7, "ground", 9), (2, 0.6, "ground", 9), (2, 0.0, "excited", 3), (3, 0.3, "excited", 11)]


@pytest.mark.parametrize(
    ("atoms", "photons", "start", "cutoff"),
    [
        *(pytest.param(*case, marks=pytest.mark.long) for case in BRUTE_FORCE[:2]),
        *BRUTE_FORCE[2:],
        (4, 0.0, "excited", 5),
    ],
)
@pytest.mark.parametrize("decay", [0.5, pytest.param(2.0, marks=pytest.mark.long)])
def test_equals_the_master_equation(atoms, photons, start, cutoff, decay):
    """What is cut off, with a share below 5e-7, is far below the standard errors of some 1e-3."""
    times = np.linspace(0.0, 5.0, 11)
    found = jump_solution(Sample(atoms, photons, start, decay), times, 60_000, SEED, 2)
    agree(found, master_equation(atoms, photons, start, decay, times, cutoff))


@pytest.mark.parametrize(("atoms", "photons", "start", "cutoff"), BRUTE_FORCE)
def test_master_equation_equals_qutip(atoms, photons, start, cutoff):
    qutip = pytest.importorskip("qutip")
    H, below, diagonal, observables = pieces(atoms, photons, start, cutoff)
    times, decay = np.linspace(0.0, 2.0, 3), 0.5
    rho = qutip.Qobj(sparse.csr_matrix(np.diag(diagonal)))
    H, *losses = (qutip.Qobj(sparse.csr_matrix(part)) for part in (H, *(np.sqrt(decay) * b for b in below)))
    measured = {name: qutip.Qobj(sparse.csr_matrix(operator)) for name, operator in observables.items()}
    options = {"method": "adams", "atol": 1e-12, "rtol": 1e-10, "progress_bar": ""}
    result = qutip.mesolve(H, rho, times, losses, e_ops=measured, options=options)
    expected = master_equation(atoms, photons, start, decay, times, cutoff)
    for name, values in result.e_data.items():
        np.testing.assert_allclose(np.real(values), expected[name], rtol=0, atol=1e-8, err_msg=name)


@starts
@pytest.mark.parametrize("atoms", [3, 30])
def test_a_huge_field_drives_independent_atoms(atoms, start):
    """With n_ph -> ∞ each atom obeys the optical Bloch equations of its own, so that the pairs are products.

    The Rabi frequency 2√(n/N) varies from atom to atom by 1/√n relative, which averages to the square, 1e-10.
    """
    photons = 1e10 * atoms
    rabi, decay = 2e5, 1e5
    times = np.linspace(0.0, 6.0, 13) / rabi
    # d/dt of (Im ρeg, ρee, 1) with ρeg -> -i Im ρeg: the drift of eq. (A46) in a constant field A = rabi/2.
    generator = np.array([[-decay / 2, rabi, -rabi / 2], [-rabi, -decay, 0.0], [0.0, 0.0, 0.0]])
    bloch = np.array([expm(generator * t) @ [0.0, float(start == "excited"), 1.0] for t in times])
    found = jump_solution(Sample(atoms, photons, start, decay), times, 20_000, SEED, 2)
    for name, expected in (("excited", bloch[:, 1]), ("pair", bloch[:, 0] ** 2)):
        assert np.all(np.abs(found[name] - expected) < SIGMAS * found[f"{name}_se"] + 1e-5), name


def test_excitations_are_lost_at_the_rate_of_the_excited_atoms():
    """d<a†a + Nσee>/dτ = -γN<σee>, the sum of the rates of all channels, at many values of j."""
    atoms, decay, times = 20, 1.0, np.linspace(0.0, 3.0, 601)
    values = single(times, atoms, atoms, decay, 20, count=4_000)
    excited, photons = atoms * values[:, :, 0], values[:, :, 1]
    emitted = decay * np.trapezoid(excited, times, axis=1)  # the rule errs by less than 1e-4 here
    lost = excited[:, 0] + photons[:, 0] - excited[:, -1] - photons[:, -1]
    excess = lost - emitted
    assert abs(excess.mean()) < SIGMAS * excess.std() / np.sqrt(excess.size) + 1e-3


@starts
@pytest.mark.parametrize(("atoms", "photons"), [(1, 3), (10, 100), (100, 1000)])
def test_without_decay_equals_the_closed_blocks(atoms, photons, start):
    """No jump happens, and what is left is the error of the steps: 1e-9 of 1."""
    excited = atoms if start == "excited" else 0
    times = np.linspace(0.0, 10.0, 41)
    share, number, _ = single(times, atoms, excited, 0.0, photons)[0].T
    populations = dicke_block(atoms, photons + excited, excited, times)
    np.testing.assert_allclose(share, np.arange(len(populations)) / atoms @ populations, rtol=0, atol=1e-9)
    np.testing.assert_allclose(number + atoms * share, photons + excited, rtol=0, atol=1e-9)


@starts
def test_equals_the_density_matrix(start):
    times = np.linspace(0.0, 10.0, 21)
    found = jump_solution(Sample(10, 10.0, start, 0.5), times, 50_000, SEED, 2)
    agree(found, open_solution(Sample(10, 10.0, start, 0.5), times))


@starts
def test_without_decay_equals_the_closed_solution(start):
    times = np.linspace(0.0, 10.0, 11)
    found = jump_solution(Sample(10, 10.0, start, 0.0), times, 20_000, SEED, 2)
    agree(found, closed_solution(Sample(10, 10.0, start), times))


def test_jumps_happen_when_the_norm_meets_the_random_number():
    """One excited atom, no photons: |a|² = exp(-γτ/2) [(cos Ωτ - γ/(4Ω) sin Ωτ)² + sin²(Ωτ)/Ω²], Ω² = 1 - γ²/16."""
    decay = 1.0
    Omega, x = np.sqrt(1 - decay**2 / 16), np.linspace(0.0, 30.0, 3_000_001)
    atom = np.exp(-decay * x / 4) * (np.cos(Omega * x) - decay / (4 * Omega) * np.sin(Omega * x))
    field = np.exp(-decay * x / 4) * np.sin(Omega * x) / Omega
    norm = atom**2 + field**2
    for number in range(20):
        _, threshold = uniform_pair(np.uint64(number), 0, 0, JUMP, 0, *key(SEED))
        at = np.searchsorted(-norm, -threshold)
        assert 0 < at < x.size - 1
        before, after = single([x[at - 1], x[at + 1]], 1, 1, decay, 0, first=number)[0]
        expected = atom[at - 1] ** 2 / norm[at - 1]
        np.testing.assert_allclose(before, [expected, 1 - expected, 0.0], rtol=0, atol=1e-9)
        assert not after.any()


def test_same_bits_whatever_the_threads():
    runs = [jump_solution(Sample(5, 4.0, "excited", 0.5), [0.5, 3.0], 1_001, SEED, threads) for threads in (1, 2)]
    for name, values in runs[0].items():
        assert values.tobytes() == runs[1][name].tobytes(), name


def test_a_trajectory_does_not_depend_on_its_block():
    together = single([1.0, 4.0], 6, 6, 0.5, 3, count=8)
    apart = [single([1.0, 4.0], 6, 6, 0.5, 3, first=number)[0] for number in range(8)]
    np.testing.assert_array_equal(together, apart)


def test_seeds_differ():
    one, other = (jump_solution(Sample(3, 2.0, "ground", 0.5), [2.0], 10, seed, 1)["excited"] for seed in (1, 2))
    assert one != other


def test_output_times_change_nothing_and_may_have_any_order():
    few = jump_solution(Sample(4, 3.0, "excited", 0.5), [3.0, 0.7], 200, SEED, 1)
    many = jump_solution(Sample(4, 3.0, "excited", 0.5), np.linspace(0.0, 3.0, 31), 200, SEED, 1)
    for name in few:
        np.testing.assert_allclose(few[name], many[name][[30, 7]], rtol=0, atol=1e-12, err_msg=name)


def test_start():
    found = jump_solution(Sample(3, 5.0, "excited", 0.5), [0.0], 20_000, SEED, 2)
    assert found["excited"] == 1
    assert found["excited_se"] == found["pair"] == found["pair_se"] == 0
    assert found["photon_number_se"][0] == pytest.approx(np.sqrt(5 / 20_000), rel=0.05)


def test_ground_state_without_photons_stays():
    found = jump_solution(Sample(7, 0.0, "ground", 0.5), [0.0, 50.0], 10, SEED, 1)
    for values in found.values():
        assert not values.any()


def test_steps_that_leave_out_too_much_are_refused(monkeypatch):
    """The bound adds up: it is 6e-9 at τ = 10⁴ for three atoms, and grows with the time."""
    sample = Sample(3, 2.0, "excited", 1e-13)
    monkeypatch.setattr(quantum_jumps, "PROMISED", 7e-9)
    jump_solution(sample, [1e4], 2, 1, 1)
    with pytest.raises(ValueError, match=r"quantum jumps to τ = 20000 are not as accurate as promised.*shorter times"):
        jump_solution(sample, [2e4], 2, 1, 1)


def test_a_single_atom_has_no_pair():
    assert not {"pair", "pair_se"} & jump_solution(Sample(1, 2.0, "excited", 0.5), [1.0], 10, SEED, 1).keys()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"atoms": 0}, "atoms=0"),
        ({"atoms": 2.5}, "atoms=2.5"),
        ({"photons": -1.0}, "photons=-1.0"),
        ({"photons": np.nan}, "photons=nan"),
        ({"start": "up"}, "start='up'"),
        ({"decay": -0.5}, "decay=-0.5"),
        ({"decay": np.inf}, "decay=inf"),
        ({"times": [1.0, -1.0]}, "at least 0"),
        ({"times": [np.nan]}, "at least 0"),
        ({"trajectories": 1}, "trajectories=1"),
        ({"seed": -1}, "seed -1"),
        ({"threads": 0}, "threads=0"),
    ],
)
def test_bad_arguments(wrong, says):
    options = {"times": [1.0], "trajectories": 10, "seed": 1, "threads": 1}
    given = {"atoms": 2, "photons": 1.0, "start": "ground", "decay": 0.5, **options} | wrong
    options = {name: given.pop(name) for name in options}
    with pytest.raises(ValueError, match=says):
        jump_solution(Sample(**given), **options)
