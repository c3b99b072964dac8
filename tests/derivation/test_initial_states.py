"""Starts in phase space: the moments of random initial values are those of the state, in every order of operators.

Each comparison is with 5 standard errors, a false-alarm probability of 6e-7.
"""

import pickle
from math import comb, factorial

import numpy as np
import pytest
import sympy as sp

from sdeframe import SDE, SymbolicModel, parameters, simulate
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, Q, Wigner
from sdeframe.derivation.starts.husimi import HusimiLaw
from sdeframe.derivation.starts.initial_values import initial_values
from sdeframe.derivation.starts.states import Coherent, DensityMatrix, Fock, Thermal
from sdeframe.derivation.starts.wigner_function import lowest_value
from sdeframe.integrators import EulerMaruyama
from sdeframe.observers import Moments
from sdeframe.symbolic.symbols import RandomComplexNormal, RandomMap, RandomSymbol

a = Boson("a")
alpha, beta = a.mode.variables
HARMONIC = Master(a.dag() * a)
n_th, x0 = parameters("n_th", positive=True), parameters("x0")
CUTOFF = 60


def random_state(size, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(size, 2)) + 1j * rng.normal(size=(size, 2))
    rho = x @ x.conj().T
    return rho / np.trace(rho).real


def half_lost(rho):
    """What is left of a state when half of its photons are lost: its Wigner function is nowhere negative."""
    size = len(rho)
    low, damped = np.diag(np.sqrt(np.arange(1.0, size)), 1), np.diag(0.5 ** (np.arange(size) / 2))
    kraus = [np.sqrt(0.5**k / factorial(k)) * damped @ np.linalg.matrix_power(low, k) for k in range(size)]
    return sum(x @ rho @ x.conj().T for x in kraus)


CAT = np.outer(psi := np.array([1, 0, 1j, 0, 0.5]) / 1.5, psi.conj())
STATES = [
    Coherent(0.7 - 0.4j), Coherent(sp.I * x0), Thermal(0.8), Thermal(n_th, 0.5 + x0), Fock(0), Fock(1), Fock(3),
    DensityMatrix(np.eye(2) / 2), DensityMatrix(half_lost(random_state(4, 3))), DensityMatrix(half_lost(CAT)),
    DensityMatrix([[1]]), DensityMatrix(CAT), DensityMatrix(random_state(5, 1)), DensityMatrix(random_state(8, 2)),
]  # fmt: skip
NEGATIVE = [Fock(1), Fock(3), DensityMatrix(CAT), DensityMatrix(random_state(5, 1)), DensityMatrix(random_state(8, 2))]
"""States whose Wigner function is negative somewhere."""
VALUES = {n_th: 0.6, x0: -0.3}


def ordered(state, s, m, n):
    """<a†^m aⁿ> in the order s, from the density matrix: Σ_k k! C(m,k) C(n,k) ((1−s)/2)^k <a†^(m−k) a^(n−k)>."""
    rho = state.matrix(CUTOFF, VALUES)
    low = np.diag(np.sqrt(np.arange(1.0, CUTOFF)), 1)

    def normal(p, q):
        return np.trace(np.linalg.matrix_power(low.T, p) @ np.linalg.matrix_power(low, q) @ rho)

    terms = [
        factorial(k) * comb(m, k) * comb(n, k) * ((1 - s) / 2) ** k * normal(m - k, n - k) for k in range(min(m, n) + 1)
    ]
    return sum(terms)


def means(initial, expressions, values, trajectories=20_000, seed=5, **options):
    """Averages at time 0."""
    used = {s for e in initial.values() for s in sp.sympify(e).free_symbols}
    model = SymbolicModel(
        SDE(drift={x: -x for x in initial}), initial, parameters={p: v for p, v in values.items() if p in used}
    )
    result = simulate(
        model, EulerMaruyama(0.1), observers=[Moments(**expressions)], times=[0.0], trajectories=trajectories,
        seed=seed, threads=1, progress=False, **options,
    )  # fmt: skip
    return result.dataset


def compare(ds, name, exact):
    mean = complex(ds[name][0])
    for off, se in ((mean.real - exact.real, "_se"), (mean.imag - exact.imag, "_imag_se")):
        assert abs(off) <= 5 * float(ds[f"{name}{se}"][0]) + 1e-12, (name, mean, exact)


def drawn(expressions, count=100_000):
    """Random initial values, written out with numpy: what the compiled ones are another way to."""
    rng = np.random.default_rng(8)
    values = dict(VALUES)
    held = {x for e in expressions for x in e.free_symbols}
    arrays = []
    symbols = sorted((x for x in held if isinstance(x, RandomSymbol)), key=str)
    for symbol in symbols:
        if isinstance(symbol, RandomMap):
            arrays.append(symbol.law(*rng.random((2, count))))
        else:
            assert isinstance(symbol, RandomComplexNormal)
            arrays.append(rng.normal(size=(2, count)).T @ [np.sqrt(0.5), 1j * np.sqrt(0.5)])
    of = sp.lambdify(symbols, [e.subs(values) for e in expressions], "numpy")
    return [np.broadcast_to(x, count).astype(complex) for x in of(*arrays)]


@pytest.mark.parametrize("representation", [PositiveP(), Wigner(), Q()], ids=lambda r: r.name)
@pytest.mark.parametrize("state", STATES, ids=lambda s: str(s)[:30])
def test_moments(state, representation):
    if representation.s == 0 and state in NEGATIVE:
        with pytest.raises(ValueError, match="cannot be drawn in Wigner"):
            initial_values(HARMONIC, representation, {a: state})
        return
    initial = initial_values(HARMONIC, representation, {a: state})
    z, *plus = drawn(initial.values())
    plus = plus[0] if representation.doubled else z.conj()
    for m, n in [(m, n) for m in range(4) for n in range(4) if 1 <= m + n <= 4]:
        values, exact = plus**m * z**n, complex(ordered(state, representation.s, m, n))
        for part in (np.real, np.imag):
            se = np.std(part(values)) / np.sqrt(len(values))
            assert abs(np.mean(part(values)) - part(exact)) <= 5 * se + 1e-12, (m, n)


@pytest.mark.parametrize(
    ("state", "name"), [(Fock(1), r"Fock\(photons=1\)"), (DensityMatrix(CAT), "DensityMatrix of 5")]
)
def test_wigner_names_the_state_why_not_and_the_way_out(state, name):
    with pytest.raises(ValueError, match=rf"{name}.* cannot be drawn in Wigner.* negative at .*PositiveP.*Q\(\)"):
        initial_values(HARMONIC, Wigner(), {a: state})


def test_the_wigner_function_of_a_photon_and_of_what_a_loss_leaves_of_it():
    """(2/π)(4|α|² − 1) e^(−2|α|²): at 0 it is −e^(3/2)/2 of its highest value, at |α|² = 3/4."""
    lowest, at = HusimiLaw.of_wigner(Fock(1).matrix(2, {})).lowest()
    assert lowest == pytest.approx(-np.exp(1.5) / 2, rel=1e-3)
    assert at == 0
    for share, drawn in ((0.49, True), (0.51, False)):  # more than half of a photon makes W(0) negative
        state = DensityMatrix([[1 - share, 0], [0, share]])
        assert (HusimiLaw.of_wigner(np.array(state.rho)).lowest()[0] >= 0) == drawn


def thermal(photons, size):
    p = (photons / (photons + 1)) ** np.arange(size)
    return np.diag(p / p.sum()).astype(complex)


def test_the_wigner_function_of_many_number_states():
    """−e^{−x/2} L_61(x) is −1 at 0 and at most .40278; a thermal state that ends at 1e-28 is positive."""
    lowest, at = lowest_value(Fock(61).matrix(62))
    assert (lowest, at) == (pytest.approx(-1 / 0.40278, rel=0.005), 0)
    assert lowest_value(thermal(0.8, 80))[0] > -1e-15
    assert initial_values(HARMONIC, Wigner(), {a: DensityMatrix(thermal(0.8, 80))})
    with pytest.raises(ValueError, match="with so many number states rounding changes"):
        initial_values(HARMONIC, Wigner(), {a: DensityMatrix(thermal(2.0, 80))})


@pytest.mark.parametrize("state", [Fock(2), DensityMatrix(CAT)], ids=["Fock", "any"])
def test_moments_of_a_run(state):
    initial = initial_values(HARMONIC, PositiveP(), {a: state})
    powers = [(0, 1), (1, 1), (2, 2), (0, 2)]
    ds = means(initial, {f"m{m}{n}": beta**m * alpha**n for m, n in powers}, {})
    for m, n in powers:
        compare(ds, f"m{m}{n}", complex(ordered(state, 1, m, n)))


def test_states_as_matrices():
    """Thermal light that is moved: <a>, <a†a>, purity of the coherent state, Fock numbers."""
    number = np.arange(CUTOFF)
    moved = Thermal(0.6, 0.5 - 1j).matrix(CUTOFF, {})
    assert np.trace(moved) == pytest.approx(1, abs=1e-10)
    assert number @ np.diag(moved).real == pytest.approx(0.6 + 1.25, abs=1e-8)
    assert ordered(Thermal(0.6, 0.5 - 1j), 1, 0, 1) == pytest.approx(0.5 - 1j, abs=1e-10)
    coherent = Coherent(0.5 - 1j).matrix(CUTOFF, {})
    assert np.trace(coherent @ coherent) == pytest.approx(1, abs=1e-12)
    assert Fock(3).matrix(5, {})[3, 3] == 1


@pytest.mark.long
def test_the_law_of_the_q_function():
    """|μ|² and the phase of a superposition, against the density on a grid."""
    law = HusimiLaw(tuple(map(tuple, CAT)))
    u, v = np.random.default_rng(3).random((2, 200_000))
    mu = law(u, v)
    n = np.arange(5)

    def density(z):
        bra = np.conj(z)[..., None] ** n / np.sqrt([factorial(k) for k in n])
        return np.abs(bra @ psi) ** 2 * np.exp(-(np.abs(z) ** 2)) / np.pi

    x = np.linspace(-6, 6, 601)
    z = x + 1j * x[:, None]
    for inside in (lambda z: z.real > 0.5, lambda z: (np.abs(z) < 1.2) & (z.imag > 0), lambda z: (z**2).imag > 1):
        share = np.mean(inside(mu))
        exact = np.sum(density(z)[inside(z)]) * (x[1] - x[0]) ** 2
        assert abs(share - exact) < 5 * np.sqrt(share * (1 - share) / len(mu)) + 2e-3  # the grid's edges


def test_random_maps_are_symbols():
    one, other = (RandomMap("mu", HusimiLaw(((complex(1),),) if k else ((0.5, 0j), (0j, 0.5)))) for k in (1, 0))
    assert one != other
    assert one == RandomMap("mu", HusimiLaw(((complex(1),),)))
    assert hash(one) == hash(RandomMap("mu", HusimiLaw(((complex(1),),))))
    back = pickle.loads(pickle.dumps(one))
    assert back == one
    assert back.law == one.law
    assert len({one, other, one + 0}) == 2


def test_the_same_bits_in_any_blocks():
    initial = initial_values(HARMONIC, PositiveP(), {a: DensityMatrix(CAT)})
    runs = [means(initial, {"m": alpha**2 * beta}, {}, trajectories=300, block=block) for block in (7, 300)]
    assert runs[0]["m"].identical(runs[1]["m"])


at = Emitters("rho", levels="ge", size=2, individual=True)
ATOMS = Master(at.sum("ee"))
TILTED = np.array([[0.7, 0.2 + 0.1j], [0.2 - 0.1j, 0.3]])


def test_eta_numbers():
    """(A36): <η> = 1, no higher power has an average; those of two atoms are independent."""
    initial = initial_values(ATOMS, PositiveP(eta=True), {at: ["e", TILTED]})
    first, second = at.variable("e", "e", mu=0), at.variable("e", "g", mu=1)
    asked = {f"p{k}": first**k for k in (1, 2, 3, 4)} | {"both": first * second, "square": first * second**2}
    ds = means(initial, asked, {})
    element = TILTED[1, 0]
    for name, exact in {"p1": 1, "p2": 0, "p3": 0, "p4": 0, "both": element, "square": 0}.items():
        compare(ds, name, complex(exact))


def test_emitters_start_from_their_density_matrix():
    initial = initial_values(ATOMS, PositiveP(), {at: ["e", TILTED]})
    assert initial[at.variable("e", "e", mu=0)] == 1
    assert complex(initial[at.variable("g", "e", mu=1)]) == 0.2 + 0.1j
    assert sum(initial[at.variable(p, p, mu=1)] for p in "ge") == 1


BELL = np.outer([0, 1, 1, 0], [0, 1, 1, 0]) / 2


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: initial_values(ATOMS, PositiveP(), {at: BELL}), "entangled state has no start"),
        (lambda: initial_values(ATOMS, PositiveP(), {at: ["e"]}), "1 initial states for 2"),
        (lambda: initial_values(ATOMS, PositiveP(), {at: ["e", "x"]}), "no level 'x'"),
        (lambda: initial_values(ATOMS, PositiveP(), {at: np.eye(3) / 3}), "2 x 2 matrix"),
        (lambda: initial_values(ATOMS, PositiveP(), {at: np.eye(2)}), "trace 2"),
        (lambda: initial_values(ATOMS, PositiveP(), {at: np.diag([1.5, -0.5])}), "lowest eigenvalue -0.5"),
        (lambda: initial_values(ATOMS, PositiveP(), {at: np.array([[0.5, 1], [0, 0.5]])}), "Hermitian"),
        (lambda: initial_values(HARMONIC, PositiveP(), {a: "vacuum"}), "give Coherent"),
        (lambda: initial_values(HARMONIC, PositiveP(), {}), "the mode a has no initial state"),
        (lambda: Fock(-1), "photons=-1"),
        (lambda: Fock(1.5), "photons=1.5"),
        (lambda: Thermal(-0.1), "photons=-1/10"),
        (lambda: Thermal(x0), "declared positive"),
        (lambda: DensityMatrix([[1, 0]]), "square matrix"),
        (lambda: DensityMatrix([[0.5, 0], [0, 0.4]]), "trace 0.9"),
    ],
)
def test_refused(make, says):
    with pytest.raises((TypeError, ValueError), match=says):
        make()
