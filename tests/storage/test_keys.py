"""What a kept result depends on: keys are the same in every process, and other ones where bits could differ."""

import importlib
import linecache
import os
import subprocess
import sys
from pathlib import Path

import attrs
import numpy as np
import pytest
import sympy as sp

import sdeframe
from sdeframe import QuantumModel, SymbolicModel, poisson_noises, random_normal, real_variables
from sdeframe.derivation import Boson, DensityMatrix, Master, Q
from sdeframe.described import _foreign_source
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import EulerMaruyama, Heun
from sdeframe.interfaces.gauge import Identity
from sdeframe.interfaces.increments import FourPoint
from sdeframe.interfaces.observer import Observer
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments, Runaways, Trajectories, WeightedMoments
from sdeframe.running.compose import compose
from sdeframe.sampling import Balanced, Independent
from sdeframe.storage import keys
from sdeframe.storage.keys import described, exact_key, run_key
from sdeframe.studies.validations.stretches import LostTrajectories
from sdeframe.symbolic.system import SDE
from tests.support.stored_runs import MODEL, OPTIONS, W, k, x


def problem(model=MODEL, integrator=None, gauge=None, **changes):
    options = OPTIONS | {"gauge": gauge or Identity()} | changes
    return compose(model, integrator or EulerMaruyama(dt=0.1), **options)


POINTS = EulerMaruyama(dt=0.125, increments=FourPoint())


@attrs.frozen
class Doubled(Heun):
    """A scheme of another package."""

    def step(self, f, x, t, dW):
        return x + f.drift(x, t) * dW.dt + 2 * f.noise(x, t, dW.path)


VARIANTS = {
    "model parameter": lambda: problem(OrnsteinUhlenbeck(rate=1.0000000000000002)),
    "form": lambda: problem(TavisCummings(10, 10.0, form="A39"), observers=[Runaways()]),
    "start": lambda: problem(TavisCummings(10, 10.0, start="excited"), observers=[Runaways()]),
    "open": lambda: problem(TavisCummings(10, 10.0, decay=0.1), observers=[Runaways()]),
    "gauge": lambda: problem(TavisCummings(10, 10.0), gauge=QuarticDrift(), observers=[Runaways()]),
    "weights": lambda: problem(TavisCummings(10, 10.0), gauge=QuarticDrift(), observers=[WeightedMoments(x=1)]),
    "scheme": lambda: problem(integrator=Heun(dt=0.1)),
    "other scheme": lambda: problem(integrator=Doubled(dt=0.1)),
    "step": lambda: problem(integrator=EulerMaruyama(dt=0.05)),
    "observers": lambda: problem(observers=[Moments(x=x)]),
    "expression": lambda: problem(observers=[Moments(x=x * 1.0000000000000002), Runaways(10.0)]),
    "name": lambda: problem(observers=[Moments(y=x), Runaways(10.0)]),
    "bound": lambda: problem(observers=[Moments(x=x), Runaways(11.0)]),
    "trajectories watched": lambda: problem(observers=[Trajectories([1, 2], x=x)]),
    "others watched": lambda: problem(observers=[Trajectories([1, 3], x=x)]),
    "times": lambda: problem(times=[0.0, 0.5, 1.5]),
    "size": lambda: problem(trajectories=101),
    "seed": lambda: problem(seed=2),
    "step error": lambda: problem(step_error=True, times=[0.0, 0.4, 1.0]),
    "bits": lambda: problem(integrator=POINTS, trajectories=1536),
    "tied": lambda: problem(integrator=POINTS, trajectories=1536, sampling=Balanced()),
    "tied by more": lambda: problem(integrator=POINTS, trajectories=1536, sampling=Balanced(block=128)),
    "tied by as many": lambda: problem(integrator=POINTS, trajectories=1536, sampling=Balanced(block=64)),
    "other replicates": lambda: problem(integrator=POINTS, trajectories=1536, sampling=Balanced(replicates=12)),
    "times of step error": lambda: problem(times=[0.0, 0.4, 1.0]),
}  # fmt: skip


def test_what_changes_a_result_changes_its_key():
    keys = {name: run_key(make()) for name, make in VARIANTS.items()} | {"as it is": run_key(problem())}
    assert len(set(keys.values())) == len(keys)


def test_what_changes_no_bit_changes_no_key():
    assert run_key(problem(block=7)) == run_key(problem(sampling=Independent())) == run_key(problem())


def test_exact_keys():
    model, times = TavisCummings(3, 2.0), [0.0, 1.0]
    keys = [
        exact_key(model, times), exact_key(model, [0.0, 1.5]), exact_key(model, times, "photon_distribution"),
        *(exact_key(attrs.evolve(model, **c), times) for c in ({"atoms": 4}, {"photons": 2.1}, {"decay": 0.1})),
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)


KEYS = """
import sys
import numpy as np, sympy as sp
sys.path.insert(0, sys.argv[1])
from tests.storage.test_keys import VARIANTS, exact_key, run_key, TavisCummings
from sdeframe.storage.store import key_hash
print(*[key_hash(run_key(make())) for make in VARIANTS.values()], key_hash(exact_key(TavisCummings(3, 2.0), [1.0])))
"""


def test_keys_are_the_same_in_every_process():
    command = [sys.executable, "-c", KEYS, str(Path(__file__).parents[2])]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONHASHSEED": seed})
        for seed in ("1", "4242")
    ]
    first, second = (process.communicate(timeout=200)[0] for process in processes)
    assert len(first.split()) == len(VARIANTS) + 1
    assert first == second


BOTH, NEITHER = (True, True), (False, False)


ROOMS = {
    "__init__.py": NEITHER,
    "__main__.py": NEITHER,
    "arithmetic.py": NEITHER,
    "caches.py": NEITHER,
    "progress.py": NEITHER,
    "campaigns": NEITHER,
    "checkpoints": (True, False),
    "cli.py": NEITHER,
    "compiled": BOTH,
    "conformance": NEITHER,
    "derivation": BOTH,
    "described.py": NEITHER,
    "drives": NEITHER,
    "drawing": NEITHER,
    "engines": (True, False),
    "files.py": NEITHER,
    "gauges": NEITHER,
    "growth": (True, False),
    "groups": BOTH,
    "integrators": NEITHER,
    "interfaces": BOTH,
    "kernels": BOTH,
    "markup.py": NEITHER,
    "models": (False, True),
    "observers": (True, False),
    "registry.py": NEITHER,
    "running": BOTH,
    "sampling": BOTH,
    "scratch.py": NEITHER,
    "sources.py": NEITHER,
    "storage": NEITHER,
    "studies": NEITHER,
    "sums": BOTH,
    "symbolic": BOTH,
    "testing": NEITHER,
    "time_dependence": BOTH,
    "validators.py": BOTH,
}
"""Whether the key of a run, and that of an exact solution, depend on a room. The source of a kernel, which is part of
a run's key, holds what models, gauges and integrators say."""


def sources():
    """Return the source files of every room of sdeframe."""
    root = Path(sdeframe.__file__).parent
    return {
        room.name: sorted(room.rglob("*.py")) or [room]
        for room in root.iterdir()
        if [*room.glob("*.py")] or room.suffix == ".py"
    }


def test_every_room_is_judged():
    assert set(sources()) == set(ROOMS)


@pytest.fixture
def changed(monkeypatch):
    """Return whether the keys of a run and of an exact solution change with the text of a file."""
    before = run_key(problem()), exact_key(MODEL, [1.0])
    read = Path.read_text

    def keys_with(edited):
        keys.code_key.cache_clear()
        monkeypatch.setattr(Path, "read_text", lambda p, **o: read(p, **o) + "#" * p.samefile(edited))
        return run_key(problem()) != before[0], exact_key(MODEL, [1.0]) != before[1]

    yield keys_with
    monkeypatch.undo()
    keys.code_key.cache_clear()


@pytest.mark.parametrize("room", ROOMS)
def test_changed_sources_change_keys(changed, room):
    folders = {file.parent: file for file in sources()[room]}  # a file of every folder of the room
    assert folders
    assert [changed(file) for file in folders.values()] == [ROOMS[room]] * len(folders)


def test_a_room_without_sources_makes_no_key(monkeypatch):
    monkeypatch.setattr(Path, "rglob", lambda *_: iter(()))
    with pytest.raises(FileNotFoundError, match=r"sdeframe.observers: holds no source"):
        keys.code_key("observers")
    with pytest.raises(FileNotFoundError, match=r"sdeframe.nowhere: holds no source"):
        keys.code_key("nowhere")


def test_described_tells_values_apart():
    class Plain:
        pass

    values = [
        1, 1.0, True, "1", None, 1j, [1], [1, 2], [[1], 2], {"a": 1}, {"a": 2}, {"b": 1}, 0.1, np.nextafter(0.1, 1),
        np.arange(2), np.arange(2.0), np.arange(2)[None], x, W, k, sp.Symbol("x"), sp.Symbol("x", real=True),
        sp.Float(0.1),
        sp.Rational(1, 10), sp.Float(np.nextafter(0.1, 1)), Moments(x=x), Moments(x=x, bound=2.0),
        SDE({x: -x}, {x: W}), SDE({x: -x}, {x: 2 * W}), SDE({x: -x}, {x: W}, interpretation="stratonovich"),
    ]  # fmt: skip
    assert len({described(v) for v in values}) == len(values)
    assert described({"a": 1, "b": 2}) == described({"b": 2, "a": 1})
    assert described(np.float64(0.1)) == described(0.1)
    with pytest.raises(TypeError, match=r"Plain.*attrs class"):
        described({"a": Plain()})


def test_a_class_of_the_studies_has_its_source_in_the_key():
    assert "#" in described(LostTrajectories(1e3))
    assert "#" not in described(Runaways())


def test_a_changed_base_of_a_plugin_changes_the_key(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "base_of_mine.py").write_text("import attrs\n\n\n@attrs.frozen\nclass Base:\n    factor = 1.0\n")
    (tmp_path / "plugin_of_mine.py").write_text(
        "import attrs\nfrom base_of_mine import Base\n\n\n@attrs.frozen\nclass Mine(Base):\n    name: str\n"
    )
    mine = importlib.import_module("plugin_of_mine").Mine("a")
    before = described(mine)
    (tmp_path / "base_of_mine.py").write_text("import attrs\n\n\n@attrs.frozen\nclass Base:\n    factor = 1e3\n")
    linecache.checkcache()
    _foreign_source.cache_clear()
    assert described(mine) != before


def test_a_class_without_source_is_refused():
    namespace = {"__name__": "nowhere", "Observer": Observer, "attrs": attrs}
    exec("@attrs.frozen\nclass Nothing(Observer):\n    start = update = finish = None", namespace)
    with pytest.raises(ValueError, match=r"nowhere.Nothing has no source file.*module"):
        described(namespace["Nothing"]())


def test_starts_of_one_name_and_different_laws_have_different_keys():
    mode = Boson("a")
    master, quantity = Master(mode.dag() * mode, [(1, mode)]), {"n": mode.dag() * mode}

    def key(excited):
        state = DensityMatrix(np.diag([1 - excited, excited]))
        model = QuantumModel(master, Q(), {mode: state}, observables=quantity)
        (x, *_) = model.system().variables.values()
        return run_key(problem(model, EulerMaruyama(0.1), observers=[Moments(x=x)]))

    assert key(0.2) == key(0.2) != key(0.8)


def test_rates_bounds_and_sizes_of_jumps_are_in_the_key():
    y = real_variables("y")

    def key(rate=1, jump=1, **more):
        sde = SDE({y: 0}, jumps={poisson_noises("N", rate=rate, **more): {y: jump}})
        return run_key(problem(SymbolicModel(sde, {y: 0}), observers=[Moments(y=y)]))

    keys = [
        key(),
        key(2),
        key(1, 2),
        key(1, bound=2),
        key(1, compensated=True),
        key(1, random_normal("g")),
        key(y**2, bound=1),
    ]
    assert key() == keys[0]
    assert len({*keys}) == len(keys)
