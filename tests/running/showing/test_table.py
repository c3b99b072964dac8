"""Tables hold the numbers of the dataset to the last digit, with columns that say what they are."""

import csv

import numpy as np
import pytest

from sdeframe import SymbolicModel, simulate, sweep
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments
from sdeframe.running.result import Result
from sdeframe.storage import Store
from tests.support.shown_runs import TIMES, everything


def read(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    said = [line for line in lines if line.startswith("# ")]
    head, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    return said, head, np.array(rows, dtype=float)


def test_a_table_has_the_bits_of_the_dataset(tmp_path):
    result = everything()
    result.to_table(tmp_path / "pairs.csv", "pairs")
    said, head, rows = read(tmp_path / "pairs.csv")
    ds = result.dataset
    parts = [f"pairs_{part}{kind}" for part in ("real", "imag") for kind in ("", "_se", "_step_error")]
    assert head == ["time", *parts, "pairs_trusted", "alive"]
    assert np.array_equal(rows[:, 0], TIMES)
    assert np.array_equal(rows[:, 1] + 1j * rows[:, 4], ds["pairs"].values)
    assert np.array_equal(rows[:, 5], ds["pairs_imag_se"].values)
    assert np.array_equal(rows[:, 3] + 1j * rows[:, 6], ds["pairs_step_error"].values)
    assert np.array_equal(rows[:, 7] == 1, result.horizon("pairs") >= TIMES)
    assert np.array_equal(rows[:, 8], ds["alive"].values)
    assert "# column 2: pairs_real, real part of the mean of a**2*ad**2" in said
    assert said[0].startswith("# model_description: KerrOscillator(")


def test_a_table_holds_all_means_over_time_unless_told_otherwise(tmp_path):
    everything().to_table(tmp_path / "all.csv")
    comments, head, rows = read(tmp_path / "all.csv")
    assert {name.rsplit("_real", 1)[0] for name in head if name.endswith("_real")} == {
        "amplitude", "photon_number", "pairs", "twice",
    }  # fmt: skip
    assert np.array_equal(np.loadtxt(tmp_path / "all.csv", delimiter=",", skiprows=len(comments) + 1), rows)


def test_text_of_anybody_stays_in_its_line(tmp_path):
    model = OrnsteinUhlenbeck()
    odd = SymbolicModel(model.system(), model.initial_state(), model.parameters())
    result = simulate(
        odd, EulerMaruyama(dt=0.25), observers=[Moments(**{'a,"b"': model.system()["x"]})], times=[0.5], seed=1,
        trajectories=8, progress=False,
    )  # fmt: skip
    result.dataset.attrs["integrator"] = "one\ntwo\x1b[31m"
    result.to_table(tmp_path / "odd.csv")
    said, head, rows = read(tmp_path / "odd.csv")
    assert "# integrator: one two\\x1b[31m" in said
    assert head[1] == 'a,"b"_real'
    assert rows.shape == (1, len(head))


def test_what_is_not_over_time_alone_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"to_table\(..., 'S'\): over time alone this result has alive, lost,"):
        everything().to_table(tmp_path / "s.csv", "S")
    with pytest.raises(ValueError, match="cannot write to its folder"):
        everything().to_table(tmp_path / "none" / "s.csv")
    assert not list(tmp_path.iterdir())


def test_where_there_is_no_mean_everything_over_time_is_a_column(tmp_path):
    """As what an observer of one's own writes."""
    result = everything()
    own = result.dataset[["alive"]].assign(largest=("time", np.arange(len(TIMES)) / 3))
    Result(own).to_table(tmp_path / "own.csv")
    _, head, rows = read(tmp_path / "own.csv")
    assert head == ["time", "largest", "alive"]
    assert np.array_equal(rows[:, 1], own["largest"].values)
    with pytest.raises(ValueError, match="holds nothing over time alone"):
        Result(own[["alive"]]).to_table(tmp_path / "none.csv")


def test_a_sweep_has_a_row_for_each_combination_and_time(tmp_path):
    grid = {"rate": [0.5, 1.0], "start": [0.0, 1.0, 2.0]}
    x = OrnsteinUhlenbeck().system()["x"]
    swept = sweep(
        OrnsteinUhlenbeck(), grid, EulerMaruyama(dt=0.25), observers=[Moments(x=x)], times=[0.5, 1.0], trajectories=8,
        seed=1, progress=False, store=Store(tmp_path),
    )  # fmt: skip
    swept.sweep.to_table(tmp_path / "x.csv", "x")
    said, head, rows = read(tmp_path / "x.csv")
    assert head[:4] == ["rate", "start", "time", "x_real"]
    assert "# column 1: rate, the parameter rate" in said
    assert rows.shape[0] == 12
    for rate, start, time, real in rows[:, :4]:
        assert real == swept["x"].sel(rate=rate, start=start, time=time).values.real
    swept.isel(time=-1).sweep.to_table(tmp_path / "end.csv")
    assert read(tmp_path / "end.csv")[1][:3] == ["rate", "start", "x_real"]
