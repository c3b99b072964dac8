"""diffrax: its solvers with constant steps on arrays of trajectories, compiled whole."""

import protocol  # noqa: I001, before any library starts threads

import diffrax
import jax
import jax.numpy as jnp
import lineax
from equations import increment
from jax_pairs import Pair, at_start, conj, noises, sqrt

jax.config.update("jax_enable_x64", True)
BATCH = 1024
SOLVERS = {"euler": diffrax.Euler, "heun": diffrax.Heun}


def terms(atoms, stratonovich, path):
    """Return drift and noise."""
    of, zero = increment(sqrt, conj), Pair(0.0, 0.0)
    shape = jax.ShapeDtypeStruct((6, BATCH), jnp.float64)

    def drift(t, z, args):
        return of(z, 1.0, (zero, zero, zero), atoms, stratonovich)

    def noise(t, z, args):
        return lineax.FunctionLinearOperator(
            lambda w: of(z, 0.0, noises(w * 0.5**0.5), atoms, stratonovich), shape
        )  # fmt: skip

    return diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(noise, path))


def prepare(task, scheme, trajectories):
    """Return a solver."""
    dt, atoms = task["dt"], float(task["atoms"])

    def batch(key):
        path = diffrax.UnsafeBrownianPath(shape=(6, BATCH), key=key)
        solution = diffrax.diffeqsolve(
            terms(atoms, float(scheme != "euler"), path), SOLVERS[scheme](), 0.0, task["steps"] * dt, dt,
            at_start((task["photons"] / atoms) ** 0.5, BATCH), max_steps=None, adjoint=diffrax.ForwardMode(),
            stepsize_controller=diffrax.ConstantStepSize(), saveat=diffrax.SaveAt(t1=True),
        )  # fmt: skip
        return solution.ys[2].re[0]

    @jax.jit
    def every(key):
        return jax.lax.map(batch, jax.random.split(key, -(-trajectories // BATCH))).ravel()[:trajectories]

    return lambda seed: every(jax.random.key(seed))


protocol.serve(prepare)
