"""What a run will cost, told from injected times of its blocks, so that no clock decides."""

import attrs
import numpy as np
import pytest

import sdeframe
from sdeframe.campaigns import run_cost
from sdeframe.campaigns.memory import growth, held, peak_memory
from sdeframe.campaigns.pilot import ENOUGH, FirstBlocks, Pace, Pilot, every_two, pilot
from sdeframe.campaigns.run_cost import described, duration, estimate, extrapolated
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces.increments import FourPoint
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments, Runaways, Trajectories
from sdeframe.running.compose import compose
from sdeframe.sampling import Balanced

MODEL = OrnsteinUhlenbeck()
x = MODEL.system()["x"]


def options(**changes):
    base = {"observers": [Moments(x=x)], "times": np.linspace(0, 1, 5), "trajectories": 5000, "seed": 1}
    return base | changes


def problem(**changes):
    return compose(MODEL, EulerMaruyama(dt=0.05), **options(**changes))


class Clock:
    """Blocks that take as long as a pace says."""

    def __init__(self, pace):
        self.pace, self.asked = pace, []

    def timed(self, steps):
        self.asked.append(steps)
        return self.pace.seconds(steps)


def outputs(count, last):
    return tuple(range(last // count, last + 1, last // count))


def test_a_pace_is_told_by_three_blocks():
    pace = Pace(start=0.01, step=3e-4, output=2e-3)
    found = Pace.of(Clock(pace).timed, 100, 10)
    assert attrs.astuple(found) == pytest.approx(attrs.astuple(pace))


def test_short_blocks_are_timed_whole():
    clock, steps = Clock(Pace(1e-3, 1e-5, 1e-4)), outputs(100, 200)
    found = pilot(steps, clock.timed)
    assert found.measured == "whole blocks"
    assert found.rounds == (clock.pace.seconds(steps),) * 3


@pytest.mark.parametrize("pace", [Pace(0.01, 1e-3, 1e-4), Pace(0.0, 1e-5, 0.1), Pace(0.5, 0.3, 0.2)])
@pytest.mark.parametrize("count", [1, 1000])
def test_long_blocks_are_told_by_their_first_steps(pace, count):
    clock, steps = Clock(pace), outputs(count, 100_000)
    found = pilot(steps, clock.timed)
    assert steps not in clock.asked
    assert found.seconds == pytest.approx(pace.seconds(steps))
    longest = max(pace.seconds(asked) for asked in clock.asked)
    assert longest < 2 * ENOUGH + pace.start + max(pace.step * 34, pace.output * 5 + pace.step * 64)


def test_pilots_end_on_steps_that_runs_of_twice_the_step_reach():
    clock = Clock(Pace(0.01, 1.7e-3, 3e-3))
    pilot(outputs(1, 9998), clock.timed)
    assert all(step % 2 == 0 for asked in clock.asked for step in asked)
    assert every_two(3) == (2, 4, 6)


def test_what_is_told_grows_with_trajectories_and_shrinks_with_threads():
    found = Pilot((1.0, 2.0, 4.0), "whole blocks")
    few, many = (extrapolated(problem(trajectories=n), 1, found, 0.5, 10**6) for n in (50_000, 500_000))
    assert few.seconds == 2.0 * few.problem.block_count
    assert many.seconds > 5 * few.seconds
    assert extrapolated(many.problem, 4, found, 0.5, 10**6).seconds == 2.0 * -(-many.problem.block_count // 4)
    assert few.shortest < min(found.rounds) * few.problem.block_count < few.seconds < few.longest


def test_it_runs_the_first_blocks_only(monkeypatch):
    run = []
    monkeypatch.setattr(run_cost, "pilot", lambda steps, timed: (run.append(timed(steps)), Pilot((1.0,), "one"))[1])
    found = estimate(MODEL, EulerMaruyama(dt=0.05), threads=2, **options(trajectories=10**7))
    assert len(run) == 1
    assert found.seconds == -(-found.problem.block_count // 2)
    assert found.bytes is None or found.bytes > 10**7


def test_the_public_name_takes_what_simulate_takes_and_refuses_alike():
    found = sdeframe.estimate(MODEL, EulerMaruyama(dt=0.025), threads=1, **options(step_error=True))
    assert 0 < found.shortest <= found.seconds <= found.longest
    assert found.preparation >= 0
    for wrong in ({"trajectories": 0}, {"times": [1.0, 0.5]}, {"observers": [1]}, {"threads": 0}):
        with pytest.raises((ValueError, TypeError), match=next(iter(wrong)).rstrip("s")):
            sdeframe.estimate(MODEL, EulerMaruyama(dt=0.05), **options() | wrong)


def test_the_text_holds_every_property_of_the_run():
    model = TavisCummings(atoms=10, photons=10.0)
    run = compose(
        model, W2S4(0.025), observers=[Moments(excited=model.excited)], times=np.linspace(0, 5, 101),
        trajectories=98_304, seed=3, step_error=True, sampling=Balanced(),
    )  # fmt: skip
    text = extrapolated(run, 2, Pilot((0.5, 0.6, 0.7), "whole blocks"), 1.5, 250_000_000).text
    for words in (
        "TavisCummings(atoms=10", "N = 10", "5 variables", "3 noises (0 real)", "Identity()", "W2S4(dt=0.025",
        "Balanced(", "200 of ", "100 of twice the step", "101 from t = 0", "Moments(", "98,304, seed 3",
        "48 of 2,048", "2 threads", "14 s, 9.6 s to 21 s, by whole blocks", "1.5 s, done now", "250 MB at the peak",
    ):  # fmt: skip
        assert words in text, words
    assert described(problem(), 1)["parameters"]


def test_memory_that_no_system_tells_is_said():
    assert "not told" in extrapolated(problem(), 1, Pilot((1.0,), "one"), 0.0, None).text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0123, "0.012 s"), (90, "90 s"), (150, "2.5 min"), (9000, "2.5 h"), (2e5, "2.3 days")]
)
def test_durations_are_told_in_a_fitting_unit(seconds, text):
    assert duration(seconds) == text


def records(**changes):
    blocks = FirstBlocks(problem(**changes), 1)
    blocks.timed(blocks.problem.steps)
    return blocks


def test_the_growth_of_memory_follows_what_is_kept():
    sums = growth(records(trajectories=10**6))
    assert sums < 10**6
    assert growth(records(trajectories=10**8)) < 2 * sums
    paths = [Trajectories(range(5000), x=x)]
    each = 16 * 5
    assert growth(records(observers=paths)) >= 5000 * each
    written = [Trajectories(range(5000), x=x, file="paths.nc")]
    assert growth(records(observers=written, trajectories=10**7)) < 2 * growth(
        records(observers=written, trajectories=10**5)
    )
    tied = {"sampling": Balanced(replicates=64), "trajectories": 2**17}
    blocks = FirstBlocks(compose(MODEL, EulerMaruyama(0.05, increments=FourPoint()), **options(**tied)), 1)
    blocks.timed(blocks.problem.steps)
    assert growth(blocks) > 64 * held(blocks.records[0].records)


def test_a_process_knows_its_peak():
    memory = peak_memory()
    assert memory is None or 10**7 < memory < 10**11


def test_runaways_and_two_threads_are_timed_together():
    blocks = FirstBlocks(problem(observers=[Moments(x=x), Runaways()]), 3)
    assert blocks.timed((2,)) > 0
    assert len(blocks.records) == 3
    assert len(blocks.two()) == 2
