"""A run that is kept while it goes on: the same bits however it is cut, and a refusal where they could differ."""

from typing import ClassVar

import attrs
import numpy as np
import pytest
import xarray as xr

from sdeframe import SymbolicModel, simulate
from sdeframe.checkpoints import checkpoint, file
from sdeframe.engines.errors import ObserverError
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces import Observer
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Conserved, Moments, Runaways, Trajectories, TrustHorizon, WeightedTrustHorizon
from sdeframe.sampling import Balanced
from tests.support.spread_run import MODEL, OPTIONS, SCHEME, run

CLOSED = TavisCummings(3, 2.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.ckpt"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Write after every task."""
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", np.inf)


@attrs.frozen
class Failing(Observer):
    """Fails on some trajectories."""

    knows_replicates: ClassVar[bool] = True

    first: int

    def start(self, ensemble):
        return 0

    def update(self, record, snapshot):
        if snapshot.first >= self.first:
            raise ZeroDivisionError("nothing to divide by")

    def finish(self, record):
        return xr.Dataset()


class StoppedError(Exception):
    """Ends a run from within."""


def stopped(path, after, **changes):
    """Run until so many tasks are written, as if the process were killed then."""
    write, count = file.write, []

    def writes(*given):
        write(*given)
        count.append(1)
        if len(count) == after:
            raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file, "write", writes)
        with pytest.raises(StoppedError):
            run(checkpoint=path, threads=1, **changes)


def done(path):
    return file.read(path)[0].done


def test_a_run_that_was_cut_three_times_gives_the_same_bits(path):
    for after in (5, 3, 9):
        before = done(path) if path.exists() else 0
        stopped(path, after)
        assert done(path) == before + 4 * after
    result = run(checkpoint=path, threads=2)
    assert done(path) == 96
    assert result.dataset.identical(run(threads=1).dataset)


def test_nothing_is_computed_twice(path, monkeypatch):
    result = run(checkpoint=path)
    monkeypatch.setattr("sdeframe.running.ensemble.total.run_trajectories", lambda *_: pytest.fail("ran"))
    assert run(checkpoint=path).dataset.identical(result.dataset)


@pytest.mark.parametrize("size", [96, 97, 203])
def test_more_trajectories_take_over_all_that_are_there(path, size, monkeypatch):
    run(checkpoint=path, trajectories=90, threads=1)
    alone = run(trajectories=size).dataset
    ran = []
    real = checkpoint.Checkpoint.add
    monkeypatch.setattr(checkpoint.Checkpoint, "add", lambda self, d: ran.append(d.last - d.first) or real(self, d))
    assert run(checkpoint=path, trajectories=size, block=16).dataset.identical(alone)
    assert sum(ran) == size - 90


def test_there_are_few_sums_each_with_its_seal(path):
    run(checkpoint=path, trajectories=1_000, threads=1)
    page, members = file.read(path)
    assert page.done == 1_000
    assert len(page.spans) <= 10
    assert {file.name_of(span) for span in page.spans} | {file.PAGE} == set(members)


OBSERVERS = {
    "all plain": (
        CLOSED, EulerMaruyama(dt=0.0625),
        {"observers": [
            TrustHorizon(excited=CLOSED.excited), Conserved(excited=CLOSED.excited), Runaways(10.0),
            Moments(photons=CLOSED.photon_number, bound=100.0), Trajectories([3, 40], path=CLOSED.excited),
        ], "step_error": True},
    ),
    "weighted": (
        CLOSED, EulerMaruyama(dt=0.0625),
        {"observers": [WeightedTrustHorizon(excited=CLOSED.excited)], "gauge": QuarticDrift(), "step_error": True},
    ),
    "tied": (
        CLOSED, W2S4(dt=0.125),
        {"observers": [TrustHorizon(excited=CLOSED.excited), Runaways(10.0)], "sampling": Balanced(block=1024),
         "trajectories": 8192},
    ),
    "tied and weighted": (
        CLOSED, W2S4(dt=0.125),
        {"observers": [WeightedTrustHorizon(excited=CLOSED.excited)], "gauge": QuarticDrift(),
         "sampling": Balanced(block=1024), "trajectories": 8192},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OBSERVERS)
def test_what_every_observer_keeps_can_be_read_back(path, name):
    model, scheme, options = OBSERVERS[name]
    options = {"times": [0.5, 1.0], "trajectories": 300, "seed": 3, "progress": False, "block": 32} | options
    alone = simulate(model, scheme, **options).dataset
    failing = options | {"observers": [*options["observers"], Failing(128)]}
    with pytest.raises(ObserverError):
        simulate(model, scheme, checkpoint=path, threads=1, **failing)
    assert done(path) >= 128
    path.unlink()
    real = checkpoint.Checkpoint.add
    count = []

    def add(self, task):
        real(self, task)
        count.append(1)
        if len(count) == 4:
            raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "add", add)
        with pytest.raises(StoppedError):
            simulate(model, scheme, checkpoint=path, threads=1, **options)
    assert done(path) == 128
    assert simulate(model, scheme, checkpoint=path, **options).dataset.identical(alone)
    assert simulate(model, scheme, checkpoint=path, **options).dataset.identical(alone)


def test_tied_trajectories_can_become_more(path):
    options = {"checkpoint": path, "sampling": Balanced(block=128), "block": None}
    tied = W2S4(dt=0.125)
    run(scheme=tied, trajectories=1280, **options)
    options["trajectories"] = 128 * 600  # of which two replicates stand for each other in errors
    alone = run(scheme=tied, **options | {"checkpoint": None})
    assert run(scheme=tied, **options).dataset.identical(alone.dataset)


def test_another_run_is_refused_with_what_differs(path):
    run(checkpoint=path)
    with pytest.raises(ValueError, match=r"run.ckpt: holds another run, which differs in seed: give another path"):
        run(checkpoint=path, seed=6)
    with pytest.raises(ValueError, match=r"differs in output_times, steps"):
        run(checkpoint=path, times=[0.5, 0.9])
    with pytest.raises(ValueError, match=r"differs in parameters: "):
        simulate(OrnsteinUhlenbeck(rate=2.0), SCHEME, checkpoint=path, **OPTIONS)


def test_other_code_is_refused(path, monkeypatch):
    run(checkpoint=path)
    monkeypatch.setattr("sdeframe.running.ensemble.identity.code_key", lambda *_: "0")
    with pytest.raises(ValueError, match=r"differs in code: "):
        run(checkpoint=path)


def test_fewer_trajectories_than_there_are_sums_of_are_refused(path):
    run(checkpoint=path)
    with pytest.raises(ValueError, match=r"trajectories=80: .*holds sums over 96 already.*as many at least"):
        run(checkpoint=path, trajectories=80)


def test_a_number_that_decides_a_bound_otherwise_is_refused_with_the_way_out(path):
    options = {"observers": [TrustHorizon(excited=CLOSED.excited)], "times": [0.0], "seed": 1, "progress": False}
    scheme = EulerMaruyama(dt=0.0625)
    simulate(CLOSED, scheme, trajectories=100, checkpoint=path, **options)
    told = r"trajectories=2000000: decides bounds otherwise than the 100 with which .*run.ckpt was begun: keep their"
    with pytest.raises(ValueError, match=told):
        simulate(CLOSED, scheme, trajectories=2_000_000, checkpoint=path, **options)


@pytest.mark.filterwarnings("ignore")  # of what such a run is worth
def test_a_number_that_decides_the_replicates_otherwise_is_refused_with_the_way_out(path):
    options = {
        "observers": [Moments(excited=CLOSED.excited)], "times": [16.0], "seed": 1, "progress": False,
        "sampling": Balanced(),
    }  # fmt: skip
    scheme = W2S4(dt=0.125)
    simulate(CLOSED, scheme, trajectories=24 * 1024, checkpoint=path, **options)
    told = r"trajectories=49152: decides trajectories of a replicate .* or say Balanced\(block=\.\.\.\) from the first"
    with pytest.raises(ValueError, match=told):
        simulate(CLOSED, scheme, trajectories=24 * 2048, checkpoint=path, **options)


def test_the_heaviest_of_more_trajectories_are_not_among_those_kept_of_fewer(path):
    options = {"times": [0.5], "seed": 3, "progress": False, "gauge": QuarticDrift()}
    options["observers"] = [WeightedTrustHorizon(excited=CLOSED.excited)]
    scheme = EulerMaruyama(dt=0.0625)
    simulate(CLOSED, scheme, trajectories=500, checkpoint=path, **options)
    with pytest.raises(ValueError, match=r"decides size of what WeightedTrustHorizon \(number 1\) keeps otherwise"):
        simulate(CLOSED, scheme, trajectories=1_500, checkpoint=path, **options)
    alone = simulate(CLOSED, scheme, trajectories=900, **options).dataset
    assert simulate(CLOSED, scheme, trajectories=900, checkpoint=path, **options).dataset.identical(alone)


@attrs.define
class Plain:
    """A record without annotations."""

    things: dict = attrs.field(factory=dict)

    def __add__(self, other):
        return Plain({**self.things, **other.things})


@attrs.frozen
class Keeps(Observer):
    """Keeps what no checkpoint can hold."""

    def start(self, ensemble):
        return Plain()

    def update(self, record, snapshot):
        record.things[snapshot.first] = Plain()

    def finish(self, record):
        return xr.Dataset()


def test_a_record_that_no_file_can_hold_is_refused_with_its_place(path):
    told = r"^record\.records\[0\]\.things\[0\] is a Plain, which neither an empty record nor the annotation of its"
    with pytest.raises(TypeError, match=told):
        run(observers=[Keeps()], checkpoint=path, threads=1)


def test_a_model_from_a_notebook_needs_a_module(path):
    namespace = {"__name__": "nowhere", "EulerMaruyama": EulerMaruyama}
    exec("class Mine(EulerMaruyama): pass", namespace)
    with pytest.raises(ValueError, match=r"^checkpoint=.*run.ckpt: nowhere.Mine has no source file"):
        simulate(MODEL, namespace["Mine"](dt=0.1), checkpoint=path, **OPTIONS)


def test_a_symbolic_model_of_a_notebook_needs_none(path):
    import sympy as sp

    from sdeframe import SDE, real_noises, real_variables

    x, W = real_variables("x"), real_noises("W")
    model = SymbolicModel(SDE({x: -x}, {x: sp.Integer(1) * W}), {x: 1})
    options = {**OPTIONS, "observers": [Moments(x=x)]}
    alone = simulate(model, SCHEME, **options).dataset
    assert simulate(model, SCHEME, checkpoint=path, **options).dataset.identical(alone)
