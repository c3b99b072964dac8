"""Errors by replicates in plain numpy, of one quantity."""

import math

import numpy as np


def by_replicates(values, counted, replicates):
    """Return mean, standard error and floor of real values of all trajectories, of which some count."""
    groups = list(zip(np.split(values, replicates), np.split(counted, replicates), strict=True))
    n, mean = counted.sum(), values[counted].mean()
    squares = sum((c.sum() / n) ** 2 * (v[c].mean() - mean) ** 2 for v, c in groups if c.any())
    floor = np.abs(values[counted] - mean).max() / n
    return mean, math.hypot(math.sqrt(replicates / (replicates - 1) * squares), floor), floor


def ratio_by_replicates(omega, values, replicates):
    """Return a ratio, the errors of both parts without a floor, and the most that one trajectory adds to it."""
    total = omega.sum()
    ratio = (omega * values).sum() / total
    share = omega * (values - ratio) / total
    residuals, spread = share.reshape(replicates, -1).sum(axis=1), math.sqrt(replicates / (replicates - 1))
    errors = spread * np.linalg.norm(residuals.real), spread * np.linalg.norm(residuals.imag)
    return ratio, errors, np.abs(share).max()
