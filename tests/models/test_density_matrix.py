"""The exact open solution against brute force, the closed solution and its own promises."""

import json
import runpy
from importlib.resources import files
from pathlib import Path

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import simpson

from sdeframe.models.tavis_cummings import density_matrix, density_matrix_rates
from sdeframe.models.tavis_cummings.closed_exact import closed_solution
from sdeframe.models.tavis_cummings.density_matrix import ORDER, open_solution, open_work
from sdeframe.models.tavis_cummings.density_matrix_rates import emission, rate_table, row_count
from sdeframe.models.tavis_cummings.sample import Sample

DATA = Path(__file__).parents[1] / "data"
TABLE = json.loads((files("sdeframe.studies.validations") / "data" / "open_qutip.json").read_text())
ACCURACY = {"brute_force": 1e-11, "dicke_space": 1e-7}  # piqs holds its rates in single precision
TIMES = np.linspace(0.0, 5.0, 26)
starts = pytest.mark.parametrize("start", ["ground", "excited"])


def compare(solution, reference, atol):
    for name in solution:
        np.testing.assert_allclose(solution[name], reference[name], rtol=0, atol=atol, err_msg=name)


def label(case):
    return "-".join(str(case[name]) for name in ("solver", "atoms", "photons", "start", "decay"))


@pytest.mark.parametrize("case", TABLE["cases"], ids=label)
def test_equals_stored_qutip_values(case):
    found = open_solution(Sample(case["atoms"], case["photons"], case["start"], case["decay"]), TABLE["times"])
    assert set(found) == {"excited", "photon_number"} | ({"pair"} if case["atoms"] > 1 else set())
    compare(found, case, ACCURACY[case["solver"]])


@pytest.mark.parametrize(
    ("solver", "case"),
    [
        ("brute_force", (2, 0.4, "excited", 0.8)),
        ("brute_force", (3, 0.0, "excited", 0.3)),
        ("brute_force", (3, 0.4, "ground", 0.8)),
        ("dicke_space", (4, 0.0, "excited", 0.8)),
        ("dicke_space", (5, 0.0, "excited", 0.3)),
    ],
)
def test_equals_qutip(solver, case):
    pytest.importorskip("qutip")
    times = np.linspace(0.0, 3.0, 7)
    solve = runpy.run_path(str(DATA / "make_open_qutip.py"))[solver]
    compare(open_solution(Sample(*case), times), solve(*case, times), max(1e-8, ACCURACY[solver]))


@starts
@pytest.mark.parametrize(("atoms", "photons"), [(1, 0.0), (1, 3.0), (2, 1.5), (7, 0.7), (10, 10.0), (10, 100.0)])
def test_without_decay_equals_closed(atoms, photons, start):
    found = open_solution(Sample(atoms, photons, start, 0.0), TIMES)
    closed = closed_solution(Sample(atoms, photons, start), TIMES)
    assert set(found) == set(closed)
    compare(found, closed, 1e-11)


@pytest.mark.parametrize("atoms", [1, 2, 9, 30])
def test_fast_decay_leaves_each_atom_alone(atoms):
    """The coupling adds (f/γ)² or so."""
    decay = 1e4
    tau = np.linspace(0.0, 3.0, 16) / decay
    found = open_solution(Sample(atoms, 0.0, "excited", decay), tau)
    np.testing.assert_allclose(found["excited"], np.exp(-decay * tau), rtol=0, atol=2e-8)


def test_ground_state_without_photons_stays():
    found = open_solution(Sample(4, 0.0, "ground", 0.7), TIMES)
    for name, values in found.items():
        assert not values.any(), name


@starts
@pytest.mark.parametrize(("atoms", "photons"), [(3, 2.0), (10, 5.0)])
def test_excitations_fall_by_what_the_atoms_emit(atoms, photons, start):
    decay, tau = 0.8, np.linspace(0.0, 2.0, 2001)
    found = open_solution(Sample(atoms, photons, start, decay), tau)
    excitations = found["photon_number"] + atoms * found["excited"]
    emitted = decay * atoms * simpson(found["excited"], x=tau)
    assert excitations[0] == pytest.approx(photons + atoms * (start == "excited"), abs=1e-10)
    assert excitations[-1] == pytest.approx(excitations[0] - emitted, abs=1e-9)


@starts
@pytest.mark.parametrize("atoms", [2, 10, 25])
def test_small_times(atoms, start):
    """The equations of A46 in the mean, applied twice to ρee at the start, give its second derivative with decay."""
    photons, decay, h = 0.3 * atoms, 0.9, 1e-3
    p0, p1, p2, p3, p4 = open_solution(Sample(atoms, photons, start, decay), np.arange(5) * h)["excited"]
    rho_ee = 1.0 if start == "excited" else 0.0
    slope = (-25 * p0 + 48 * p1 - 36 * p2 + 16 * p3 - 3 * p4) / (12 * h)
    second = (35 * p0 - 104 * p1 + 114 * p2 - 56 * p3 + 11 * p4) / (12 * h**2)
    curl = -2 * ((2 * rho_ee - 1) * photons / atoms + rho_ee / atoms)
    assert slope == pytest.approx(-decay * rho_ee, abs=1e-8)
    assert second == pytest.approx(decay**2 * rho_ee + curl, abs=1e-4)


@pytest.mark.long
@given(st.integers(2, 8), st.floats(0.0, 10.0), st.sampled_from(["ground", "excited"]), st.floats(0.0, 20.0))
def test_bounds(atoms, photons, start, decay):
    found = open_solution(Sample(atoms, photons, start, decay), TIMES)
    assert found["excited"].min() >= -1e-12
    assert found["excited"].max() <= 1 + 1e-12
    assert found["photon_number"].min() >= -1e-11
    collective = atoms * found["excited"] + atoms * (atoms - 1) * found["pair"]
    assert collective.min() >= -1e-11
    assert collective.max() <= atoms / 2 * (atoms / 2 + 1) + 1e-11


def test_times_in_any_order_and_number():
    order = np.random.default_rng(1).permutation(TIMES.size)
    whole = open_solution(Sample(4, 2.0, "ground", 0.5), TIMES)
    compare(open_solution(Sample(4, 2.0, "ground", 0.5), TIMES[order]), {k: v[order] for k, v in whole.items()}, 0)
    for few in ([5.0], [0.0], [0.4, 0.4, 1.2]):
        at = np.searchsorted(TIMES, np.array(few) - 1e-9)
        compare(open_solution(Sample(4, 2.0, "ground", 0.5), few), {k: v[at] for k, v in whole.items()}, 1e-12)
    assert open_solution(Sample(4, 2.0, "ground", 0.5), [])["excited"].shape == (0,)


@starts
@pytest.mark.parametrize("tolerance", [1e-4, 1e-8])
def test_tolerance_is_honoured(start, tolerance):
    rough = open_solution(Sample(6, 8.0, start, 0.5), TIMES, tolerance)
    fine = open_solution(Sample(6, 8.0, start, 0.5), TIMES, 1e-14)
    compare(rough, fine, 30 * tolerance)
    assert max(np.abs(rough[name] - fine[name]).max() for name in ("excited", "pair")) <= tolerance


@pytest.mark.parametrize("atoms", [1, 2, 3, 8, 11])
def test_emissions_add_up_to_the_excited_atoms(atoms):
    for j in np.arange(atoms / 2, -0.5, -1.0):
        k = np.arange(round(atoms / 2 - j), round(atoms / 2 + j) + 1)
        total = sum(emission(atoms, np.full(k.size, j), np.full(k.size, j + step), k) ** 2 for step in (-1, 0, 1))
        np.testing.assert_allclose(total, k, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("atoms", "excitations", "decay"), [(1, 3, 0.0), (4, 9, 0.0), (5, 3, 1.0), (6, 40, 0.5)])
def test_norm_and_size_of_the_generator(atoms, excitations, decay):
    """The norm decides the step and with it the error, so that it must be a bound, if not a wasteful one."""
    master = rate_table(atoms, excitations, decay)
    assert master.spin.size == row_count(atoms, excitations)
    weight = np.append(1 + (master.ket != master.bra), 0)[:, None]
    norms = []
    for p, column in zip(*np.nonzero(master.bra[:, None] <= np.arange(excitations + 1)), strict=True):
        r, out = master.zeros(), master.zeros()
        r[p, column] = 1 / weight[p, 0]
        master.add_derivative(r, 1.0, out, master.zeros())
        norms.append((weight * np.abs(out)).sum())
    assert 0.4 * master.norm < max(norms) <= master.norm


def test_work_counts_the_elements(monkeypatch):
    counted = []
    derivative = density_matrix_rates.RateTable.add_derivative

    def counting(self, r, *others):
        counted.append(r.size - r.shape[1])
        derivative(self, r, *others)

    monkeypatch.setattr(density_matrix_rates.RateTable, "add_derivative", counting)
    open_solution(Sample(5, 3.0, "excited", 0.4), [1.0, 7.0])
    assert open_work(Sample(5, 3.0, "excited", 0.4), 7.0) == sum(counted)
    assert len(counted) % ORDER == 0


DEFECTS = {
    "trace": (
        "rate_table",
        lambda *a: attrs.evolve(rate_table(*a), gain=1.01 * rate_table(*a).gain),
        r"trace - 1 = 2\..e-03",
    ),
    "population": ("REACH", 60.0, r"lowest population -\d"),
    "balance": (
        "rate_table",
        lambda *a: attrs.evolve(rate_table(*a), decay=0.6),
        r"trace - 1 = \S*e[-+](1\d|00),.* not accounted for 5\..e-02",
    ),
}


@pytest.mark.parametrize(("part", "wrong", "says"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_told(monkeypatch, part, wrong, says):
    monkeypatch.setattr(density_matrix, part, wrong)
    with pytest.raises(RuntimeError, match=f"open solution is wrong at scaled time .*{says}"):
        open_solution(Sample(4, 1.0, "excited", 0.5), TIMES)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"atoms": 0}, "atoms=0"),
        ({"photons": -1.0}, "photons=-1.0"),
        ({"start": "up"}, "start='up'"),
        ({"tolerance": 0.0}, "tolerance=0.0"),
        ({"decay": -0.5}, "decay=-0.5: give a finite number of at least 0"),
        ({"decay": np.inf}, "decay=inf"),
        ({"decay": np.nan}, "decay=nan"),
        ({"times": [0.0, -1.0]}, "times contain -1: give finite times of at least 0"),
        ({"times": [0.0, np.inf]}, "times contain inf"),
        ({"times": [np.nan]}, "times contain nan"),
    ],
)
def test_bad_arguments(wrong, says):
    given = {"atoms": 2, "photons": 1.0, "start": "ground", "decay": 0.5, "times": TIMES, "tolerance": 1e-12} | wrong
    options = {name: given.pop(name) for name in ("times", "tolerance")}
    with pytest.raises(ValueError, match=says):
        open_solution(Sample(**given), **options)
