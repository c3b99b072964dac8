"""Plugins that cannot be loaded: listed with their reason, refused when they are asked for, in no one's way."""

import os
import subprocess
import sys

import pytest

from sdeframe import registry

REASONS = {
    "missing": ("gone", "ModuleNotFoundError: No module named 'gone'"),
    "failing": ("raise RuntimeError('out of\\nluck')", "RuntimeError: out of luck"),
    "leaving": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "garbled": ("def", "SyntaxError: "),
    "empty": ("", "AttributeError: "),
}
KINDS = ("models", "gauges", "integrators", "observers", "commands", "validations", "benchmarks", "figures")


@pytest.fixture(scope="module")
def sdeframe_command(tmp_path_factory):
    """Install broken plugins of all kinds in a folder; return a function that runs the command line with it."""
    folder = tmp_path_factory.mktemp("broken")
    info = folder / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", encoding="utf-8")
    points = [
        f"[sdeframe.{kind}]\n" + "\n".join(f"{name}-{kind} = plugin_{name}:Thing" for name in REASONS) for kind in KINDS
    ]
    (info / "entry_points.txt").write_text("\n\n".join(points) + "\n", encoding="utf-8")
    for name, (source, _) in REASONS.items():
        code = f"import {source}" if name == "missing" else source
        (folder / f"plugin_{name}.py").write_text(code + "\n", encoding="utf-8")

    def call(*arguments):
        code = f"import sys; sys.path.insert(0, {str(folder)!r}); from sdeframe.cli import main; main()"
        environment = {**os.environ, "COLUMNS": "400"}
        return subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment, cwd=folder
        )

    return call


def test_list_names_them_with_their_reasons(sdeframe_command):
    shown = sdeframe_command("list")
    assert shown.returncode == 0, shown.stderr
    lines = " ".join(shown.stdout.split())
    for name, (_, reason) in REASONS.items():
        for kind in KINDS:
            assert (
                f"{name}-{kind} broken: {kind.removesuffix('s')} '{name}-{kind}' (plugin_{name}:Thing) cannot" in lines
            )
        assert reason in lines
    assert "tavis-cummings" in lines


@pytest.mark.parametrize("group", [[], ["validate"], ["paper"]], ids=str)
def test_help_names_them(sdeframe_command, group):
    kind = {"validate": "validations", "paper": "figures"}.get("".join(group), "commands")
    shown = sdeframe_command(*group, "--help")
    assert shown.returncode == 0, shown.stderr
    assert f"failing-{kind}" in shown.stdout
    assert "Broken: " in shown.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("failing-commands", "--of-its-own", "3"),
        ("validate", "failing-validations", "--trajectories", "3"),
        ("run", "--gauge", "failing-gauges"),
    ],
    ids=" ".join,
)
def test_one_that_is_asked_for_is_refused_in_one_line(sdeframe_command, arguments):
    shown = sdeframe_command(*arguments)
    assert shown.returncode == 2
    assert shown.stderr.startswith("sdeframe: ")
    assert shown.stderr.count("\n") == 1
    assert "cannot be loaded, RuntimeError: out of luck; mend or uninstall the package" in shown.stderr


@pytest.mark.long
def test_everything_else_runs(sdeframe_command):
    shown = sdeframe_command("run", "--model", "ornstein-uhlenbeck", "--trajectories", "10", "--times", "0,1")
    assert shown.returncode == 0, shown.stderr
    assert "wrote run.nc and run.png" in shown.stdout


def test_the_error_holds_its_cause(monkeypatch):
    class Point:
        value = "package:Thing"

        def load(self):
            raise KeyError("x")

    monkeypatch.setattr(registry, "names", lambda kind: {"odd": Point()})
    with pytest.raises(registry.BrokenPluginError, match=r"'odd' .package:Thing. cannot be loaded, KeyError") as found:
        registry.find("models", "odd")
    assert isinstance(found.value.__cause__, KeyError)
