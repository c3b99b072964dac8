"""Work that travels: who reads it must have the same code, and says so in one line where it has not."""

import importlib
import pickle
import sys
import types

import pytest

from sdeframe.engines import parcels, plugins, versions
from sdeframe.engines.errors import WorkerVersionError
from sdeframe.engines.parcels import Parcel, perform_packed
from sdeframe.integrators import EulerMaruyama
from sdeframe.running.compose import compose
from sdeframe.running.ensemble.total import Ensemble
from tests.support.spread_run import MODEL, OPTIONS, SCHEME

GIVEN = {name: value for name, value in OPTIONS.items() if name != "progress"}


def parcel(scheme=SCHEME):
    return Parcel.of(Ensemble(compose(MODEL, scheme, **GIVEN)))


def test_what_is_packed_gives_the_same_sums():
    packed = parcel()
    here = Ensemble(compose(MODEL, SCHEME, **GIVEN)).span(8, 24)
    there = perform_packed(packed.versions, packed.content, "", 8, 24)
    assert (there.first, there.last) == (8, 24)
    assert pickle.dumps(there.value.records) == pickle.dumps(here.records)
    assert (there.value.losses == here.losses).all()


@pytest.mark.parametrize("name", ["numba", "sdeframe", "Python", versions.SOURCES])
def test_a_worker_with_another_version_names_both(name):
    packed = parcel()
    client = {**packed.versions, name: "0.0.1"}
    told = rf"^the worker \S+, process \d+, has {name} \S+ \(the client 0.0.1\): install the same there"
    with pytest.raises(WorkerVersionError, match=told):
        perform_packed(client, packed.content, "", 0, 4)


def test_a_worker_with_another_version_of_a_plugin_names_both(monkeypatch, tmp_path):
    """Two folders with the same module, as of two versions of a package."""
    source = "import attrs\nfrom sdeframe.integrators import EulerMaruyama\n@attrs.frozen\nclass Mine(EulerMaruyama):\n"
    for place, more in (("client", "    pass\n"), ("worker", "    version = 2\n")):
        folder = tmp_path / place
        folder.mkdir()
        (folder / "two_of_it.py").write_text(source + more)
    monkeypatch.syspath_prepend(tmp_path / "client")
    packed = parcel(importlib.import_module("two_of_it").Mine(dt=0.1))
    assert [*packed.versions][-1] == "two_of_it"
    perform_packed(packed.versions, packed.content, "", 0, 4)
    monkeypatch.delitem(sys.modules, "two_of_it")
    monkeypatch.syspath_prepend(tmp_path / "worker")
    plugins._version.cache_clear()
    told = r"^the worker \S+, process \d+, has two_of_it source (\w+) \(the client source (?!\1)\w+\): install the same"
    with pytest.raises(WorkerVersionError, match=told):
        perform_packed(packed.versions, packed.content, "", 0, 4)


def test_the_version_of_a_package_is_told():
    assert plugins.versions_of(["pytest"])["pytest"].startswith(f"{pytest.__version__}, source ")
    assert plugins.versions_of(["no_such_module"]) == {}


def test_a_worker_without_the_plugin_names_itself_and_the_plugin(monkeypatch):
    module = types.ModuleType("plugin_of_the_client")
    module.Theirs = type("Theirs", (EulerMaruyama,), {"__module__": module.__name__})
    monkeypatch.setitem(sys.modules, module.__name__, module)
    packed = parcel(module.Theirs(dt=0.1))
    monkeypatch.delitem(sys.modules, module.__name__)
    parcels._unpacked.cache_clear()
    told = r"^the worker \S+, process \d+, cannot read the run \(ModuleNotFoundError: No module named 'plugin_of_the_cl"
    with pytest.raises(TypeError, match=told):
        perform_packed(packed.versions, packed.content, "install it", 0, 4)
