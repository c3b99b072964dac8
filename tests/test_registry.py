"""Plugins are found by entry point, loaded on first use; imports are quick."""

import importlib.metadata
import subprocess
import sys

import pytest

from sdeframe import registry


def test_the_shipped_plugins_are_found_and_loaded():
    assert set(registry.names("integrators")) >= {"euler-maruyama", "stochastic-rk2"}
    assert registry.find("gauges", "identity").__name__ == "Identity"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"no model is called 'ising': there are .*tavis-cummings"):
        registry.find("models", "ising")


def test_two_plugins_of_one_name_are_an_error(monkeypatch):
    points = [importlib.metadata.EntryPoint("same", f"package{i}:Gauge", "sdeframe.gauges") for i in (1, 2)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    registry.names.cache_clear()
    with pytest.raises(ValueError, match="two gauges are called 'same': package1:Gauge and package2:Gauge"):
        registry.names("gauges")
    monkeypatch.undo()
    registry.names.cache_clear()


PLUGIN = """
from sdeframe.gauge import Gauge
class Nothing(Gauge):
    '''Does nothing.'''
    interpretation = None
    def transform(self, sde):
        return sde
"""


def test_another_package_adds_a_gauge(tmp_path):
    (tmp_path / "nothing_gauge.py").write_text(PLUGIN, encoding="utf-8")
    info = tmp_path / "nothing_gauge-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nothing-gauge\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[sdeframe.gauges]\nnothing = nothing_gauge:Nothing\n", encoding="utf-8")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from sdeframe import registry;"
        "names = registry.names('gauges'); assert 'nothing_gauge' not in sys.modules;"
        "print(sorted(names), registry.find('gauges', 'nothing').__doc__)"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "['identity', 'nothing'] Does nothing."


@pytest.mark.parametrize("what", ["sdeframe", "sdeframe.cli"])
def test_an_import_loads_nothing_heavy(what):
    heavy = ("numba", "scipy", "xarray", "matplotlib", "sympy")
    script = f"import sys, {what}; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
