"""The generator from Python: streams of normals, signs and uniforms, with the limits of statistical checks."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sdeframe.compiled import normals as nm
from sdeframe.compiled import random_numbers as rn
from sdeframe.compiled.signs import fill_signs

SIGMA = 6.5
P_VALUE = 1e-9
Array = NDArray[np.float64]


@njit
def fill(z, base, trajectories, step, channel, purpose, level, k0, k1, scale):
    nm.fill_normals(z, base, trajectories.size, trajectories, step, channel, purpose, level, k0, k1, scale)


@njit
def add(z, base, trajectories, step, channel, purpose, level, k0, k1, scale):
    nm.add_normals(z, base, trajectories.size, trajectories, step, channel, purpose, level, k0, k1, scale)


@njit
def sign_words(words, trajectories, step, groups, k0, k1):
    rn.fill_words(words, 0, trajectories.size, trajectories, step, groups, rn.SIGN, k0, k1)


@njit
def sign_row(z, base, lanes, words, j, step, scale):
    fill_signs(z, base, lanes, words, j, step, scale)


@njit
def philox(c0, c1, c2, c3, k0, k1):
    return rn.philox(c0, c1, c2, c3, k0, k1)


@njit
def box_muller(x, y):
    g = np.empty((x.size, 2))
    for i in range(x.size):
        g[i, 0], g[i, 1] = nm._box_muller(x[i], y[i])
    return g


@njit
def uniforms(trajectories, step, channel, purpose, level, k0, k1):
    u = np.empty((trajectories.size, 2))
    for i in range(trajectories.size):
        u[i, 0], u[i, 1] = rn.uniform_pair(trajectories[i], step, channel, purpose, level, k0, k1)
    return u


def normals(trajectories, step=0, channel=0, purpose=rn.PATH, level=0, seed=1) -> Array:
    """Return g0 and g1 as rows."""
    z = np.empty(2 * trajectories.size)
    fill(z, 0, trajectories, step, channel, purpose, level, *rn.key(seed), 1.0)
    return z.reshape(2, -1)


def signs(trajectories, step, count, seed=1) -> Array:
    """Return `count` rows of signs."""
    words = np.empty(4 * -(-count // 4) * trajectories.size, np.uint64)
    z = np.empty(count * trajectories.size)
    sign_words(words, trajectories, step, -(-count // 4), *rn.key(seed))
    for j in range(count):
        sign_row(z, j * trajectories.size, trajectories.size, words, j, step, 1.0)
    return z.reshape(count, -1)


def ids(count: int, first: int = 0) -> NDArray[np.uint64]:
    return np.arange(first, first + count, dtype=np.uint64)
