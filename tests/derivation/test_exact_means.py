"""The exact solution of small systems: tabulated values, matrices written out, other programs, and what it refuses."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.sparse import csr_matrix

from sdeframe import parameters, time
from sdeframe.derivation import Boson, Master
from sdeframe.derivation.exact import elements
from sdeframe.derivation.exact.solver import exact_means
from sdeframe.derivation.starts.states import Coherent, DensityMatrix, Fock, Thermal
from sdeframe.models.tavis_cummings.closed_exact import closed_solution
from sdeframe.models.tavis_cummings.density_matrix import open_solution
from sdeframe.models.tavis_cummings.sample import Sample
from tests.support.dense import Space
from tests.support.derived_cases import CASES, N, a, coupling, n, one, same, two

f, gamma = parameters("f gamma", positive=True)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_tabulated_values(case):
    """Six digits, from two independent programs."""
    found = exact_means(case.master, case.operators, case.initial, list(case.table), case.values)
    for k, values in enumerate(case.table.values()):
        for name, value in zip(case.operators, values, strict=True):
            if value is not None:
                assert abs(found[name][k] - value) < 1.1e-6, (name, k)


def written_out(master, operators, rho, times, numbers, cutoff, values):
    """The exponential of the whole Liouvillian, every identical emitter a factor of its own."""
    space = Space(master.parts, numbers, cutoff)
    H, channels = master.counted(numbers)
    H, one = space.matrix(H, values), np.eye(len(rho))
    L = -1j * (np.kron(H, one) - np.kron(one, H.T))
    for rate, jump in channels:
        J = space.matrix(jump, values)
        JJ = J.conj().T @ J
        L += complex(rate.subs(values)) * (np.kron(J, J.conj()) - (np.kron(JJ, one) + np.kron(one, JJ.T)) / 2)
    states = [(expm(L * t) @ rho.ravel()).reshape(rho.shape) for t in times]
    return {k: np.array([np.trace(space.matrix(x, values) @ s) for s in states]) for k, x in operators.items()}


MIXED = np.array([[0.6, 0.2 - 0.1j], [0.2 + 0.1j, 0.4]])  # g, e


@pytest.mark.parametrize("size", [1, 2, 3])
def test_identical_emitters_are_those_written_out(size):
    """Pump, decay, dephasing of each, collective decay, a drive, products of two emitters: all kinds of maps.

    No product a a† occurs, which a matrix that is cut off has wrong: so the cutoff may be as low as 2.
    """
    up, down = same.sum("eg"), same.sum("ge")
    H = coupling(same, f) + 0.3 * (up * down + down * up) + 0.2 * (up**2 + down**2) + 0.4 * (up + down) - 0.1 * n
    losses = [
        (gamma, same.each("ge")), (0.2, same.each("eg")), (0.3, same.each("ee") - same.each("gg")), (0.4, down),
        (0.5, a), (0.1, same.each("ge") * a), (0.15, same.each("ge") + sp.I * same.each("ee") * same.sum("ge")),
        (0.05, 2 * a + same.each("ge")),
    ]  # fmt: skip
    operators = {
        "e": same.sum("ee"),
        "ge": down,
        "both": up * down,
        "three": up * down * same.sum("ee"),
        "na": n * down,
    }
    values, times = {f: 0.3, gamma: 0.7, N: size}, [0.3, 0.8]
    field = np.array([[0.7, 0.1j], [-0.1j, 0.3]])
    rho = field
    for _ in range(size):
        rho = np.kron(rho, MIXED)
    master, initial = Master(H, losses), {"a": DensityMatrix(field), "rho": MIXED}
    expected = written_out(master, operators, rho, times, {"rho": size}, 2, values)
    found = exact_means(master, operators, initial, times, values, {"a": 2}, tolerance=1)
    for name in operators:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-12, err_msg=name)


def test_emitters_one_by_one_and_levels_three():
    """Each its own start, a channel that names one of them, `each` of individual ones."""
    H = (
        coupling(two, 0.4)
        + 0.2 * two.on(1, "ee")
        + 0.3 * (two.on(0, "eg") * two.on(1, "ge") + two.on(0, "ge") * two.on(1, "eg"))
    )
    master = Master(H, [(0.6, a), (0.3, two.each("ge")), (0.2, two.on(0, "eg")), (0.5, two.sum("ge"))])
    operators = {"e1": two.on(1, "ee"), "c": two.on(0, "eg") * two.on(1, "ge"), "x": a * two.on(0, "ee")}
    field = np.diag([0.5, 0.5]).astype(complex)
    found = exact_means(
        master, operators, {"a": DensityMatrix(field), "rho": ["e", MIXED]}, [0.7], cutoffs={"a": 2}, tolerance=1
    )
    rho = np.kron(field, np.kron(np.diag([0.0, 1.0]), MIXED))
    for name, value in written_out(master, operators, rho, [0.7], {"rho": 2}, 2, {}).items():
        np.testing.assert_allclose(found[name], value, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("size", [2, 5])
def test_the_solutions_of_the_tavis_cummings_model(size):
    """By Dicke states and photon numbers, closed and open."""
    times = [0.5, 1.5]
    for decay, start in ((0.0, "excited"), (0.6, "ground")):
        master = Master(coupling(same, 1 / sp.sqrt(N)), [(decay, same.each("ge"))])
        found = exact_means(
            master, {"excited": same.sum("ee") / N, "photon_number": n},
            {a: Coherent(sp.sqrt(1.5)), same: start[0]}, times, {N: size}, tolerance=1e-10,
        )  # fmt: skip
        known = (
            open_solution(Sample(size, 1.5, start, decay), times)
            if decay
            else closed_solution(Sample(size, 1.5, start), times)
        )
        for name, values in found.items():
            np.testing.assert_allclose(values, known[name], atol=1e-8)


@pytest.mark.parametrize("case", [c for c in CASES if c.name in ("driven Kerr", "parametric")], ids=lambda c: c.name)
def test_equals_qutip(case):
    qutip = pytest.importorskip("qutip")
    cutoff, times = 24, [0.0, 0.7, 1.9]

    def matrix(operator):
        return qutip.Qobj(csr_matrix(space.matrix(operator)))

    space = Space(case.master.parts, cutoff=cutoff)
    H, channels = case.master.counted({})
    jumps = [np.sqrt(float(rate)) * matrix(jump) for rate, jump in channels]
    psi = qutip.basis(cutoff, 0)
    solved = qutip.mesolve(
        matrix(H), psi, times, jumps,
        e_ops=[matrix(x) for x in case.operators.values()],
        options={"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000},
    )  # fmt: skip
    found = exact_means(case.master, case.operators, case.initial, times)
    for values, name in zip(solved.expect, case.operators, strict=True):
        np.testing.assert_allclose(found[name], values, atol=1e-7)


def test_a_drive_that_depends_on_time():
    """dα/dt = −iF cos(ωt) − γα/2 for a driven damped mode."""
    F, omega = parameters("F omega")
    master = Master(F * sp.cos(omega * time) * (a + a.dag()), [(gamma, a)])
    t = np.linspace(0.0, 3.0, 7)
    values = {F: 0.7, omega: 2.0, gamma: 0.5}
    found = exact_means(master, {"a": a, "n": n}, {"a": Coherent(0.3)}, t, values)
    z = 0.25 + 2j  # ∫ e^{−γ(t−s)/2} cos ωs ds
    response = ((np.exp(2j * t) - np.exp(-0.25 * t)) / z).real
    alpha = 0.3 * np.exp(-0.25 * t) - 0.7j * response
    np.testing.assert_allclose(found["a"], alpha, atol=1e-8)
    np.testing.assert_allclose(found["n"], np.abs(alpha) ** 2, atol=1e-8)


@pytest.mark.long
@settings(deadline=None, max_examples=5)
@given(st.floats(-1, 1), st.floats(0, 1.5), st.floats(0, 1.5), st.complex_numbers(max_magnitude=1.2))
def test_gaussian_dynamics(delta, loss, gain, alpha):
    master = Master(delta * n, [(loss, a), (gain / 3, a.dag())])
    t = np.array([0.0, 0.4, 1.0])
    found = exact_means(master, {"a": a, "n": n}, {"a": Thermal(0.3, alpha)}, t)
    net = gain / 3 - loss
    grown = np.expm1(net * t) / net if abs(net) > 1e-9 else t
    mean = alpha * np.exp((-1j * delta + net / 2) * t)
    np.testing.assert_allclose(found["a"], mean, atol=1e-7)
    np.testing.assert_allclose(found["n"], np.abs(mean) ** 2 + 0.3 * np.exp(net * t) + gain / 3 * grown, atol=1e-6)


def test_a_cutoff_is_raised_as_far_as_needed_or_refused():
    master = Master(0.5 * n, [(0.2, a)])
    found = exact_means(master, {"n": n}, {"a": Coherent(4)}, [1.0])
    assert found["n"][0] == pytest.approx(16 * np.exp(-0.2), abs=1e-6)
    with pytest.raises(ValueError, match=r"cutoffs=\{'a': 20\}.*take more states"):
        exact_means(master, {"n": n}, {"a": Coherent(4)}, [1.0], cutoffs={a: 20})
    pumped = Master(0 * n, [(1, a.dag())])  # starts below the cutoff and leaves it
    with pytest.raises(ValueError, match="highest number state kept reaches"):
        exact_means(pumped, {"n": n}, {"a": Fock(2)}, [0.0, 2.0], cutoffs={"a": 5})


def test_what_is_conserved_saves_elements(monkeypatch):
    """Ten inverted atoms in an empty cavity: 4^10 elements of the atoms alone, written out."""
    monkeypatch.setattr(elements, "LARGEST", 40_000)
    master = Master(coupling(same, 1 / sp.sqrt(N)), [(4, a), (0.1, same.each("ge"))])
    found = exact_means(master, {"e": same.sum("ee") / N}, {"a": Coherent(0), "rho": "e"}, [0.1], {N: 10}, {"a": 11}, 1)
    assert 0 < found["e"][0].real < 1


RABI = Master(coupling(one, f), [(gamma, a)])
START = {"a": Coherent(0), "rho": "e"}
VALUES = {f: 1.0, gamma: 0.5}
many = [Boson(f"c{k}") for k in range(10)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"times": [1.0, 0.5]}, "increasing"),
        ({"times": [-1.0]}, "from 0 on"),
        ({"times": []}, "increasing"),
        ({"values": {f: 1.0}}, "parameter gamma has no value"),
        ({"values": {f: np.inf, gamma: 0.5}}, r"values=\{f: inf\}: give a finite number"),
        ({"initial": {"a": Coherent(0)}}, "the emitters rho has no initial state"),
        ({"initial": {**START, "b": Coherent(0)}}, "initial state of b: the system has only a, rho"),
        ({"initial": {**START, "rho": "x"}}, "no level 'x'"),
        ({"initial": {**START, "a": "vacuum"}}, "give Coherent, Thermal"),
        ({"initial": {**START, "rho": np.eye(4) / 4}}, "joint one of several emitters.*product state"),
        ({"initial": {**START, "rho": ["e", "g"]}}, "identical"),
        ({"initial": {**START, "a": Fock(9)}, "cutoffs": {"a": 5}}, "at least 10"),
        ({"initial": {**START, "a": Coherent(f * gamma * N)}}, "parameter N has no value"),
        ({"operators": {"n": time * n}}, "do not hold the time"),
        ({"master": Master(sum((x.dag() * x for x in many), 0 * a)), "initial": {x: Coherent(1) for x in (a, *many)}},
         "lower cutoffs"),
    ],
)  # fmt: skip
def test_refused(change, says):
    arguments = {
        "master": RABI, "operators": {"n": n}, "initial": START, "times": [0.0, 1.0], "values": VALUES
    } | change  # fmt: skip
    with pytest.raises((TypeError, ValueError), match=says):
        exact_means(**arguments)
    assert exact_means(RABI, {"n": n}, START, [0.0], VALUES)["n"][0] == 0
