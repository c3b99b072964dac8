"""How a shell completes words of sdeframe: plugins and parameters of models, of which none is loaded to know them."""

import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from sdeframe import cli, registry
from sdeframe.studies.commands.completion import completion
from sdeframe.studies.commands.declarations import declared
from sdeframe.studies.experiments.plugins import defaults


def completed(*words):
    asked = ShellComplete(cli.commands, {}, "sdeframe", "_SDEFRAME_COMPLETE")
    return [item.value for item in asked.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("r",), ["resume", "run"]),
        (("run", "--mod"), ["--model"]),
        (("run", "--model", "k"), ["kerr-oscillator"]),
        (("run", "--gauge", "q"), ["quartic-drift"]),
        (("run", "--integrator", "w"), ["w2s4"]),
        (("run", "--observer", "tr"), ["trajectories", "trust-horizon"]),
        (("run", "--sampling", ""), ["independent", "balanced"]),
        (("run", "--set", ""), ["atoms=", "photons=", "decay=", "start=", "form="]),
        (("run", "--model", "kerr-oscillator", "--set", "de"), ["detuning=", "decay=", "dephasing="]),
        (("run", "--model", "none", "--set", ""), []),
        (("paper", "t"), ["trust"]),
        (("validate", "clo"), ["closed"]),
    ],
)
def test_words_are_completed(words, found):
    assert completed(*words) == found


def test_parameters_are_those_that_models_declare():
    for name, point in registry.names("models").items():
        assert declared(point.value) == list(defaults(registry.find("models", name)))


@pytest.mark.parametrize("where", ["none:Model", "sdeframe.models:None", "numpy:ndarray", "sdeframe.models.none:Model"])
def test_what_no_source_tells_completes_nothing(where):
    assert declared(where) == []


def test_nothing_slow_is_loaded():
    code = """
        import sys
        from sdeframe import cli
        from click.shell_completion import ShellComplete
        asked = ShellComplete(cli.commands, {}, "sdeframe", "_SDEFRAME_COMPLETE")
        assert len(asked.get_completions(["run", "--model", "bose-hubbard", "--set"], "")) == 8
        assert asked.get_completions(["paper"], "") and asked.get_completions([], "")
        slow = {"numba", "sympy", "xarray", "scipy", "matplotlib", "sdeframe.models"} & set(sys.modules)
        assert not slow, slow
    """
    code = "\n".join(line.strip() for line in code.splitlines())
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_sdeframe(shell):
    done = CliRunner().invoke(completion, [shell])
    assert done.exit_code == 0, done.output
    assert f"_SDEFRAME_COMPLETE={shell}_complete" in done.output
