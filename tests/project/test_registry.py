"""Plugins by name: found through entry points, loaded when asked for, each name once; imports are quick."""

import subprocess
import sys
import textwrap
from importlib.metadata import EntryPoint

import pytest

from sdeframe import registry
from sdeframe.interfaces.gauge import Gauge, Identity
from sdeframe.interfaces.integrator import Integrator
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer


@pytest.fixture
def registered(monkeypatch):
    """Let a test say what is installed."""
    points = []
    monkeypatch.setattr(registry, "entry_points", lambda group: [p for p in points if p.group == group])
    registry.names.cache_clear()
    yield lambda kind, name, value: points.append(EntryPoint(name, value, f"sdeframe.{kind}"))
    registry.names.cache_clear()


def run_fresh(code, *folders):
    """Run code in a new process with folders before all others on sys.path; return the words that it prints."""
    first = f"import sys; sys.path[:0] = {[str(folder) for folder in folders]}\n"
    shown = subprocess.run([sys.executable, "-c", first + textwrap.dedent(code)], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.split()


@pytest.mark.parametrize(
    ("kind", "interface", "name"),
    [
        ("models", Model, "tavis-cummings"),
        ("integrators", Integrator, "stochastic-rk2"),
        ("gauges", Gauge, "identity"),
        ("observers", Observer, "moments"),
    ],
)
def test_every_shipped_plugin_loads_and_says_in_one_line_what_it_is(kind, interface, name):
    assert name in registry.names(kind)
    for plugin in map(registry.find, [kind] * len(registry.names(kind)), registry.names(kind)):
        assert issubclass(plugin, interface)
        assert plugin.__doc__.splitlines()[0].endswith(".")


@pytest.mark.parametrize("kind", ["commands", "validations", "benchmarks"])
def test_every_other_entry_point_loads(kind):
    assert registry.names(kind)
    assert all(callable(registry.find(kind, name)) for name in registry.names(kind))


def test_names_are_sorted_and_nothing_is_loaded_to_know_them(registered):
    registered("models", "zeta", "package_that_does_not_exist:Zeta")
    registered("models", "alpha", "package_that_does_not_exist:Alpha")
    assert list(registry.names("models")) == ["alpha", "zeta"]
    with pytest.raises(ModuleNotFoundError, match="package_that_does_not_exist"):
        registry.find("models", "alpha")


def test_two_plugins_of_one_name_are_an_error(registered):
    registered("gauges", "same", "package1:Gauge")
    registered("gauges", "same", "package2:Gauge")
    message = "two gauges are called 'same': package1:Gauge and package2:Gauge; uninstall or rename one"
    with pytest.raises(ValueError, match=message):
        registry.find("gauges", "same")


def test_a_distribution_that_is_found_twice_is_no_error(registered):
    registered("gauges", "identity", "sdeframe.interfaces.gauge:Identity")
    registered("gauges", "identity", "sdeframe.interfaces.gauge:Identity")
    assert registry.find("gauges", "identity") is Identity


def test_one_name_may_stand_for_plugins_of_two_kinds(registered):
    registered("gauges", "same", "sdeframe.interfaces.gauge:Identity")
    registered("models", "same", "sdeframe.interfaces.model:SymbolicModel")
    assert registry.find("gauges", "same") is Identity
    assert registry.find("models", "same").__name__ == "SymbolicModel"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"no model is called 'ising': there are .*tavis-cummings") as refusal:
        registry.find("models", "ising")
    assert "\n" not in str(refusal.value)
    with pytest.raises(
        ValueError, match=r"no model is called 'tavis-cumings': did you mean 'tavis-cummings'\? there are"
    ):
        registry.find("models", "tavis-cumings")


PLUGIN = """
from sdeframe.interfaces.gauge import Gauge


class Nothing(Gauge):
    '''Does nothing.'''

    def transform(self, sde):
        return sde
"""


def test_another_package_adds_a_gauge(tmp_path):
    (tmp_path / "nothing_gauge.py").write_text(PLUGIN, encoding="utf-8")
    info = tmp_path / "nothing_gauge-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nothing-gauge\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[sdeframe.gauges]\nnothing = nothing_gauge:Nothing\n", encoding="utf-8")
    code = """
        from sdeframe import registry
        print("nothing" in registry.names("gauges"), "nothing_gauge" in sys.modules)
        found = registry.find("gauges", "nothing")
        print(found.__name__, found().transform(7))
    """
    assert run_fresh(code, tmp_path) == ["True", "False", "Nothing", "7"]


@pytest.mark.parametrize("what", ["sdeframe", "sdeframe.registry", "sdeframe.cli"])
def test_an_import_loads_nothing_heavy(what):
    heavy = {"numba", "scipy", "xarray", "matplotlib", "sympy", "h5netcdf", "hypothesis"}
    assert run_fresh(f"import {what}; print(*sorted({heavy} & set(sys.modules)))") == []


def test_asking_for_names_loads_no_plugin():
    code = """
        from sdeframe import registry
        assert all(registry.names(kind) for kind in registry.GROUPS)
        plugins = ("models", "integrators", "gauges", "observers", "studies")
        print(*[name for name in sys.modules if name.startswith(tuple(f"sdeframe.{kind}" for kind in plugins))])
    """
    assert run_fresh(code) == []
