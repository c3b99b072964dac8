"""Checks of orders that tests share."""

import numpy as np

from sdeframe.conformance.orders import Linear, enumerated_step, strong_order, weak_orders

NOISES = {
    "one real": (1, 0),
    "two real": (2, 0),
    "three real": (3, 0),
    "one complex": (0, 1),
    "two complex": (0, 2),
    "real and complex": (2, 1),
}
SYSTEMS = {name: Linear.draw(*noises, seed=seed) for seed, (name, noises) in enumerate(NOISES.items(), 1)}
"""Linear systems whose noises do not commute, large enough to decide the error."""


def assert_weak_order(scheme, linear, f=None, moments=("xx", "xx*"), order=None, tolerance=0.1, **options):
    """Check that moments converge with an order, the declared one if not given; a wrong limit shows as the order 0."""
    found, expected = weak_orders(scheme, linear, f, **options), scheme.weak_order if order is None else order
    for q in moments:
        assert abs(found[q].order - expected) < tolerance, f"E {q}: {found[q]}"


def one_step_rates(integrator, f, x):
    """Return the drift E dx/h and the correlators E dx dx/h that the scheme shows in one step from a state."""
    states, chance = enumerated_step(integrator, f, x)
    change = states - np.asarray(x)[:, None]
    mean = change @ chance
    centred = change - mean[:, None]
    return mean / integrator.dt, (centred * chance) @ centred.T / integrator.dt


def assert_strong_order(order, scheme, f, start, paths, reference):
    """Check the slope of the root mean square error on shared paths.

    It may differ by 0.05, for the finite step, and 5 standard errors: false alarms below 6e-7.
    """
    slope, error = strong_order(scheme, f, start, paths, reference)
    assert abs(slope - order) < 0.05 + 5 * error, f"slope {slope:.3f} ± {error:.3f} instead of {order}"
