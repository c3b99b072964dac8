"""Gauges, schemes and samplings with parameters on the command line, to objects, and to text that makes them again."""

import re

import pytest

from sdeframe.gauges import Always, ConditionalSwitch, QuarticDrift, TanhSwitch
from sdeframe.interfaces.increments import Octagon
from sdeframe.sampling import Balanced
from sdeframe.studies.commands.plugin_words import parse_plugin
from sdeframe.studies.commands.run import _given
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.overriding import overridden
from sdeframe.studies.experiments.resolved import resolved
from sdeframe.studies.experiments.text import parsed


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (None, {}),
        ("a41", {"name": "a41"}),
        ("g:switch=always", {"name": "g", "switch": "always"}),
        ("g:switch=always,switch.kappa=0.5", {"name": "g", "switch": {"name": "always", "kappa": 0.5}}),
        ("g:switch.k=2,switch=tanh,x=1,2", {"name": "g", "switch": {"name": "tanh", "k": 2}, "x": [1, 2]}),
    ],
)
def test_text_becomes_a_table(text, table):
    assert parse_plugin("gauge", text) == table


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--gauge : must be NAME, or NAME:KEY=VALUE,..., such as quartic-drift:switch=always,switch.kappa=0.5"),
        ("g:switch", "--gauge g:switch: 'switch' is no KEY=VALUE; must be NAME, or "),
        ("g:name=h", "--gauge g:name=h: 'name=h' is no item"),
        ("g:name.x=1", "--gauge g:name.x=1: 'name.x' is no parameter, or stands there twice"),
        ("g:x=1,x.y=2", "--gauge g:x=1,x.y=2: 'x.y' is no parameter, or stands there twice"),
        ("g:x=", "--gauge g:x=: '' is no value"),
    ],
)
def test_refusals_of_text(text, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        parse_plugin("gauge", text)


@pytest.mark.parametrize(
    ("words", "switch"),
    [
        ("", TanhSwitch()),
        (":switch=conditional", ConditionalSwitch()),
        (":switch=always,switch.kappa=0.5", Always(0.5)),
        (":switch=tanh,switch.k=2.5,switch.lower=-2", TanhSwitch(k=2.5, lower=-2)),
    ],
)
def test_a_gauge_has_its_switch_and_so_has_what_its_result_describes(words, switch):
    experiment = Experiment(gauge=parse_plugin("gauge", f"quartic-drift{words}"), trajectories=256)
    found = resolved(experiment)
    assert found.options["gauge"] == QuarticDrift(switch)
    assert resolved(Experiment.of(parsed(found.experiment.text))).options["gauge"] == QuarticDrift(switch)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("switch=odd", "gauge.switch='odd': must be 'always' or 'conditional' or 'tanh'"),
        ("switch.k=1", "gauge.switch.name=None: must be 'always' or 'conditional' or 'tanh'"),
        ("switch=always,switch.k=1", "gauge.switch: Always has no parameter 'k': there are kappa"),
        ("switch=tanh,switch.k=-1", "gauge.switch: k=-1: must be positive"),
        ("switch=true", "gauge: switch=True: must be a switch"),
        ("swich=always", "gauge: QuarticDrift has no parameter 'swich': did you mean 'switch'? there are switch"),
    ],
)
def test_refusals_name_key_value_and_what_is_allowed(words, message):
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}"):
        resolved(Experiment(gauge=parse_plugin("gauge", f"quartic-drift:{words}"), trajectories=256))


NONE = {
    "settings": (), "observers": (), "times": None, "dt": None, "integrator": None, "gauge": None, "sampling": None,
    "until": (), "trajectories": None,
}  # fmt: skip


def test_options_go_before_what_a_file_says():
    before = Experiment(integrator={"name": "w2s4", "dt": 0.02}, trajectories=16384)
    words = {"integrator": "w2s4:increments=octagon", "sampling": "balanced:block=1024,replicates=16"}
    found = resolved(overridden(before, _given(**NONE | words)))
    scheme = found.integrator_of(found.model)
    assert (scheme.dt, type(scheme.increments)) == (0.02, Octagon)
    assert found.options["sampling"] == Balanced(block=1024, replicates=16)


def test_a_step_is_given_once():
    with pytest.raises(ValueError, match=r"--integrator w2s4:dt=0.1 and --dt 0.2: give the step once"):
        _given(**NONE | {"integrator": "w2s4:dt=0.1", "dt": 0.2})
