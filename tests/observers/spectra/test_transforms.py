"""Spectra of single trajectories against sums that are written out."""

import numpy as np
import pytest
import sympy as sp

from sdeframe import complex_variables, real_variables
from sdeframe.observers.spectra.transforms import ROWS, Product, frequencies, plan, taper_of, to_spectra

a, b, x = *complex_variables("a b"), real_variables("x")
DT, N = 0.3, 10


def written_out(early, late, dt, weights):
    """Return (1/T) [∫ A e^{-iωt} dt] [∫ B e^{iωt} dt] of values in time, shape (trajectories, N)."""
    t, omega = dt * np.arange(N), frequencies(N, dt)[:, None]
    A = (weights * early) @ np.exp(-1j * omega * t).T * dt
    B = (weights * late) @ np.exp(1j * omega * t).T * dt
    return A * B / (N * dt)


def values(trajectories, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((trajectories, N)) + 1j * rng.standard_normal((trajectories, N)) for _ in "ab"]


def series(*rows):
    stacked = np.array(rows).swapaxes(1, 2)
    return np.concatenate([stacked.real, stacked.imag])


@pytest.mark.parametrize("taper", ["none", "hann"])
@pytest.mark.parametrize("trajectories", [1, ROWS, 2 * ROWS + 3])
def test_products_are_those_of_integrals(taper, trajectories):
    A, B = values(trajectories)
    w = taper_of(taper, N)
    found = to_spectra(series(A, B), [Product(0, False, 1), Product(1, True, 1)], DT, w)
    weights = np.ones(N) if w is None else w
    expected = series(written_out(A, B, DT, weights), written_out(B.conj(), B, DT, weights))
    assert found == pytest.approx(expected, abs=1e-12)
    assert (np.delete(found[3], 0, axis=0) == 0).all()  # |B|² has no imaginary part


def test_no_bit_depends_on_who_stands_beside_whom():
    A, B = values(3 * ROWS + 5)
    whole = to_spectra(series(A, B), [Product(0, False, 1)], DT, None)
    for i in (0, 1, ROWS - 1, 2 * ROWS, 3 * ROWS + 4):
        alone = to_spectra(series(A[i : i + 1], B[i : i + 1]), [Product(0, False, 1)], DT, None)
        assert np.array_equal(alone[:, :, 0], whole[:, :, i])


def test_what_is_transformed_is_as_little_as_can_be():
    assert plan((("S", sp.conjugate(a), a),)) == ((a,), (Product(0, True, 0),))
    assert plan((("S", x, x),)) == ((x,), (Product(0, True, 0),))
    assert plan((("S", b, a),)) == ((a, b), (Product(1, False, 0),))
    assert plan((("S", a, a), ("T", a, b))) == ((a, b), (Product(0, False, 0), Product(0, False, 1)))


def test_frequencies_ascend_from_both_sides():
    assert frequencies(4, 0.5) == pytest.approx(np.pi * np.array([-2.0, -1.0, 0.0, 1.0]))
    assert frequencies(5, 0.5) == pytest.approx(2 * np.pi / 2.5 * np.arange(-2, 3))


def test_tapers_keep_the_integral():
    assert taper_of("none", N) is None
    w = taper_of("hann", N)
    assert (w**2).sum() == pytest.approx(N)
    assert w == pytest.approx(np.sqrt(2 / 3) * (1 - np.cos(2 * np.pi * np.arange(N) / N)))
