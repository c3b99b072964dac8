"""What experiments say, what is left open, what is refused; a fuzz of both."""

import re

import attrs
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeframe import TargetError, registry
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces.increments import FourPoint
from sdeframe.models import TavisCummings
from sdeframe.observers import Conserved, Runaways, Trajectories, TrustHorizon, WeightedTrustHorizon
from sdeframe.running.compose import compose
from sdeframe.running.stopping.again import Again
from sdeframe.running.stopping.check import check_rule
from sdeframe.sampling import Balanced
from sdeframe.studies.experiments.ending import with_end
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.overriding import overridden
from sdeframe.studies.experiments.resolved import resolved
from sdeframe.studies.experiments.text import parsed

FULL = """
model = "tavis-cummings"
times = [0.5, 1]
trajectories = 4096
seed = 7
step_error = false
checkpoint = "run.ckpt"
output = "there.nc"
parameters = {atoms = 20, start = "excited", form = "A39"}
gauge = {name = "identity"}
integrator = {name = "euler-maruyama", dt = 0.5, increments = "four-point"}
sampling = {name = "balanced", block = 256}
engine = {threads = 2}
until = {errors = {excited = 1e-3}, at = [1]}
[[observers]]
kind = "trust-horizon"
of = ["excited"]
shift = 1.5
[[observers]]
kind = "conserved"
[[observers]]
kind = "trajectories"
of = ["pair", "rho_ee"]
trajectory_ids = [3, 0]
[[observers]]
kind = "runaways"
"""


def test_names_become_objects():
    found = resolved(Experiment.of(parsed(FULL)))
    model = TavisCummings(20, 10, start="excited", form="A39")
    assert found.model == model
    assert found.integrator == EulerMaruyama(dt=0.5, increments=FourPoint())
    options = dict(found.options)
    assert options.pop("observers") == [
        TrustHorizon(excited=model.excited, shift=1.5), Conserved(**model.invariants),
        Trajectories([3, 0], pair=model.pair, rho_ee=model.system()["rho_ee"]), Runaways(),
    ]  # fmt: skip
    assert options.pop("times").tolist() == [0.5, 1.0]
    assert options.pop("sampling") == Balanced(block=256)
    assert found.until == TargetError(excited=1e-3, at=[1.0])
    assert options == {"gauge": found.options["gauge"], "trajectories": 4096, "seed": 7, "step_error": False}


def test_what_is_resolved_says_all_and_resolves_to_the_same():
    for text in (
        FULL,
        "",
        'gauge = {name = "quartic-drift"}',
        "scan = {photons = [5.0, 10.0]}",
        "until = {seconds = 60, trajectories = 1280}",
        'model = "kerr-oscillator"',
    ):
        first = resolved(Experiment.of(parsed(text)))
        again = resolved(Experiment.of(parsed(first.experiment.text)))
        assert again.experiment.text == first.experiment.text
        assert (again.model, again.options["observers"]) == (first.model, first.options["observers"])
        assert again.until == first.until
        np.testing.assert_array_equal(again.options["times"], first.options["times"])
    assert not {"engine", "checkpoint", "output"} & set(parsed(first.experiment.text))


def test_what_is_left_open_is_what_the_command_line_takes():
    found = resolved(Experiment())
    assert parsed(found.experiment.text) == {
        "model": "tavis-cummings", "times": {"first": 0.0, "last": 5.0, "count": 101}, "trajectories": 100_000,
        "parameters": {"atoms": 10, "photons": 10, "decay": 0.0, "start": "ground", "form": "A46"},
        "gauge": {"name": "identity"}, "sampling": {"name": "independent"}, "step_error": True, "seed": 1,
        "integrator": {"name": "w2s4", "dt": 0.025, "increments": "four-point"},
        "observers": [
            {"kind": "trust-horizon", "of": ["excited", "photon_number", "pair"], "bound": 1e3, "low_bound": 10.0,
             "error_ratio": 3.0, "shift": 1.75, "unweighted": False},
            {"kind": "runaways", "bound": 1e3, "weight_bound": 1e3},
        ],
    }  # fmt: skip


def test_observables_go_by_other_names_and_many_numbers_are_a_table():
    spaced = {"first": 0, "last": 8, "count": 3}
    table = {"kind": "trajectories", "trajectory_ids": spaced, "path": "excited", "field": "A"}
    found = resolved(Experiment(observers=[table]))
    model = TavisCummings(10, 10)
    field = model.system()["A"]
    assert found.options["observers"] == [Trajectories(range(0, 9, 4), path=model.excited, field=field)]
    assert found.experiment.observers == [table]
    assert parsed(found.experiment.text)["observers"] == [table]


class Pairs(Trajectories):
    """Takes two expressions a name, of which it keeps the product."""

    def __init__(self, scale=1.0, **pairs):
        super().__init__([0], **{name: scale * one * other for name, (one, other) in pairs.items()})


def test_several_observables_under_one_name_come_together(monkeypatch):
    monkeypatch.setattr(registry, "find", lambda kind, name: Pairs if kind == "observers" else find(kind, name))
    found = resolved(Experiment(observers=[{"kind": "pairs", "n": ["A", "Ad"]}]))
    A, Ad = (TavisCummings(10, 10).system()[name] for name in ("A", "Ad"))
    assert found.options["observers"][0].named == (("n", 1.0 * A * Ad),)


find = registry.find


class Largest(Runaways):
    """An observer whose expression stands in a field, as that of docs/plugins."""

    def __init__(self, expression: sp.Expr):
        super().__init__(2.0)
        object.__setattr__(self, "expression", expression)


def test_a_field_that_is_an_expression_takes_a_name(monkeypatch):
    monkeypatch.setattr(registry, "find", lambda kind, name: Largest if kind == "observers" else find(kind, name))
    found = resolved(Experiment(observers=[{"kind": "largest", "expression": "excited"}]))
    assert found.options["observers"][0].expression == found.model.excited
    assert found.experiment.observers[0] == {"kind": "largest", "expression": "excited"}
    for table, said in (({"of": ["excited"]}, "give expression = ..."), ({"expression": "exited"}, "mean 'excited'")):
        with pytest.raises(ValueError, match=said):
            resolved(Experiment(observers=[{"kind": "largest", **table}]))


def test_a_gauge_with_a_weight_has_weighted_means():
    found = resolved(Experiment(gauge={"name": "quartic-drift"}))
    assert found.options["gauge"] == QuarticDrift()
    assert isinstance(found.options["observers"][0], WeightedTrustHorizon)


def test_a_scan_without_a_step_has_that_of_each_model():
    found = resolved(Experiment(scan={"photons": [10.0, 400.0]}, parameters={"photons": 3.0}))
    assert found.model.photons == 10.0
    assert found.integrator_of(TavisCummings(10, 400.0)).dt < found.integrator_of(found.model).dt
    assert "dt" not in found.experiment.integrator
    assert "photons" not in found.experiment.parameters


def test_options_go_before_what_a_file_says():
    before = Experiment.of(parsed(FULL))
    after = overridden(before, {"parameters": {"photons": 5.0}, "integrator": {"dt": 0.25}, "seed": 8})
    assert (after.parameters["atoms"], after.parameters["photons"], after.seed) == (20, 5.0, 8)
    assert after.integrator == {"name": "euler-maruyama", "dt": 0.25, "increments": "four-point"}
    other = overridden(before, {"integrator": {"name": "w2s4"}, "sampling": {}, "model": "kerr-oscillator"})
    assert (other.integrator, other.sampling, other.parameters) == ({"name": "w2s4"}, before.sampling, {})
    scan = Experiment(scan={"photons": [1.0, 2.0], "atoms": [1, 2]}, engine={"dask": "local", "threads": 2})
    one = overridden(scan, {"parameters": {"photons": 5.0}, "engine": {"mpi": True}})
    assert (one.scan, one.engine) == ({"atoms": [1, 2]}, {"threads": 2, "mpi": True})


def test_a_run_ends_where_it_ended_until_something_else_is_said():
    before = Experiment.of(parsed("until = {errors = {excited = 1e-3}, at = [1.0]}"))
    ended = with_end(before, 1344)
    assert resolved(ended).until == Again(TargetError(excited=1e-3, at=[1.0]), 1344)
    assert with_end(Experiment(), 1344) == Experiment()
    nothing = {"parameters": {}, "integrator": {}, "until": {}}
    assert overridden(ended, {**nothing, "engine": {"threads": 1}, "output": "x.nc"}).until == ended.until
    assert overridden(ended, {**nothing, "seed": 0}).until == before.until
    assert overridden(ended, {**nothing, "until": {"seconds": 3.0}}).until == {"seconds": 3.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trajectory = 3", "an experiment has no key 'trajectory': did you mean 'trajectories'? there are model, "),
        ("zzz = 3", "an experiment has no key 'zzz': there are model, "),
        ("model = 3", "model=3: must be text, such as 'tavis-cummings'"),
        ("model = 'ising'", "no model is called 'ising': there are atoms-in-cavity, "),
        ("parameters = 3", "parameters=3: must be a table, such as {atoms = 10}"),
        ("parameters = {atom = 3}", "parameters: TavisCummings has no parameter 'atom': did you mean 'atoms'? "),
        ("parameters = {atoms = 1.5}", "parameters: atoms of TavisCummings=1.5: must be a positive integer"),
        ("parameters = {photons = inf}", "parameters: photons of TavisCummings=inf: must be a finite number"),
        ("integrator = 'w2s4'", "integrator='w2s4': must be a table, such as {name = \"w2s4\"}"),
        ("integrator = {name = 4}", "integrator.name=4: must be text"),
        ("integrator = {name = 'w2s3'}", "no integrator is called 'w2s3'"),
        ("integrator = {step = 0.1}", "integrator: W2S4 has no parameter 'step': there are dt, increments"),
        ("integrator = {dt = 'x'}", "integrator: dt='x' in W2S4: must be a positive finite number"),
        ("integrator = {increments = 'W2S4'}", "integrator.increments='W2S4': must be 'gaussian' or 'four-point' or"),
        ("gauge = {name = 'a42'}", "no gauge is called 'a42'"),
        ("gauge = {name = 'quartic-drift', switch = '1'}", "gauge.switch='1': must be 'always' or 'conditional' or"),
        ("sampling = {name = 'odd'}", "sampling='odd': must be 'independent' or 'balanced'"),
        ("observers = 3", "observers=3: must be a list of tables"),
        ("observers = []", "observers=[]: nothing would be recorded"),
        ("observers = ['moments']", "observers hold one that='moments': must be a table"),
        ("observers = [{of = ['x']}]", "observers hold {'of': ['x']}: has no kind; give one"),
        ("observers = [{kind = 'median'}]", "no observer is called 'median'"),
        ("observers = [{kind = 'moments', of = 'excited'}]", "observers.moments.of='excited': must be a list of names"),
        ("observers = [{kind = 'moments', of = []}]", "observers.moments.of=[]: must hold at least one name"),
        ("observers = [{kind = 'moments', of = ['A*Ad']}]", "observers.moments.of: TavisCummings declares no 'A*Ad': "),
        ("observers = [{kind = 'moments', of = ['exited']}]", "observers.moments.of: TavisCummings declares no "),
        ("observers = [{kind = 'moments', m = 'A*Ad'}]", "observers.moments.m: TavisCummings declares no 'A*Ad'"),
        ("observers = [{kind = 'moments', m = ['A', 'x']}]", "observers.moments.m: TavisCummings declares no 'x'"),
        ("observers = [{kind = 'moments', m = ['A', 'Ad']}]", "observers.moments: m=(A, Ad): must be a sympy"),
        ("observers = [{kind = 'moments', m = 3}]", "observers.moments: Moments has no parameter 'm': there are"),
        ("observers = [{kind = 'moments', m = ['A']}]", "observers.moments.m=['A']: must be a name, such as 'A', or"),
        ("observers = [{kind = 'moments', of = ['A'], A = 'Ad'}]", "observers.moments.A='Ad': 'A' stands in "),
        ("observers = [{kind = 'trajectories', trajectory_ids = {first = 0}}]",
         "observers.trajectories.trajectory_ids needs last, as in "),
        ("observers = [{kind = 'runaways', of = ['excited']}]", "observers.runaways.of=['excited']: takes no expr"),
        ("observers = [{kind = 'trajectories'}]", "observers.trajectories needs trajectory_ids = ...: "),
        ("times = {first = 0}", "times needs last, as in {first = 0.0, last = 5.0, count = 101}; or give a list"),
        ("times = {first = 0, last = 'x', count = 3}", "times.last='x': must be a finite number"),
        ("times = {first = 0, last = 1, count = 1000000000000}", "times.count=1000000000000: must be an integer"),
        ("times = {first = 0, last = 1, number = 3}", "times has no key 'number'"),
        ("times = 'now'", "times='now': must be increasing numbers"),
        ("seed = 'a'", "seed='a': must be an integer from 0 to 2**63 - 1"),
        ("trajectories = -1", "trajectories=-1: must be a positive integer"),
        ("trajectories = [1]", "trajectories=[1]: must be how many, or the first number and the one behind the last"),
        ("trajectories = [1, 2.0]", "trajectories=[1, 2.0]: must be how many, or the first number"),
        ("trajectories = [2, 2]", "trajectories=range(2, 2): must be a range"),
        ("step_error = 'no'", "step_error='no': must be True or False"),
        ("scan = {photon = [1.0]}", "scan: TavisCummings has no parameter 'photon': did you mean 'photons'?"),
        ("scan = {photons = 1.0}", "photons=1.0 in the grid: must be a list of values"),
        ("scan = {photons = [1.0]}\ncheckpoint = 'x'", "checkpoint='x' with a scan: "),
        ("engine = {cores = 2}", "engine has no key 'cores': there are threads, dask, mpi"),
        ("engine = {threads = 0}", "engine.threads=0: must be a positive integer"),
        ("engine = {mpi = 1}", "engine.mpi=1: must be True or False"),
        ("until = 3", "until=3: must be a table, such as {errors = {excited = 1e-3}, at = [2.0]} or {seconds = 60.0}"),
        ("until = {error = {x = 1.0}}", "until has no key 'error': did you mean 'errors'? there are errors, at, "),
        ("until = {at = [1.0]}", "until={'at': [1.0]}: give either errors = {excited = 1e-3}, "),
        ("until = {seconds = 1, errors = {excited = 1.0}}", "until={'seconds': 1, 'errors': {'excited': 1.0}}: give e"),
        ("until = {errors = 0.1}", "until.errors=0.1: must be a table, such as {excited = 1e-3}"),
        ("until = {errors = {excited = 0}}", "until: excited=0 in TargetError: must be a finite number above 0"),
        ("until = {errors = {at = 0.1}, at = [1.0]}", "until: "),
        ("until = {errors = {self = 0.1}}", "until: "),
        ("until = {errors = {excited = 0.1}, at = 'x'}", "until: at='x' in TargetError: must be a list of output time"),
        ("until = {errors = {exited = 0.1}}", "exited in TargetError: of this run's standard errors, observers tell"),
        ("until = {errors = {excited = 0.1}, at = [0.07]}", "at=0.07 in TargetError: is no output time of this run"),
        ("until = {seconds = -1}", "until: seconds of WallTime=-1: must be a finite number above 0"),
        ("until = {seconds = 1, at = [1.0]}", "until: WallTime has no parameter 'at': there are seconds"),
        ("until = {seconds = 1, trajectories = 0}", "until.trajectories=0: must be a positive integer"),
        ("until = {seconds = 1, trajectories = 1300}", "until.trajectories=1300: the run can end at fixed numbers"),
        ("until = {seconds = 1}\nscan = {photons = [1.0]}", "until={'seconds': 1} with a scan: "),
        ("output = 3", "output=3: must be text, such as 'run.nc'"),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_refusals_name_key_value_and_what_is_allowed(text, message):
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}") as caught:
        composed(parsed(text))
    assert "\n" not in str(caught.value)


def composed(table):
    found = resolved(Experiment.of(table))
    problem = compose(found.model, found.integrator_of(found.model), **found.options)
    check_rule(found.until, problem)


def test_a_scan_of_more_runs_than_anybody_waits_for_is_refused():
    many = [float(k) for k in range(200)]
    with pytest.raises(ValueError, match="scan: has 40000 combinations, of which at most 10000 are run"):
        resolved(Experiment(scan={"photons": many, "decay": many}))


words = st.sampled_from(
    ["x", "x_squared", "moments", "euler-maruyama", "identity", "balanced", "gaussian", "A*Ad", "", "name"]
)
plain = st.integers(-2, 300) | st.sampled_from([0.0, 0.05, 0.1, -1.0, float("inf"), 1e300]) | st.booleans() | words
anything = st.recursive(plain, lambda v: st.lists(v, max_size=3) | st.dictionaries(words, v, max_size=3), max_leaves=4)


def keyed(*names):
    return st.dictionaries(st.sampled_from([*names, "other"]), anything, max_size=3)


observers = st.fixed_dictionaries(
    {"kind": st.sampled_from([*registry.names("observers"), "other"])},
    optional=dict.fromkeys(("of", "bound", "trajectory_ids", "policy", "unweighted", "y"), anything),
)
right = st.fixed_dictionaries(
    {"model": st.sampled_from(["ornstein-uhlenbeck", "geometric-brownian-motion"])},
    optional={
        "parameters": st.just({"start": 1.0}),
        "integrator": st.sampled_from([{"name": "w2s4", "dt": 0.05}, {"name": "euler-maruyama"}]),
        "sampling": st.just({"name": "balanced"}),
        "observers": st.just([{"kind": "moments", "of": ["x"]}, {"kind": "runaways", "bound": 5.0}]),
        "times": st.sampled_from([[0.1, 0.2], {"first": 0, "last": 1, "count": 3}]),
        "trajectories": st.sampled_from([256, 4096, [256, 4096]]),
        "step_error": st.booleans(),
        "until": st.sampled_from([{"errors": {"x": 0.1}}, {"seconds": 1.0}]),
        "scan": st.just({"start": [0.5, 1.0]}),
    },
)
changed = st.fixed_dictionaries(
    {},
    optional={
        "parameters": keyed("rate", "strength", "start", "growth"),
        "integrator": keyed("name", "dt", "increments"),
        "gauge": keyed("name", "switch"),
        "sampling": keyed("name", "block", "replicates"),
        "observers": st.lists(observers, max_size=3),
        "times": keyed("first", "last", "count"),
        "scan": keyed("rate", "start"),
        "engine": keyed("threads", "dask", "mpi"),
        "until": keyed("errors", "at", "seconds", "trajectories"),
    },
)
whole = st.dictionaries(st.sampled_from([f.name for f in attrs.fields(Experiment)] + ["other"]), anything, max_size=2)
experiments = st.builds(lambda *tables: {k: v for table in tables for k, v in table.items()}, right, changed | whole)


def outcome(table):
    """Return "valid", or the message with which a table is refused."""
    try:
        found = resolved(Experiment.of(table))
        check_rule(found.until, compose(found.model, found.integrator_of(found.model), **found.options))
    except (TypeError, ValueError) as error:
        return str(error)
    assert resolved(Experiment.of(parsed(found.experiment.text))).experiment.text == found.experiment.text
    return "valid"


@given(experiments)
def test_any_table_is_an_experiment_or_is_refused_in_one_line(table):
    assert "\n" not in outcome(table)


@pytest.mark.long
@settings(max_examples=10_000)
@given(experiments)
def test_ten_thousand_tables_are_experiments_or_are_refused_in_one_line(table):
    assert "\n" not in outcome(table)


def test_an_observable_may_have_any_name():
    named = [{"kind": kind, "self": "excited", "where": "pair"} for kind in ("moments", "trust-horizon")]
    one, other = resolved(Experiment(observers=named)).options["observers"]
    assert [[name for name, _ in observer.named] for observer in (one, other)] == [["self", "where"]] * 2
