"""The compiled pass that counts, against numpy's."""

import numpy as np
import pytest

from sdeframe.observers.distributions.counting import count

EDGES = {
    "one bin": [0.0, 1.0],
    "equal": np.linspace(-2, 2, 41),
    "not equal": [-3.0, -2.999, -2.998, 0.0, 1e-300, 0.5, 7.0],
    "wide": np.sinh(np.linspace(-20, 20, 60)),
    "far from 0": 1e6 + np.linspace(0, 1e-3, 100),
}


def slow(values, edges):
    """Return below, inside as numpy counts it, above, no number."""
    known = values[~np.isnan(values)]
    inside = np.histogram(known, edges)[0]
    return [(known < edges[0]).sum(), *inside, (known > edges[-1]).sum(), np.isnan(values).sum()]


def values_near(edges, rng, size):
    """Return numbers inside and outside, on edges and beside them."""
    edges = np.asarray(edges)
    span = edges[-1] - edges[0]
    there = rng.uniform(edges[0] - span / 10, edges[-1] + span / 10, size)
    there[: size // 4] = rng.choice(edges, size // 4)
    there[size // 8 : size // 4] = np.nextafter(there[size // 8 : size // 4], rng.choice([-np.inf, np.inf], size // 8))
    there[-6:] = [np.nan, np.inf, -np.inf, np.nan, -0.0, 0.0]
    return there


@pytest.mark.parametrize("edges", EDGES.values(), ids=EDGES)
def test_one_expression(edges):
    rng = np.random.default_rng(1)
    rows = np.array([[rng.uniform(size=800) > 0.3, values_near(edges, rng, 800)] for _ in range(3)], dtype=float)
    out = np.ones((3, len(edges) + 2), dtype=np.uint32)
    count(rows, 0, np.array([1]), (tuple(edges),), out)
    for row, (alive, values) in zip(out - np.uint32(1), rows, strict=True):
        assert row.tolist() == slow(values[alive > 0], edges)


@pytest.mark.parametrize("first", EDGES.values(), ids=EDGES)
def test_two_expressions(first):
    rng, second = np.random.default_rng(2), EDGES["not equal"]
    rows = np.array([[rng.uniform(size=800) > 0.3, *(values_near(e, rng, 800) for e in (second, first))]], dtype=float)
    out = np.zeros((1, (len(first) + 2) * (len(second) + 2)), dtype=np.uint32)
    count(rows, 0, np.array([2, 1]), (tuple(first), tuple(second)), out)
    alive, y, x = rows[0][:, rows[0, 0] > 0]
    table = out.reshape(len(first) + 2, -1)
    assert alive.sum() == out.sum()
    assert table.sum(axis=1).tolist() == slow(x, first)
    assert table.sum(axis=0).tolist() == slow(y, second)
    inside = np.isfinite(x) & np.isfinite(y)
    expected = np.histogram2d(x[inside], y[inside], (first, second))[0]
    assert table[1:-2, 1:-2].tolist() == expected.astype(int).tolist()
