"""Which products at two times are averages of products of variables: by algebra, and sampled against the exact ones."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import SymbolicModel, parameters, simulate
from sdeframe.derivation import (
    Boson,
    Coherent,
    Emitters,
    Master,
    PositiveP,
    Q,
    Wigner,
    derive,
    exact_correlations,
    initial_values,
)
from sdeframe.integrators import SemiImplicitMidpoint
from sdeframe.observers import Correlation

a, b = Boson("a"), Boson("b")
ad, n = a.dag(), a.dag() * a
U, F, k, nb = parameters("U F k nb", positive=True)
KERR = Master(U / 2 * ad**2 * a**2 + F * (a + ad), [(k, a)])
CAVITY = Master(F * (a + ad), [(k * (nb + 1), a), (k * nb, ad)])
TWO = Master(F * (a.dag() * b + b.dag() * a), [(k, a), (k, b)])
P, W, H = derive(KERR, PositiveP()), derive(KERR, Wigner()), derive(CAVITY, Q())
A, Ad = a.mode.variables

REASON = r"does not multiply by a number, but holds derivatives by the variables of a"


def test_positive_p_has_normally_and_time_ordered_products():
    assert P.correlation(ad, a) == (Ad, A)
    assert P.correlation((1, a), ad) == (A, Ad)
    assert P.correlation((ad, a), n) == (A * Ad, A * Ad)
    assert P.correlation((ad**2, a), a * ad)[1].expand() == A * Ad + 1  # B is any operator
    for wrong in (a, (1, ad), (a, ad), n, (n, 1)):
        with pytest.raises(ValueError, match=rf"no average of products in positive-P.*{REASON}; give normally"):
            P.correlation(wrong, n)


def test_q_has_antinormally_ordered_products():
    conjugate = sp.conjugate(A)
    assert H.correlation(a, ad) == (A, conjugate)
    assert H.correlation((a, ad), n) == (A * conjugate, A * conjugate - 1)
    for wrong in (ad, (ad, a), n):
        with pytest.raises(ValueError, match=rf"no average of products in Q.*{REASON}; give antinormally"):
            H.correlation(wrong, n)


def test_wigner_has_symmetric_products():
    assert W.correlation(ad, a, symmetric=True) == (sp.conjugate(A), A)
    early, late = W.correlation(a + ad, n, symmetric=True)
    assert sp.expand(early - A - sp.conjugate(A)) == 0
    assert sp.expand(late - A * sp.conjugate(A) + sp.Rational(1, 2)) == 0
    for wrong in (ad, (ad, a)):
        with pytest.raises(ValueError, match=rf"no average of products in Wigner.*{REASON}; only what acts on both"):
            W.correlation(wrong, n)
    with pytest.raises(ValueError, match=r"<\(a.dag\(\)\*a\)\(t0\) B\(t\)> \+ <B\(t\) \(a.dag\(\)\*a\)\(t0\)> is no"):
        W.correlation(n, n, symmetric=True)
    with pytest.raises(ValueError, match="give one operator with symmetric=True"):
        W.correlation((ad, a), n, symmetric=True)


def test_several_modes_and_changed_variables():
    d = derive(TWO, PositiveP())
    (x, xd), (y, yd) = a.mode.variables, b.mode.variables
    assert d.correlation((ad * b.dag(), a), b.dag() * b) == (x * xd * yd, y * yd)
    scaled = d.scale({a: 10, b: 5})
    assert scaled.correlation((ad * b.dag(), a), b) == (500 * x * xd * yd, 5 * y)
    with pytest.raises(ValueError, match="derivatives by the variables of b;"):
        d.correlation(ad * b, a)


def test_emitters_at_the_start_are_refused():
    s = Emitters("s", "ge", size=3)
    d = derive(Master(F * (ad * s.sum("ge") + a * s.sum("eg")), [(k, a)]), PositiveP())
    for early in (s.sum("eg"), (1, s.sum("ge")), (s.sum("eg"), s.sum("ge")), ad * s.sum("ee")):
        with pytest.raises(ValueError, match=r"operators of the emitters s at the start.*the output field of a cavity"):
            d.correlation(early, s.sum("ge"))
    assert d.correlation((ad, a), s.sum("ee"))[0] == A * Ad


VALUES = {U: 0.5, F: 0.8, k: 1.0, nb: 0.5}
WEAK = VALUES | {U: 0.02}
TAU = [0.0, 0.5, 1.0]
START = 1.0


def sampled(derivation, master, representation, values, **pairs):
    """Return correlations from the vacuum, at a start within the transient."""
    variables = derivation.sde().variables.values()
    start = initial_values(master, representation, {a: Coherent(0)})
    model = SymbolicModel(
        derivation.sde(noise="structure"), {x: start[x] for x in variables},
        {p: v for p, v in values.items() if p in derivation.sde().parameters.values()},
    )  # fmt: skip
    return simulate(
        model, SemiImplicitMidpoint(dt=1 / 40), observers=[Correlation(start=START, **pairs)],
        times=np.linspace(0, 2, 5), trajectories=40_000, seed=11, progress=False,
    ).dataset  # fmt: skip


def away(ds, name, exact):
    """Return by how many standard errors a sampled correlation differs from the exact one, the larger of both parts."""
    off, tiny = ds[name].values - exact, 1e-9  # for a part that has no spread
    real, imaginary = (ds[f"{name}{error}"].values + tiny for error in ("_se", "_imag_se"))
    return np.maximum(np.abs(off.real) / real, np.abs(off.imag) / imaginary)


def exact(master, early, late, values):
    return exact_correlations(master, early, late, START, TAU, {a: Coherent(0)}, values)


LIMIT = 6.0
"""Standard errors, passed by chance with a probability of 2e-9 in each of some 30 comparisons."""


def test_kerr_in_positive_p():
    """Normally ordered products agree; antinormally ordered ones are off by what the commutator adds."""
    ds = sampled(P, KERR, PositiveP(), VALUES, g1=P.correlation(ad, a), G2=P.correlation((ad, a), n), wrong=(A, Ad))
    assert away(ds, "g1", exact(KERR, ad, a, VALUES)).max() < LIMIT
    assert away(ds, "G2", exact(KERR, (ad, a), n, VALUES)).max() < LIMIT
    assert away(ds, "wrong", exact(KERR, (1, a), ad, VALUES)).max() < LIMIT
    assert away(ds, "wrong", exact(KERR, a, ad, VALUES)).min() > 20


@pytest.mark.long
def test_kerr_in_wigner():
    """Symmetric products agree, where the truncation is good; a number at the start is none of them."""
    N = A * sp.conjugate(A) - sp.Rational(1, 2)
    ds = sampled(W, KERR, Wigner(), WEAK, sym=W.correlation(ad, a, symmetric=True), wrong=(N, N))
    both = exact(KERR, ad, a, WEAK), exact(KERR, (1, ad), a, WEAK)
    assert away(ds, "sym", sum(both) / 2).max() < LIMIT
    assert away(ds, "sym", both[0]).min() > 20
    assert away(ds, "wrong", exact(KERR, (ad, a), n, WEAK)).max() > 20


@pytest.mark.long
def test_thermal_driven_cavity_in_q():
    """Antinormally ordered products agree, normally ordered ones do not."""
    conjugate = sp.conjugate(A)
    ds = sampled(H, CAVITY, Q(), VALUES, g1=H.correlation(a, ad), G2=H.correlation((a, ad), n), wrong=(conjugate, A))
    assert away(ds, "g1", exact(CAVITY, a, ad, VALUES)).max() < LIMIT
    assert away(ds, "G2", exact(CAVITY, (a, ad), n, VALUES)).max() < LIMIT
    assert away(ds, "wrong", exact(CAVITY, ad, a, VALUES)).min() > 20
