"""The compiled sums of weighted values are the bits of the same formulas in numpy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.sums.log_weights import NOTHING, Weighed, split
from sdeframe.sums.tree import HIGHEST, Tree, reduce_leaves
from sdeframe.sums.weights import merge_weights, reduce_weights

SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e308, -1e-308, 5e-324, 1e160])
FARTHEST = np.array([NOTHING, -1e300, -5000.0, -760.0, -744.0, 0.0, 709.0, 1e9, 2.0**53])


def literal_merge(a, b):
    """Merge nodes as in Chan, Golub and LeVeque (1979), each divided by a power of two of its own."""
    m = (len(a) - 9) // 13
    largest, means, products = np.split(np.arange(9, len(a)), [4 * m, 6 * m])
    largest, means, products = [0, *largest], [4, 5, *means], [6, 7, 8, *products]
    out = np.empty_like(a)
    out[largest] = np.maximum(a[largest], b[largest])
    f, g = (np.ldexp(1.0, np.maximum(node[0] - out[0], -1100).astype(np.int32)) for node in (a, b))
    out[1] = a[1] + b[1]
    share = b[1] / np.maximum(out[1], 1.0)
    out[2] = a[2] * f + b[2] * g
    left, right = a[means] * f, b[means] * g
    delta = right - left
    out[means] = left + delta * share
    squares = [3, *products]
    out[squares] = a[squares] * f * f + b[squares] * g * g
    (re, im), real, imaginary = delta[:2], delta[2 : 2 + m], delta[2 + m :]
    pairs = [(re, re), (im, im), (re, im)]
    for d, e in ((real, real), (imaginary, imaginary)):
        pairs += zip(d, e, strict=True)
    for d in (real, imaginary):
        for w in (re, im):
            pairs += [(x, w) for x in d]
    pairs += zip(real, imaginary, strict=True)
    out[products] += np.array([x * y for x, y in pairs]) * (a[1] * share)
    return out


def literal_leaves(run):
    """Return single trajectories as nodes, shape (rows, trajectories)."""
    w, (u, v) = run.weight[:, 0], run.values
    largest = np.where(run.modulus == 0, -np.inf, [*u, *v, *-u, *-v])
    head = [run.exponent, run.counted, run.modulus, run.modulus**2, *w, *np.zeros((3, run.modulus.size))]
    quantities = [*(w[0] * u - w[1] * v), *(w[1] * u + w[0] * v)]
    return np.array([*head, *largest, *quantities, *np.zeros((7 * len(u), run.modulus.size))])


def drawn(seed, size, names, spread, special, share):
    """Return weighed values, a share of them special numbers, of which some do not count or carry no weight."""
    random = np.random.default_rng(seed)
    log_modulus = random.normal(0.0, spread, size)
    values = random.standard_normal((2, names, size)) * 10.0 ** random.integers(-3, 6, (2, names, size))
    odd = random.random((1 + 2 * names, size)) < special
    log_modulus[odd[0]] = random.choice(FARTHEST, size)[odd[0]]
    values.reshape(2 * names, size)[odd[1:]] = random.choice(SPECIAL, (2 * names, size))[odd[1:]]
    angle = random.uniform(0, 7, size)
    counted, carries = random.random((2, size)) < share
    return Weighed.of(log_modulus, np.stack([np.cos(angle), np.sin(angle)]), values, counted, carries & counted)


def same(found, expected):
    """Return whether nodes are the same, where any zero or not-a-number is like any other."""
    return found.keys() == expected.keys() and all(
        np.array_equal(found[key], expected[key], equal_nan=True) for key in expected
    )


@given(
    seed=st.integers(0, 2**32),
    first=st.one_of(st.integers(0, 300), st.integers(2**40, 2**40 + 300)),
    size=st.integers(1, 300),
    names=st.integers(1, 4),
    spread=st.sampled_from([0.0, 1.0, 300.0, 1e9, 1e200]),
    special=st.sampled_from([0.0, 0.02, 0.5]),
    share=st.sampled_from([0.0, 0.5, 0.99, 1.0]),
    top=st.sampled_from([0, 2, 5, HIGHEST]),
)
def test_bits_are_those_of_the_literal_merge(seed, first, size, names, spread, special, share, top):
    with np.errstate(all="ignore"):
        run = drawn(seed, size, names, spread, special, share)
        expected = dict(reduce_leaves(first, literal_leaves(run), literal_merge, top))
        assert same(dict(reduce_weights(first, run, top)), expected)


@given(seed=st.integers(0, 2**32), names=st.integers(1, 4), special=st.sampled_from([0.0, 0.1]))
def test_nodes_of_many_times_merge_as_single_ones(seed, names, special):
    with np.errstate(all="ignore"):
        runs = [drawn(seed + k, 4, names, 300.0, special, 0.9) for k in range(10)]
        nodes = np.array([dict(reduce_weights(0, run))[2, 0] for run in runs])
        a, b = nodes[0::2].T, nodes[1::2].T
        assert np.array_equal(merge_weights(a, b), literal_merge(a, b), equal_nan=True)


def test_blocks_add_to_the_nodes_of_all():
    run = drawn(3, 300, 2, 30.0, 0.0, 0.9)
    whole, parts = dict(reduce_weights(5, run)), Tree(merge_weights)
    for start, stop in ((0, 77), (77, 78), (78, 300)):
        cut = slice(start, stop)
        one = Weighed.of(*(x[..., cut] for x in (run.log_modulus, run.phase, run.outcomes, run.counted, run.carries)))
        nodes = {key: node[:, None] for key, node in reduce_weights(5 + start, one)}
        parts = Tree(merge_weights, nodes) + parts
    assert same({key: node[:, 0] for key, node in parts.nodes.items()}, whole)


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.3]))
def test_who_is_not_chosen_is_as_if_never_weighed(seed, special):
    with np.errstate(all="ignore"):
        run = drawn(seed, 50, 2, 300.0, special, 0.8)
    chosen = np.random.default_rng(seed).random(50) < 0.5
    left, counted, carries = run.only(chosen), run.counted & chosen, run.carries & chosen
    assert np.array_equal(left.counted, counted)
    assert np.array_equal(left.carries, carries)
    assert np.array_equal(left.exponent, np.where(carries, run.exponent, split(np.array(NOTHING))[0]))
    for name in ("modulus", "weight", "values"):
        kept, before = getattr(left, name), getattr(run, name)
        assert np.array_equal(kept, np.where(carries, before, 0.0), equal_nan=True)
