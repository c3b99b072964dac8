"""How often the interval that a run states at its end holds the truth, though it was looked at often."""

import attrs
import numpy as np
import pytest

from sdeframe import TargetError
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments
from sdeframe.progress import progress_bar
from sdeframe.running.compose import compose
from sdeframe.running.simulation import run_problem

RUNS, NEEDED = 2_000, 2_000
MODEL = OrnsteinUhlenbeck()
VARIANCE = 0.1 * (1 - 0.81**10) / (1 - 0.81)
"""Of x after ten steps of Euler's scheme; that of x² is twice its square, up to normal fourth moments."""
CASES = {"x": (0.0, VARIANCE**0.5, 0.99), "x_squared": (VARIANCE, 2**0.5 * VARIANCE, 0.6)}
"""Mean, standard deviation, and how many runs end within 10 % of the number needed at least."""


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_intervals_at_the_end_hold_the_truth(name):
    """Of 2,000 runs some 94.5 % ± 0.5 %: the limits are passed by chance less than once in a million times."""
    truth, deviation, near = CASES[name]
    problem = compose(
        MODEL, EulerMaruyama(dt=0.1), observers=[Moments(**MODEL.observables)], times=[1.0], trajectories=10**5, seed=0
    )  # fmt: skip
    until = TargetError(**{name: deviation / NEEDED**0.5})
    ended = []
    for seed in range(1, RUNS + 1):
        bar = progress_bar(None, False)
        found = run_problem(attrs.evolve(problem, seed=seed), 1, None, bar, None, until).dataset
        ended.append((found[name].real.item(), found[f"{name}_se"].item(), found.attrs["trajectories"]))
    mean, error, number = np.array(ended).T
    covered = np.mean(np.abs(mean - truth) <= 1.959964 * error)
    close = np.mean(np.abs(number / NEEDED - 1) <= 0.1)
    print(f"{name}: covered {covered:.4f}, within a tenth {close:.4f}, on average {number.mean() / NEEDED:.4f} of them")
    assert 0.915 < covered < 0.975
    assert close > near
    assert np.mean(np.abs(mean - truth) <= 1.959964 * 0.8 * error) < 0.915  # errors told too small would be seen
