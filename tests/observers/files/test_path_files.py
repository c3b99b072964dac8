"""Paths in files: the same numbers as in memory whatever runs them, whole or not at all."""

import errno
import subprocess
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sdeframe
from sdeframe import SDE, SymbolicModel, TargetError, conformance, random_choice, real_variables, simulate, sweep
from sdeframe.engines.errors import ObserverError
from sdeframe.integrators import EulerMaruyama
from sdeframe.interfaces.observer import Observer
from sdeframe.models import KerrOscillator, OrnsteinUhlenbeck
from sdeframe.observers import Moments, Trajectories
from sdeframe.storage import Store, cached_run

MODEL = KerrOscillator(bath=0.5)
A = next(iter(MODEL.system().variables.values()))
X = OrnsteinUhlenbeck().observables["x"]
TIMES = [0.0, 0.5, 1.0]
posix = pytest.mark.skipif(sys.platform == "win32", reason="has no limits of resources")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*observers, model=MODEL, count=700, **changes):
    options = {"times": TIMES, "trajectories": count, "seed": 4, "progress": False}
    return simulate(model, EulerMaruyama(dt=1 / 16), observers=observers, **(options | changes)).dataset


def read(file="paths.nc"):
    """Return what a file holds, complex and in the order of the dataset."""
    with xr.open_dataset(file) as opened:
        ds = opened.load()
    return {name: joined(ds[name]).transpose("trajectory", "time").drop_attrs() for name in ds}


def joined(array):
    if "complex_part" not in array.dims:
        return array.astype(complex)
    return array.isel(complex_part=0) + 1j * array.isel(complex_part=1)


IDS = [range(700), range(1), range(3, 690, 7), range(690, 2, -100), [5, 3, 699, 4, 0], [256]]


@pytest.mark.parametrize("ids", IDS, ids=str)
@pytest.mark.parametrize("block", [None, 100])
def test_a_file_holds_what_would_be_kept(ids, block):
    named = {"a": A, "n": A * sdeframe.time + 1}
    kept, written = run(Trajectories(ids, **named)), run(Trajectories(ids, file="paths.nc", **named), block=block)
    found = read()
    for name in named:
        assert found[name].equals(kept[name])
        assert written[name].item() == "paths.nc"
    assert found["a"]["trajectory"].values.tolist() == list(ids)
    assert list(Path().iterdir()) == [Path("paths.nc")]


def test_what_is_real_has_one_part_and_the_file_says_where_it_comes_from():
    run(Trajectories(range(700), file="paths.nc", x=X, square=X**2), model=OrnsteinUhlenbeck())
    with xr.open_dataset("paths.nc") as ds:
        assert dict(ds["x"].sizes) == {"time": 3, "trajectory": 700}
        assert "complex_part" not in ds.sizes
        assert (ds.attrs["seed"], ds.attrs["model"]) == (4, "OrnsteinUhlenbeck")
        assert ds["square"].equals(ds["x"] ** 2)
    kept = run(Trajectories(range(700), x=X), model=OrnsteinUhlenbeck())["x"]
    assert read()["x"].equals(kept)


@pytest.mark.long
def test_the_bytes_are_the_same_wherever_it_runs():
    observer = Trajectories(range(700), file="paths.nc", a=A)
    run(observer, threads=1)
    first = Path("paths.nc").read_bytes()
    run(observer, threads=4, block=64)
    assert Path("paths.nc").read_bytes() == first
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as pool:
        run(observer, executor=pool, block=64)
    assert Path("paths.nc").read_bytes() == first


def test_lost_trajectories_end_with_nan():
    x = real_variables("x")
    model = SymbolicModel(SDE(drift={x: x}), initial={x: random_choice("c", [1, 3])})
    run(Trajectories(range(700), file="paths.nc", x=x), Moments(bound=5.0, mean=x), model=model)
    with xr.open_dataset("paths.nc") as ds:
        lost = np.isnan(ds["x"].values[-1])
        assert 200 < lost.sum() < 500
        assert np.array_equal(lost, ds["x"].values[0] == 3.0)


def test_files_stand_beside_other_observers_and_each_other():
    ds = run(Trajectories([1, 2], file="one.nc", a=A), Moments(m=A), Trajectories([7], file="other.nc", b=A))
    assert ds["m"].sizes == {"time": 3}
    assert read("one.nc")["a"].sizes["trajectory"] == 2
    assert read("other.nc")["b"]["trajectory"].values.tolist() == [7]


def test_a_dataset_that_names_a_file_can_be_saved(folder):
    options = {"observers": [Trajectories([1], file="paths.nc", a=A)], "times": TIMES, "trajectories": 4}
    result = simulate(MODEL, EulerMaruyama(dt=1 / 16), seed=1, progress=False, **options)
    result.save("run.nc")
    assert sdeframe.load("run.nc").dataset["a"].item() == "paths.nc"


def test_what_is_there_is_kept_where_a_run_fails():
    Path("paths.nc").write_bytes(b"before")
    with pytest.raises(ObserverError):
        run(Trajectories(range(700), file="paths.nc", a=A), Failing())
    assert Path("paths.nc").read_bytes() == b"before"
    assert list(Path().iterdir()) == [Path("paths.nc")]


class Failing(Observer):
    """Fails once there is something in the file."""

    def start(self, ensemble):
        return np.zeros(1)

    def update(self, record, snapshot):
        if snapshot.first > 256:
            raise RuntimeError("here")

    def finish(self, record):
        return xr.Dataset()


def test_an_interrupted_run_leaves_nothing(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("sdeframe.observers.files.path_file.PathFile.write", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(Trajectories(range(700), file="paths.nc", a=A))
    assert not list(Path().iterdir())


def test_too_little_room_is_said_before_anything_runs(monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 70_000}))
    monkeypatch.setattr("sdeframe.running.simulation.run_ensemble", None)
    with pytest.raises(OSError, match=r"nothing is left of this file; it takes 0.1 MB: make room") as error:
        run(Trajectories(range(700), file="paths.nc", a=A))
    assert error.value.errno == errno.ENOSPC


LIMITED = """
    import resource
    from sdeframe import simulate
    from sdeframe.integrators import EulerMaruyama
    from sdeframe.models import OrnsteinUhlenbeck
    from sdeframe.observers import Trajectories
    model = OrnsteinUhlenbeck()
    paths = Trajectories(range(5_000), file="paths.nc", x=model.observables["x"])
    run = dict(observers=[paths], times=[0.5, 1.0], trajectories=5_000, seed=1, progress=False)
    simulate(model, EulerMaruyama(dt=0.5), **run)
    for limit in (1_000, 30_000, 60_000, 90_000, 120_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            simulate(model, EulerMaruyama(dt=0.5), **run)
        except OSError as error:
            print(error)
"""


@pytest.mark.long
@posix
def test_a_file_that_cannot_grow_is_an_error_like_any_other(folder):
    """At what describes the numbers, at any of them; the file has 124 kB. The HDF5 library would end the process."""
    command = [sys.executable, "-c", textwrap.dedent(LIMITED)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=True)
    told = done.stdout.splitlines()
    assert len(told) == 5
    assert all("File too large, nothing is left of this file; it takes 0.2 MB: make room, " in line for line in told)
    assert list(folder.iterdir()) == [folder / "paths.nc"]
    with xr.open_dataset("paths.nc") as before:
        assert before.sizes["trajectory"] == 5_000


def test_a_folder_that_cannot_be_written_to_is_refused():
    with pytest.raises(ValueError, match=r"nowhere/paths\.nc: cannot write to its folder"):
        run(Trajectories([0], file="nowhere/paths.nc", a=A))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"checkpoint": "run.ckpt"},
            r"no checkpoint holds it, and checkpoint=run.ckpt",
        ),
        (
            {"until": TargetError(m=0.1)},
            r"how long it will be is not known with until",
        ),
    ],
)
def test_what_a_file_is_not_part_of_is_refused(changes, message):
    with pytest.raises(ValueError, match=rf"Trajectories\(file='paths.nc'\): {message}"):
        run(Trajectories([0], file="paths.nc", a=A), Moments(m=A), **changes)
    assert not Path("paths.nc").exists()


def test_stores_and_sweeps_are_refused(folder):
    observers = [Trajectories([0], file="paths.nc", a=A)]
    options = {"observers": observers, "times": TIMES, "trajectories": 8, "seed": 1, "progress": False}
    scheme, message = EulerMaruyama(dt=1 / 16), r"Trajectories\(file='paths.nc'\): no store keeps it, nor would a sweep"
    with pytest.raises(ValueError, match=message):
        cached_run(Store(folder / "kept"), MODEL, scheme, **options)
    with pytest.raises(ValueError, match=message):
        sweep(MODEL, {"drive": [0.1, 0.2]}, scheme, **options)


def test_two_observers_of_one_file_are_refused():
    with pytest.raises(ValueError, match="two observers write it; give each a file of its own"):
        run(Trajectories([0], file="paths.nc", a=A), Trajectories([0], file="./paths.nc", b=A))


def test_the_name_is_checked():
    with pytest.raises(TypeError, match=r"file=3 in Trajectories: must be the name of a file, such as 'paths\.nc'"):
        Trajectories([0], file=3, a=A)
    with pytest.raises(ValueError, match="no file can hold the name 'a/b'"):
        run(Trajectories([0], file="paths.nc", **{"a/b": A}))


def test_the_law_of_an_observer_holds():
    observer = Trajectories(range(300), file="paths.nc", x=X)
    conformance.check_observer(observer, OrnsteinUhlenbeck(), EulerMaruyama(dt=1 / 16), TIMES)
