"""When a run is looked at: at fixed numbers, over exactly as many trajectories, in whatever order they come back."""

import random
from itertools import pairwise

import attrs
import pytest

from sdeframe.checkpoints.nodes import Node, Nodes
from sdeframe.engines.engine import Done
from sdeframe.engines.left import gaps
from sdeframe.integrators import W2S4
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments
from sdeframe.running.compose import compose
from sdeframe.running.ensemble.looks import Looks
from sdeframe.running.stopping.numbers import decision_numbers
from sdeframe.running.stopping.rules import WallTime
from sdeframe.sampling import Balanced

MODEL = OrnsteinUhlenbeck()


def problem(trajectories, **changes):
    observers = [Moments(**MODEL.observables)]
    return compose(MODEL, W2S4(dt=0.5), observers=observers, times=[1.0], trajectories=trajectories, seed=1, **changes)


@pytest.mark.parametrize("most", [1, 1280, 1281, 100_000, 10**9])
def test_numbers_grow_by_five_percent_at_most(most):
    numbers = decision_numbers(problem(most))
    assert numbers[0] == min(1280, most)
    assert numbers[-1] == most
    assert all(0 < b - a <= a / 20 for a, b in pairwise(numbers))
    assert all(n % 64 == 0 for n in numbers[:-1])
    assert len(numbers) < 420


def test_numbers_depend_on_nothing_else():
    assert decision_numbers(problem(99_999)) == decision_numbers(problem(99_999, block=7))
    assert (
        decision_numbers(problem(10**6))[:-1]
        == decision_numbers(problem(10**7))[: len(decision_numbers(problem(10**6))) - 1]
    )


@pytest.mark.parametrize("replicates", [24, 96, 3000])
def test_numbers_of_tied_trajectories_hold_whole_groups_and_enough_of_them(replicates):
    size = 128
    tied = problem(size * replicates, sampling=Balanced(block=size))
    numbers = decision_numbers(tied)
    assert all(n % tied.replicate_size == 0 and n >= 24 * tied.replicate_size for n in numbers[:-1])
    assert all(b - a <= max(a / 20, tied.replicate_size) for a, b in pairwise(numbers))


class Counts:
    """What is done, as numbers of trajectories."""

    def __init__(self, *spans):
        self.nodes = Nodes()
        for span in spans:
            self.nodes.add(Node(*span, span[1] - span[0]))

    def missing(self, first, last):
        return gaps(self.nodes.spans, first, last)

    def add(self, done):
        self.nodes.add(Node(done.first, done.last, done.value))

    @property
    def trajectories(self):
        return self.nodes.trajectories


@attrs.frozen
class Noting(WallTime):
    """Ends a run after a number of trajectories, and notes what it has seen."""

    seen: list = attrs.field(factory=list)

    def enough(self, problem, finished, seconds):
        self.seen.append(finished.nodes.spans)
        return finished.trajectories >= self.seconds


def looked_at(finished, rule, seed, most=20_000):
    """Bring tasks back in some order, as an engine with 20 slots does, until the run ends."""
    looks, drawn = Looks(problem(most), finished, rule), random.Random(seed)
    todo, flying = [], []
    for first, last in looks.missing():
        ends = [*range(first, last, 50), last]
        todo += pairwise(ends)
    while not looks.ended():
        flying += [todo.pop(0) for _ in range(min(20 - len(flying), len(todo)))]
        first, last = flying.pop(drawn.randrange(len(flying)))
        looks.add(Done(first, last, last - first, 0.0))
    return finished.trajectories


@pytest.mark.parametrize("seed", range(20))
def test_every_number_is_looked_at_with_exactly_the_trajectories_below_it(seed):
    rule = Noting(5_000)
    numbers = [n for n in decision_numbers(problem(20_000)) if n <= 5_120]
    assert looked_at(Counts(), rule, seed) == 5_120
    assert [sum(b - a for a, b in spans) for spans in rule.seen] == numbers
    assert all(
        spans[0][0] == 0 and gaps(spans, 0, number) == [] for spans, number in zip(rule.seen, numbers, strict=True)
    )


@pytest.mark.parametrize("seed", range(5))
def test_numbers_within_what_is_held_already_are_passed_over(seed):
    rule = Noting(2_000)
    assert looked_at(Counts((0, 700), (900, 3_000)), rule, seed) == 3_072
    assert [spans for spans in rule.seen if gaps(spans, 0, 3_072)] == []
    assert looked_at(Counts((0, 2_048)), Noting(2_000), seed) == 2_048
    assert looked_at(Counts((0, 20_000)), Noting(2_000), seed) == 20_000


def test_a_run_without_a_rule_takes_all_in_at_once():
    finished = Counts()
    looks = Looks(problem(20_000), finished, None)
    assert list(looks.missing()) == [(0, 20_000)]
    looks.add(Done(10_000, 10_050, 50, 0.0))
    assert finished.trajectories == 50
