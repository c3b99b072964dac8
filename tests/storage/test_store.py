"""The store gives back what was computed, never anything else; keys are the same in every process."""

import warnings

import attrs
import numpy as np
import pytest
import xarray as xr

from sdeframe import SymbolicModel, simulate
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces import FourPoint
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments, Runaways
from sdeframe.running.result import load
from sdeframe.sampling import Balanced
from sdeframe.storage import store
from sdeframe.storage.store import Store, cached_exact, cached_run
from tests.support.stored_runs import MODEL, OPTIONS

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


def test_tied_trajectories_are_kept_with_all_that_is_said_of_them(kept, monkeypatch):
    scheme, options = EulerMaruyama(dt=0.1, increments=FourPoint()), OPTIONS | {"trajectories": 512}
    tied = options | {"sampling": Balanced(block=64)}
    first = cached_run(kept, MODEL, scheme, **tied, progress=False)
    cached_run(kept, MODEL, scheme, **options, progress=False)
    monkeypatch.setattr(store, "run_problem", lambda *_: never())
    second = cached_run(kept, MODEL, scheme, **tied)
    same_bits(first.dataset, second.dataset)
    assert second.dataset.attrs["replicates"] == 8
    same_bits(second.total_error("x").to_dataset(), first.total_error("x").to_dataset())
    same_bits(second.replay([77, 3]), first.replay([77, 3]))
    assert "replicates" not in cached_run(kept, MODEL, scheme, **options).dataset.attrs
    with pytest.raises(AssertionError, match="was computed"):
        cached_run(kept, MODEL, scheme, **(tied | {"sampling": Balanced(block=64, replicates=25)}))


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


def test_a_store_says_nothing_where_all_is_well(kept):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept.dataset("values", lambda: VALUES)
        kept.dataset("values", never)
