"""Complex numbers as pairs of real arrays, which XLA vectorises on processors where it does not its complex numbers."""

import jax
import jax.numpy as jnp


@jax.tree_util.register_pytree_node_class
class Pair:
    """Real and imaginary part."""

    def __init__(self, re, im):
        self.re, self.im = re, im

    def tree_flatten(self):
        """Return the arrays."""
        return (self.re, self.im), None

    @classmethod
    def tree_unflatten(cls, _, arrays):
        """Return a pair of arrays."""
        return cls(*arrays)

    def __add__(self, other):
        if isinstance(other, Pair):
            return Pair(self.re + other.re, self.im + other.im)
        return Pair(self.re + other, self.im)

    __radd__ = __add__

    def __sub__(self, other):
        return self + -1.0 * other

    def __mul__(self, other):
        if isinstance(other, Pair):
            return Pair(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
        if isinstance(other, complex):  # ±i alone
            return Pair(-other.imag * self.im, other.imag * self.re)
        return Pair(self.re * other, self.im * other)

    __rmul__ = __mul__


def conj(p):
    """Return the conjugate."""
    return Pair(p.re, -p.im)


def sqrt(p):
    """Return the root with a non-negative real part."""
    size = jnp.sqrt(p.re * p.re + p.im * p.im)
    return Pair(jnp.sqrt((size + p.re) / 2), jnp.copysign(jnp.sqrt((size - p.re) / 2), p.im))


def at_start(field, batch):
    """Return the variables of some trajectories in the ground state with a coherent field."""
    f, zero = jnp.full(batch, field), jnp.zeros(batch)
    return (Pair(f, zero), Pair(f, zero), *(Pair(zero, zero) for _ in range(3)))


def noises(parts):
    """Return three complex noises of six real ones."""
    return Pair(parts[0], parts[1]), Pair(parts[2], parts[3]), Pair(parts[4], parts[5])
