"""The store gives back what was computed, never anything else; keys are the same in every process."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import attrs
import numpy as np
import pytest
import sympy as sp
import xarray as xr

import sdeframe
from sdeframe import SymbolicModel, simulate
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama, Heun
from sdeframe.interfaces.gauge import Identity
from sdeframe.interfaces.observer import Observer
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.observers import Moments, Runaways, Trajectories, WeightedMoments
from sdeframe.running.compose import compose
from sdeframe.running.result import load
from sdeframe.storage import keys, store
from sdeframe.storage.keys import described, exact_key, run_key
from sdeframe.storage.store import Store, cached_exact, cached_run
from sdeframe.symbolic.symbols import parameters, real_noises, real_variables
from sdeframe.symbolic.system import SDE

MODEL = OrnsteinUhlenbeck()
x, W, k = real_variables("x"), real_noises("W"), parameters("k")
OPTIONS = {"observers": [Moments(x=x), Runaways(10.0)], "times": [0.0, 0.5, 1.0], "trajectories": 100, "seed": 1}
VALUES = xr.Dataset(
    {
        "z": ("n", np.array([complex(-0.0, -0.0), complex(1, np.inf), complex(2, np.nan), 3 - 4j])),
        "count": ("n", np.arange(4, dtype=np.int32), {"about": "integers"}),
        "yes": ((), True),
        "point": ((), 1 - 0j),
        "nothing": ("n", np.array([np.nan, -np.inf, -0.0, 5e-324])),
    },
    coords={"start": ("start", ["ground", "excited"])},
    attrs={"text": "", "number": 0.1, "whole": 3, "infinite": np.inf},
)


@pytest.fixture
def kept(tmp_path):
    return Store(tmp_path / "results")


def never():
    raise AssertionError("was computed")


def problem(model=MODEL, integrator=None, gauge=None, **changes):
    options = OPTIONS | {"gauge": gauge or Identity()} | changes
    return compose(model, integrator or EulerMaruyama(dt=0.1), **options)


def same_bits(a, b):
    xr.testing.assert_identical(a, b)
    for name in a.variables:
        if a[name].dtype.kind in "fci":
            ours, theirs = (np.ascontiguousarray(v[name].values).view(np.uint8) for v in (a, b))
            np.testing.assert_array_equal(ours, theirs, err_msg=str(name))


def test_a_dataset_is_computed_once_and_comes_back_to_the_bit(kept):
    made = kept.dataset({"what": "values"}, lambda: VALUES)
    again = Store(kept.folder).dataset({"what": "values"}, never)
    same_bits(made, again)
    assert kept.load({"what": "other values"}) is None


def test_every_reader_of_netcdf_reads_a_file(kept):
    kept.save("values", VALUES)
    (file,) = kept.folder.iterdir()
    same_bits(load(file).dataset, kept.load("values"))
    assert file.stat().st_mode & 0o777 <= 0o644
    assert kept.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [
    lambda b: b[:-1], lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b + b"\0",
    lambda b: b[:3000] + bytes([b[3000] ^ 1]) + b[3001:], lambda b: b[:-40] + b[-32:], lambda b: b"text " * 20,
])  # fmt: skip
def test_a_damaged_file_is_made_anew_and_that_is_said(kept, damage):
    kept.save("values", VALUES)
    (file,) = kept.folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert file.read_bytes() != whole
    with pytest.warns(UserWarning, match=rf"{file}: is damaged.*anew"):
        found = kept.dataset("values", lambda: VALUES)
    same_bits(found, kept.dataset("values", never))


def test_a_file_of_another_name_is_not_taken(kept):
    kept.save("values", VALUES)
    (file,) = kept.folder.iterdir()
    file.rename(kept.folder / f"{store.key_hash('others')}.nc")
    with pytest.warns(UserWarning, match="not what its name says"):
        assert kept.load("others") is None


def test_a_file_of_another_format_is_made_anew(kept, monkeypatch):
    with monkeypatch.context() as other:
        other.setattr(store, "FORMAT", "sdeframe-result/0")
        kept.save("values", VALUES)
    with pytest.warns(UserWarning, match="computing anew"):
        same_bits(kept.dataset("values", lambda: VALUES), kept.dataset("values", never))


def test_where_the_folder_cannot_be_used_all_is_computed_and_that_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    blocked = Store(tmp_path / "file" / "results")
    with pytest.warns(UserWarning, match="not kept"):
        same_bits(blocked.dataset("values", lambda: VALUES), VALUES.assign_attrs(sdeframe_format="sdeframe-result/1"))


def test_a_folder_of_others_is_not_used(tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.warns(UserWarning, match="others have access"):
        Store(tmp_path / "open").dataset("values", lambda: VALUES)
    assert not list((tmp_path / "open").iterdir())


def test_what_no_file_can_hold_is_not_lost(kept):
    odd = xr.Dataset({"a": ((), 1.0)}, attrs={"nothing": None})
    with pytest.warns(UserWarning, match="is not kept"):
        assert kept.dataset("odd", lambda: odd)["a"] == 1
    assert not list(kept.folder.iterdir())


def test_an_error_or_interrupt_while_computing_keeps_nothing(kept):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.dataset("values", interrupted)
    assert not list(kept.folder.iterdir())


def test_the_default_folder_can_be_moved(tmp_path, monkeypatch):
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path / "moved"))
    Store().save("values", VALUES)
    assert len(list((tmp_path / "moved" / "results").iterdir())) == 1


def test_a_run_from_the_store_has_the_bits_of_one_that_is_simulated_and_can_be_replayed(kept, monkeypatch):
    model = TavisCummings(10, 10.0)
    options = OPTIONS | {"observers": [Moments(excited=model.excited), Runaways()], "step_error": True}
    simulated = simulate(model, W2S4(dt=0.05), **options, progress=False)
    first = cached_run(kept, model, W2S4(dt=0.05), **options, progress=False)
    monkeypatch.setattr(store, "run_problem", lambda *_: never())
    second = cached_run(kept, model, W2S4(dt=0.05), **options)
    for result in (first, second):
        same_bits(result.dataset, simulated.dataset)
        same_bits(result.replay([3], (0, 0.2)), simulated.replay([3], (0, 0.2)))
        assert result.runaway_time(0.005) == simulated.runaway_time(0.005)
    assert np.isnan(second.seconds)
    assert first.seconds > 0


def test_a_kept_run_is_named_after_the_model_that_asks(kept):
    named = cached_run(kept, MODEL, EulerMaruyama(dt=0.1), **OPTIONS, progress=False)
    unnamed = SymbolicModel(MODEL.system(), MODEL.initial_state(), parameters=MODEL.parameters())
    same = cached_run(kept, unnamed, EulerMaruyama(dt=0.1), **OPTIONS)
    assert np.isnan(same.seconds)
    assert (named.dataset.attrs["model"], same.dataset.attrs["model"]) == ("OrnsteinUhlenbeck", "SymbolicModel")
    xr.testing.assert_equal(named.dataset, same.dataset)


def test_exact_solutions_are_kept(kept, monkeypatch):
    model, times = TavisCummings(3, 2.0), np.linspace(0, 1, 4)
    first = cached_exact(kept, model, times)
    monkeypatch.setattr(TavisCummings, "exact", lambda *_: never())
    same_bits(first, cached_exact(kept, model, times))
    np.testing.assert_array_equal(first["time"], times)
    with pytest.raises(AssertionError, match="was computed"):
        cached_exact(kept, attrs.evolve(model, decay=1e-300), times)


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
    "times of step error": lambda: problem(times=[0.0, 0.4, 1.0]),
}  # fmt: skip


def test_what_changes_a_result_changes_its_key():
    keys = {name: run_key(make()) for name, make in VARIANTS.items()} | {"as it is": run_key(problem())}
    assert len(set(keys.values())) == len(keys)


def test_what_changes_no_bit_changes_no_key():
    assert run_key(problem(block=7)) == run_key(problem())


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
from tests.storage.test_store import VARIANTS, exact_key, run_key, TavisCummings
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
    "caches.py": NEITHER,
    "campaigns": NEITHER,
    "cli.py": NEITHER,
    "compiled": BOTH,
    "conformance": NEITHER,
    "derivation": BOTH,
    "gauges": NEITHER,
    "integrators": NEITHER,
    "interfaces": BOTH,
    "kernels": BOTH,
    "models": (False, True),
    "observers": (True, False),
    "registry.py": NEITHER,
    "running": BOTH,
    "storage": NEITHER,
    "studies": NEITHER,
    "sums": BOTH,
    "symbolic": BOTH,
    "testing": NEITHER,
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


def test_a_class_without_source_is_refused():
    namespace = {"__name__": "nowhere", "Observer": Observer, "attrs": attrs}
    exec("@attrs.frozen\nclass Nothing(Observer):\n    start = update = finish = None", namespace)
    with pytest.raises(ValueError, match=r"nowhere.Nothing has no source file.*module"):
        described(namespace["Nothing"]())


def test_a_store_says_nothing_where_all_is_well(kept):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept.dataset("values", lambda: VALUES)
        kept.dataset("values", never)
