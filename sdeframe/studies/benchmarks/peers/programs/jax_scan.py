"""JAX: a scan over steps of arrays of trajectories, compiled whole, as one writes it by hand."""

import protocol  # noqa: I001, before any library starts threads

import jax
import jax.numpy as jnp
from equations import increment, stepper
from jax_pairs import at_start, conj, noises, sqrt

jax.config.update("jax_enable_x64", True)
BATCH = 1024


def prepare(task, scheme, trajectories):
    """Return a solver."""
    step, dt, atoms = stepper(increment(sqrt, conj), scheme), task["dt"], float(task["atoms"])

    def one(z, key):
        parts = jax.random.normal(key, (6, BATCH), dtype=jnp.float64) * (dt / 2) ** 0.5
        return step(z, dt, noises(parts), atoms), None

    def batch(key):
        z, _ = jax.lax.scan(
            one, at_start((task["photons"] / atoms) ** 0.5, BATCH), jax.random.split(key, task["steps"])
        )
        return z[2].re

    @jax.jit
    def every(key):
        return jax.lax.map(batch, jax.random.split(key, -(-trajectories // BATCH))).ravel()[:trajectories]

    return lambda seed: every(jax.random.key(seed))


protocol.serve(prepare)
