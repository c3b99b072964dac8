"""Master equations with quadratic H and linear L, and what they do to means and covariances."""

import numpy as np
import sympy as sp

from sdeframe import parameters, time
from sdeframe.derivation import Boson, Master

MODES = [Boson(name) for name in "abc"]
g, h, r, phi, omega = (*parameters("g h r", positive=True), *parameters("phi omega"))
VALUES = {g: 0.7, h: 0.4, r: 0.6, phi: 0.9, omega: 1.3}
RATES = [
    sp.S.One, g, g * h, sp.Rational(2, 3), g * (1 + sp.cos(omega * time)), g * sp.sin(time) ** 2, h * sp.exp(-g * time),
    sp.Piecewise((g, time < 1), (0, True)), sp.Piecewise((0, time < 0.4), (h * (2 + sp.sin(time)), True)), g * time,
    1 + sp.cos(time) / 2 + sp.sin(time) / 3,
]  # fmt: skip
FACTORS = [
    sp.S.One, -sp.S.One, sp.I, sp.Rational(5, 4), sp.Rational(3, 4), sp.cosh(r), sp.sinh(r), sp.exp(sp.I * phi),
    1 - 2 * sp.I, sp.exp(sp.I * phi) * sp.sinh(r), sp.exp(-sp.I * omega * time), sp.sqrt(2) * h,
]  # fmt: skip


def random_master(seed, modes, number_of_losses=None):
    """Return H and pairs (rate, L), as operators and as data: their coefficients before a_k and a_k†."""
    rng = np.random.default_rng(seed)

    def pick(choices, zero=0.0):
        return sp.S.Zero if rng.random() < zero else choices[rng.integers(len(choices))]

    H = [(k, m, pick(FACTORS, 0.6), pick(FACTORS, 0.6)) for k in range(modes) for m in range(k, modes)]
    H.append((0, 0, sp.S.Zero, sp.S.Zero))
    losses = []
    for _ in range(rng.integers(1, 5) if number_of_losses is None else number_of_losses):
        u, v = ([pick(FACTORS, 0.4) for _ in range(modes)] for _ in range(2))
        losses.append((pick(RATES), u, v))
    return H, losses


def operators(modes, H, losses):
    """Return the master equation: H = Σ (c a_k† a_m + d a_k a_m) + h.c., L = Σ u_k a_k + v_k a_k†."""
    a = MODES[:modes]
    total = 0 * sum(a)
    for k, m, c, d in H:
        term = c * a[k].dag() * a[m] + d * a[k] * a[m]
        total = total + term + term.dag()
    return Master(total, [(rate, sum(x * b + y * b.dag() for x, y, b in zip(u, v, a, strict=True)))
                          for rate, u, v in losses])  # fmt: skip


def number(x, t):
    return complex(sp.sympify(x).subs(VALUES).subs(time, t))


def flow(modes, H, losses, t):
    """Return A and D of dV/dt = AV + VAᵀ + D in quadratures x1, p1, ... with vacuum V = ½, at a time.

    With H = ½ rᵀGr and L = c·r: A = Ω(G + Im Σ c c†*), D = Ω Re(Σ c* cᵀ) Ωᵀ (Serafini, Quantum Continuous Variables).
    """
    n = 2 * modes
    low = np.zeros((modes, n), dtype=complex)
    for k in range(modes):
        low[k, 2 * k], low[k, 2 * k + 1] = np.sqrt(0.5), 1j * np.sqrt(0.5)
    G = np.zeros((n, n), dtype=complex)
    for k, m, c, d in H:
        form = number(c, t) * np.outer(low[k].conj(), low[m]) + number(d, t) * np.outer(low[k], low[m])
        G += (form + form.T) + (form + form.T).conj()
    omega_form = np.kron(np.eye(modes), [[0, 1], [-1, 0]])
    both = np.zeros((n, n), dtype=complex)
    for rate, u, v in losses:
        c = sum(number(x, t) * low[k] + number(y, t) * low[k].conj() for k, (x, y) in enumerate(zip(u, v, strict=True)))
        both += number(rate, t).real * np.outer(c.conj(), c)
    return omega_form @ (G.real + both.imag), omega_form @ both.real @ omega_form.T


def of_equations(sde, modes, t):
    """Return A and D of the equations of a_1, a_2, ..., in the same quadratures."""
    variables = [a.mode.variables[0] for a in MODES[:modes]]
    noises = list(sde.noises.values())

    def quadratures(rows, symbols, kicks):
        """Return a column of (x, p) of the rows for every kick: the value of one symbol, the others being 0."""
        of = sp.lambdify(symbols, [row.subs(VALUES).subs(time, t) for row in rows], "numpy")
        columns = []
        for k, kick in kicks:
            z = np.array(of(*[kick if j == k else 0j for j in range(len(symbols))]), dtype=complex)
            columns.append(np.sqrt(2) * np.column_stack([z.real, z.imag]).ravel())
        return np.array(columns).T

    drift = quadratures([sde.drift[x] for x in variables], variables,
                        [(k, unit / np.sqrt(2)) for k in range(modes) for unit in (1, 1j)])  # fmt: skip
    kicks = [(k, c) for k, noise in enumerate(noises) for c in ([1.0] if noise.is_real else [0.5**0.5, 1j * 0.5**0.5])]
    if not kicks:
        return drift, np.zeros_like(drift)
    B = quadratures([sde.noise.get(x, sp.S.Zero) for x in variables], noises, kicks)
    return drift, B @ B.T
