"""Observers on the command line: what is said of them becomes a table, and every registered one can be reached."""

import re

import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import sdeframe
from sdeframe import cli, registry
from sdeframe.observers import Moments, Runaways, Trajectories
from sdeframe.running.compose import compose
from sdeframe.studies.commands.plugin_words import parse_observer
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.resolved import resolved


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("moments", {}),
        ("moments:excited,pair", {"of": ["excited", "pair"]}),
        ("moments:excited,bound=10,unweighted=true", {"of": ["excited"], "bound": 10, "unweighted": True}),
        ("moments:m=excited,bound=inf", {"m": "excited", "bound": float("inf")}),
        ("histogram:edges=-5:5:41,x=excited", {"edges": {"first": -5, "last": 5, "count": 41}, "x": "excited"}),
        ("histogram:edges=-1.5,0,2e1,x", {"edges": [-1.5, 0, 20.0], "of": ["x"]}),
        (
            "histogram:edges=0:1:3,2:4:3,x=a,y=b",
            {"edges": [{"first": 0, "last": 1, "count": 3}, {"first": 2, "last": 4, "count": 3}], "x": "a", "y": "b"},
        ),
        ("correlation:start=1,2.5,g1=ad:a", {"start": [1, 2.5], "g1": ["ad", "a"]}),
        ("trajectories:trajectory_ids=7,,x", {"trajectory_ids": [7], "of": ["x"]}),
        ("trajectories:trajectory_ids=7,", {"trajectory_ids": [7]}),
    ],
)
def test_text_becomes_a_table(text, table):
    assert parse_observer(text) == {"kind": text.partition(":")[0], **table}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--observer : must be KIND, or KIND:ITEM,ITEM,... with names of observables and KEY=VALUE, such as "),
        ("moments:", "--observer moments:: '' is no item, or stands there twice; must be KIND, or "),
        ("moments:a:b", "--observer moments:a:b: 'a:b' is no item"),
        ("moments:=3", "--observer moments:=3: '=3' is no item"),
        ("moments:of=x", "--observer moments:of=x: 'of=x' is no item"),
        ("moments:bound=1,bound=2", "--observer moments:bound=1,bound=2: 'bound=2' is no item, or stands there twice"),
        (
            "moments:bound=",
            "--observer moments:bound=: '' is no value, which is a number, a word, ",
        ),
        ("moments:m=a:3", "--observer moments:m=a:3: 'a:3' is no value"),
        ("moments:bound=1:2", "--observer moments:bound=1:2: '1:2' is no value"),
    ],
)
def test_refusals_of_text(text, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        parse_observer(text)


@given(st.text(alphabet="ab1-.=:,_*() ", max_size=20))
def test_any_text_is_a_table_or_is_refused(text):
    assert outcome(text) == text.partition(":")[0] or outcome(text).startswith(f"--observer {text}: ")


def outcome(text):
    """Return the kind of observer that a text names, or the message with which it is refused."""
    try:
        return parse_observer(text)["kind"]
    except ValueError as error:
        return str(error)


REACHED = {
    "conserved": "conserved:drift_of=photon_number",
    "correlation": "correlation:start=2.0,g2=excited:photon_number",
    "histogram": "histogram:edges=-1:1:5,x",
    "moments": "moments:excited,m=A",
    "photon-statistics": "photon-statistics:largest=20,photon_number",
    "runaways": "runaways:bound=10",
    "spectrum": "spectrum:window=0,5,S=Ad:A",
    "time-average": "time-average:window=1,5,excited",
    "trajectories": "trajectories:trajectory_ids=0:9:10,path=excited",
    "trust-horizon": "trust-horizon:excited",
    "weighted-moments": "weighted-moments:excited,bound=100",
    "weighted-trust-horizon": "weighted-trust-horizon:excited",
}


FORMULAS = {"functions": "functions:excited"}
"""What is made of formulas, which stand in scripts only."""


def test_every_registered_observer_is_reached_here():
    assert {*REACHED, *FORMULAS} == set(registry.names("observers"))


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_refused(name):
    with pytest.raises(ValueError, match=r"holds no mean\(...\)"):
        resolved(Experiment(observers=[parse_observer(FORMULAS[name])], trajectories=256))


@pytest.mark.parametrize("name", REACHED)
def test_every_registered_observer_can_be_asked_for(name):
    gauge = {"name": "quartic-drift" if name.startswith("weighted") else "identity"}
    real = {"model": "ornstein-uhlenbeck", "integrator": {"name": "w2s4", "dt": 0.025}} if name == "histogram" else {}
    found = resolved(Experiment(observers=[parse_observer(REACHED[name])], gauge=gauge, trajectories=256, **real))
    (observer,) = found.options["observers"]
    assert type(observer) is registry.find("observers", name)
    compose(found.model, found.integrator_of(found.model), **found.options)


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Return a function that runs the command line in an empty folder: (exit status, output, error)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr("sys.argv", ["sdeframe", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *capsys.readouterr()

    return call


SMALL = ("run", "--model", "ornstein-uhlenbeck", "--trajectories", "256", "--dt", "0.05", "--times", "0.5,1")


def test_a_run_records_what_options_say_and_can_be_repeated(command):
    said = ("moments:second=x_squared", "trajectories:trajectory_ids=3,0,path=x", "runaways:bound=2")
    status, _, error = command(*SMALL, *(word for text in said for word in ("--observer", text)))
    assert (status, error) == (0, "")
    model = registry.find("models", "ornstein-uhlenbeck")()
    x, square = model.observables["x"], model.observables["x_squared"]
    ds = sdeframe.load("run.nc").dataset
    found = resolved(Experiment.of(sdeframe.studies.experiments.text.parsed(ds.attrs["experiment"])))
    assert found.options["observers"] == [Moments(second=square), Trajectories([3, 0], path=x), Runaways(bound=2)]
    assert ds["path"].sizes == {"trajectory": 2, "time": 2}
    assert command("run", "run.nc", "--output", "again.nc")[0] == 0
    assert sdeframe.load("again.nc").dataset.identical(ds)


def test_the_option_goes_before_what_a_file_says(command):
    assert command(*SMALL, "--observer", "moments:x")[0] == 0
    assert command("run", "run.nc", "--output", "other.nc", "--observer", "moments:x_squared")[0] == 0
    assert "x_squared" in sdeframe.load("other.nc").dataset
    assert "x" not in sdeframe.load("other.nc").dataset


@pytest.mark.parametrize(
    "text", ["time-average:window=0.5,1,x", "spectrum:window=0.5,1,x=x:x", "correlation:start=0.5,x=x:x"]
)
def test_what_is_not_over_time_may_have_the_name_of_a_mean(command, text):
    assert command(*SMALL, "--observer", text)[0] == 0
    assert "time" not in sdeframe.load("run.nc").dataset["x"].dims


def test_paths_go_to_a_file(command):
    paths = "trajectories:trajectory_ids=0:255:256,file=paths.nc,x"
    assert command(*SMALL, "--observer", paths)[0] == 0
    with xr.open_dataset("paths.nc") as ds:
        assert dict(ds["x"].sizes) == {"time": 2, "trajectory": 256}
    assert sdeframe.load("run.nc").dataset["x"].item() == "paths.nc"
    status, _, error = command(*SMALL, "--observer", paths, "--output", "paths.nc")
    assert status == 2
    assert "file='paths.nc' of an observer: the result or picture would overwrite it: rename it" in error
    status, _, error = command(*SMALL, "--observer", paths, "--checkpoint", "run.ckpt")
    assert status == 2
    assert "no checkpoint holds it" in error


@pytest.mark.parametrize("what", ["time-average:window=0.5,1,x", "spectrum:window=0.5,1,x=x:x"])
def test_what_is_not_over_the_time_stands_in_the_file_and_in_no_picture(command, what):
    status, told, error = command(*SMALL, "--observer", what)
    assert (status, error) == (0, "")
    assert told.endswith("wrote run.nc\n")
    assert "x_se" in sdeframe.load("run.nc").dataset


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("median:x", "no observer is called 'median': there are conserved, "),
        ("moments:y", "observers.moments.of: OrnsteinUhlenbeck declares no 'y': "),
        ("moments:m=x**2", "observers.moments.m: OrnsteinUhlenbeck declares no 'x**2': "),
        ("moments:bound=-1", "observers.moments: bound=-1 in Moments: must be a positive number"),
        ("moments:bond=1", "observers.moments: Moments has no parameter 'bond': did you mean 'bound'? there are "),
        ("trajectories:x", "observers.trajectories needs trajectory_ids = ...: "),
        ("weighted-moments:x", "WeightedMoments: "),
    ],
)
def test_refusals_name_key_value_and_what_is_allowed(command, text, message):
    status, _, error = command(*SMALL, "--observer", text)
    assert status == 2
    assert message in error
