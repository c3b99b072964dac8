"""What a run gives back: losses, files, replay, attributes."""

import math
import pickle

import numpy as np
import pytest
import sympy as sp

import sdeframe
from sdeframe import (
    SDE,
    SymbolicModel,
    complex_variables,
    real_noises,
    simulate,
)
from sdeframe.integrators import EulerMaruyama
from sdeframe.observers import Moments, Runaways, Trajectories
from tests.support.small_run import MODEL, TIMES, run


def test_one_definition_of_loss(result):
    ds, losses = result.dataset, result.losses["losses"]
    lost = np.cumsum(losses.sel(bound=1e3).values)
    assert np.array_equal(ds["alive"], 2_000 - lost[np.rint(TIMES / 0.0125).astype(int)])
    assert np.array_equal(ds["remaining_1000"], ds["alive"] / 2_000)
    low = 1 - np.cumsum(losses.sel(bound=10.0).values)[np.rint(TIMES / 0.0125).astype(int)] / 2_000
    assert np.allclose(ds["remaining_10"], low, rtol=0, atol=1e-15)
    assert np.array_equal(ds["excited_low_alive"], np.rint(2_000 * ds["remaining_10"]))
    assert result.runaway_time(0.005, bound=10.0) < result.runaway_time(0.005) < 4.0
    step = round(result.runaway_time(0.005) / 0.0125)
    assert lost[step] >= 10 > lost[step - 1]
    assert math.isinf(result.runaway_time(1.0))


def test_a_file_gives_back_what_was_written(result, tmp_path):
    path = tmp_path / "run.nc"
    result.save(path)
    loaded = sdeframe.load(path)
    assert loaded.dataset.identical(result.dataset)
    assert dict(loaded.dataset.attrs) == dict(result.dataset.attrs)
    assert loaded.losses.identical(result.losses)
    assert loaded.whole.identical(result.whole)
    assert loaded.runaway_time(0.005) == result.runaway_time(0.005)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="run simulate again to replay"):
        loaded.replay([0])


def test_what_is_counted_by_step_multiplies_no_table(result):
    assert len(result.dataset.to_dataframe()) == len(TIMES)
    assert {*result.whole.sizes} - {*result.dataset.sizes} == {"bound", "step"}
    assert result.losses["losses"].dims == ("bound", "step")


def test_files_are_refused_with_a_reason(result, tmp_path):
    with pytest.raises(ValueError, match="cannot write to its folder"):
        result.save(tmp_path / "missing" / "run.nc")
    with pytest.raises(ValueError, match="is a folder"):
        result.save(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        sdeframe.load(tmp_path / "none.nc")
    text = tmp_path / "text.nc"
    text.write_text("no file of this kind", encoding="utf-8")
    with pytest.raises(ValueError, match="is no result file of sdeframe"):
        sdeframe.load(text)
    result.dataset.drop_vars(["excited", "photon_number", "excited_low"]).assign_attrs(sdeframe_format="x").to_netcdf(
        tmp_path / "other.nc", engine="h5netcdf"
    )
    with pytest.raises(ValueError, match="its format is not"):
        sdeframe.load(tmp_path / "other.nc", trusted=True)


@pytest.mark.parametrize(("share", "bound", "message"), [(0, None, "share=0"), (0.1, 5.0, "recorded are 10, 1000")])
def test_what_was_not_recorded_has_no_loss_time(result, share, bound, message):
    with pytest.raises(ValueError, match=message):
        result.runaway_time(share, bound)


def test_replay_gives_the_bits_of_the_run():
    path = run(observers=[Trajectories([3, 1999], excited=MODEL.excited), Runaways()])
    replayed = path.replay([1999, 3], window=(0.5, 2.0))
    assert replayed.sizes == {"trajectory": 2, "time": 121, "step_time": 120}
    for i in (3, 1999):
        recorded = path.dataset["excited"].sel(trajectory=i)
        assert recorded[1] == replayed["rho_ee"].sel(trajectory=i)[0]
        assert recorded[4] == replayed["rho_ee"].sel(trajectory=i)[-1]
    assert np.abs(replayed["s_F"].values.real) == pytest.approx(math.sqrt(0.0125 / 2))


@pytest.mark.parametrize(
    ("ids", "window", "message"),
    [([5_000], None, "trajectory 5000"), ([0.5], None, "integers"), ([0], (3, 9), "window")],
)
def test_a_replay_outside_the_run_is_refused(result, ids, window, message):
    with pytest.raises(ValueError, match=message):
        result.replay(ids, window)


def test_a_problem_pickles_without_its_compiled_code(result):
    assert pickle.loads(pickle.dumps(result.problem)).sde == result.problem.sde


def test_the_attributes_say_what_was_converted():
    z, W = complex_variables("z"), real_noises("W")
    kubo = SDE(drift={z: 0}, noise={z: sp.I * z * W}, interpretation="stratonovich")
    result = simulate(
        SymbolicModel(kubo, initial={z: 1}), EulerMaruyama(dt=0.1), observers=[Moments(z=z)],
        times=[1.0], trajectories=10, seed=1,
    )  # fmt: skip
    assert result.dataset.attrs["conversion"].startswith("stratonovich system converted to ito")
