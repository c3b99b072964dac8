"""A sweep has the bits of single runs, compiles once, and computes nothing that is there already."""

import math

import attrs
import numpy as np
import pytest
import sympy as sp
import xarray as xr

import sdeframe
from sdeframe import (
    SDE,
    Result,
    SymbolicModel,
    load,
    parameters,
    real_noises,
    real_variables,
    simulate,
    time,
)
from sdeframe.campaigns import sweeps
from sdeframe.campaigns.default_step import default_scheme
from sdeframe.compiled import cache
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.interfaces.model import Model
from sdeframe.interfaces.observer import Observer
from sdeframe.models import OrnsteinUhlenbeck, TavisCummings
from sdeframe.models.tavis_cummings import g
from sdeframe.observers import Moments, Runaways, Trajectories, WeightedMoments
from sdeframe.sampling import Balanced, Independent
from sdeframe.storage.store import Store, cached_run

MODEL = TavisCummings(10, 10.0)
TIMES = np.linspace(0, 1, 5)
OPTIONS = {
    "observers": [Moments(excited=MODEL.excited), Runaways(0.7)], "times": TIMES, "trajectories": 64, "seed": 3,
    "progress": False,
}  # fmt: skip
SCHEME = W2S4(dt=0.125)
x, W, k = real_variables("x"), real_noises("W"), parameters("k")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "results")


def sweep(grid, store, model=MODEL, integrator=SCHEME, **changes):
    return sdeframe.sweep(model, grid, integrator, store=store, **(OPTIONS | changes))


@pytest.fixture
def runs(monkeypatch):
    """The decays that are computed, in turn; the one in "interrupted" is not finished."""
    done, real, interrupted = [], sweeps.run_problem, set()

    def run_problem(problem, *rest):
        decay = dict(zip(problem.symbols, problem.parameters, strict=True))[g]
        if decay in interrupted:
            raise KeyboardInterrupt
        done.append(decay)
        return real(problem, *rest)

    monkeypatch.setattr(sweeps, "run_problem", run_problem)
    return done, interrupted


def test_a_sweep_has_the_bits_of_single_runs(store):
    grid = {"photons": [10.0, 2.0], "start": ["ground", "excited"], "decay": [0.5]}
    swept = sweep(grid, store)
    assert list(swept["excited"].dims) == ["photons", "start", "decay", "time"]
    for photons in grid["photons"]:
        for start in grid["start"]:
            model = attrs.evolve(MODEL, photons=photons, start=start, decay=0.5)
            single = simulate(model, SCHEME, **OPTIONS).dataset
            chosen = swept.sel(photons=photons, start=start, decay=0.5, drop=True)
            xr.testing.assert_identical(chosen.drop_vars(["dt", "bound"]).drop_attrs(), single.drop_attrs())
            assert chosen["dt"] == 0.125
    assert (swept["alive"].isel(time=-1) < swept["alive"].isel(time=0)).any()
    assert swept["bound"].dims == swept["dt"].dims == tuple(grid)
    assert swept.attrs["seed"] == 3
    assert swept.attrs["model_description"] == repr(MODEL)
    assert "parameter_nph" not in swept.attrs


@pytest.mark.long
def test_a_sweep_of_tied_trajectories_has_their_bits_and_is_kept_apart(store, runs):
    tied = {"sampling": Balanced(block=1024), "trajectories": 8192, "times": [0.0, 0.25]}
    swept = sweep({"decay": [0.0, 0.5]}, store, **tied)
    for decay in (0.0, 0.5):
        single = simulate(attrs.evolve(MODEL, decay=decay), SCHEME, **(OPTIONS | tied)).dataset
        chosen = swept.sel(decay=decay, drop=True).drop_vars(["dt", "bound", "replicates", "replicate_size"])
        xr.testing.assert_identical(chosen.drop_attrs(), single.drop_attrs())
    assert swept.attrs["replicates"] == 8
    assert swept["replicates"].sizes == {"decay": 2}
    assert swept.attrs["sampling"] == "Balanced(block=1024, replicates=24)"
    free = sweep({"decay": [0.0, 0.5]}, store, **(tied | {"sampling": Independent()}))
    assert not np.array_equal(free["excited"], swept["excited"])
    assert not {"replicates", "replicate_size"} & {*free}
    sweep({"decay": [0.5]}, store, **tied)
    assert runs[0] == [0.0, 0.5, 0.0, 0.5]


def test_replicates_stand_beside_every_run(store):
    """Of twice as many steps they are larger, and fewer of them are left."""
    model = OrnsteinUhlenbeck(start=0.5)
    swept = sweep(
        {"rate": [1.0, 2.0]}, store, model, lambda m: W2S4(dt=0.125 / m.rate), sampling=Balanced(),
        trajectories=24 * 256, observers=[Moments(**model.observables)], times=[0.0, 2.0],
    )  # fmt: skip
    assert swept["replicates"].dims == swept["replicate_size"].dims == ("rate",)
    assert swept["replicate_size"].values.tolist() == [128, 256]
    assert swept["replicates"].values.tolist() == [48, 24]
    assert not {"replicates", "replicate_size"} & {*swept.attrs}


def test_what_cannot_be_tied_names_the_combination(store):
    with pytest.raises(ValueError, match=r"^decay=0.5: trajectories=100: must be a multiple of "):
        sweep({"decay": [0.5]}, store, sampling=Balanced(), trajectories=100)


def test_values_keep_their_order_and_are_numbers_of_any_kind(store):
    assert sweep({"decay": np.array([1.0, 0.5])}, store)["decay"].values.tolist() == [1.0, 0.5]
    assert sweep({"atoms": np.array([20, 10])}, store)["atoms"].values.tolist() == [20, 10]
    assert sweep({"atoms": range(10, 12)}, store)["atoms"].values.tolist() == [10, 11]


def test_one_compilation_serves_all_numbers(store, monkeypatch):
    sweep({"decay": [0.1]}, store)
    known, made = len(cache._functions), []
    real = sdeframe.running.problem.kernel_functions
    monkeypatch.setattr("sdeframe.running.problem.kernel_functions", lambda *a: made.append(real(*a)) or made[-1])
    sweep({"decay": [0.0, 0.2, 0.3], "photons": [1.0, 7.0], "start": ["ground", "excited"]}, store)
    assert len(made) == 12
    assert all(kernel["advance"] is made[0]["advance"] for kernel in made)
    assert len(cache._functions) == known


def test_a_sweep_that_was_interrupted_goes_on_where_it_was(store, runs):
    done, interrupted = runs
    interrupted.add(0.2)
    with pytest.raises(KeyboardInterrupt):
        sweep({"decay": [0.0, 0.1, 0.2, 0.3]}, store)
    assert done == [0.0, 0.1]
    interrupted.clear()
    swept = sweep({"decay": [0.0, 0.1, 0.2, 0.3]}, store)
    assert done == [0.0, 0.1, 0.2, 0.3]
    whole = sweep({"decay": [0.3, 0.0, 0.2, 0.1]}, store)
    assert len(done) == 4
    xr.testing.assert_equal(whole.sortby("decay"), swept)
    sweep({"decay": [0.3, 0.4]}, store)
    assert done[4:] == [0.4]


def test_how_many_are_there_is_said(store, capsys):
    sweep({"decay": [0.0, 0.1]}, store, progress=True)
    sweep({"decay": [0.0, 0.1, 0.2]}, store, progress=True)
    assert capsys.readouterr().err.splitlines() == [
        "sweep: 2 runs, 0 are there already", "sweep: 3 runs, 2 are there already",
    ]  # fmt: skip
    sweep({"decay": [0.0]}, store)
    assert capsys.readouterr().err == ""


def test_a_damaged_result_is_made_anew(store, runs):
    sweep({"decay": [0.0, 0.1]}, store)
    for file in store.folder.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="is damaged"):
        sweep({"decay": [0.0, 0.1]}, store)
    assert runs[0] == [0.0, 0.1] * 2


def test_the_default_store(tmp_path, monkeypatch, runs):
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path))
    sweep({"decay": [0.7]}, None)
    sweep({"decay": [0.7]}, None)
    assert runs[0] == [0.7]
    assert len(list((tmp_path / "results").iterdir())) == 1


def test_runs_of_different_steps_stand_in_one_dataset_and_their_losses_in_the_store(store):
    observers = [Runaways(0.8)]
    options = OPTIONS | {"seed": 1, "trajectories": 200, "observers": observers}
    swept = sweep({"photons": [100.0, 1.0]}, store, integrator=lambda model: default_scheme(model, TIMES), seed=1,
                  trajectories=200, observers=observers)  # fmt: skip
    assert swept["dt"].values.tolist() == [0.0125, 0.025]
    assert swept["bound"].values.tolist() == [0.8, 0.8]
    assert dict(swept.sizes) == {"photons": 2, "time": len(TIMES)}
    assert len(swept.to_dataframe()) == 2 * len(TIMES)
    for photons, dt in ((100.0, 0.0125), (1.0, 0.025)):
        model = attrs.evolve(MODEL, photons=photons)
        kept, single = cached_run(store, model, W2S4(dt=dt), **options), simulate(model, W2S4(dt=dt), **options)
        assert math.isnan(kept.seconds), "it was in the store"
        assert kept.losses.identical(single.losses)
        assert np.array_equal(swept["alive"].sel(photons=photons), single.dataset["alive"])
    assert (swept["alive"].sel(photons=100.0) < 200).any()


def test_cut_and_uncut_steps_and_warnings_stand_in_one_dataset(store):
    """A coefficient that switches within some runs only cuts steps there; one run of three loses what it has."""
    growth, late = parameters("growth late")
    sde = SDE({x: growth * x**2 * sp.Piecewise((1, time < late), (2, True))})
    model = SymbolicModel(sde, {x: 1}, {growth: 0.1, late: 5.0})
    grid, options = {"growth": [0.1, 2.0], "late": [0.3, 5.0]}, {"model": model, "observers": [Moments(x=x)]}
    with pytest.warns(UserWarning, match="64 of 64 trajectories left the range"):
        swept = sweep(grid, store, **options)
    cut = cached_run(store, attrs.evolve(model, parameters={growth: 0.1, late: 0.3}), SCHEME,
                     **(OPTIONS | {"observers": [Moments(x=x)]}))  # fmt: skip
    assert cut.losses["step_time"].values[2:6] == pytest.approx([0.25, 0.275, 0.3, 0.4])
    told = swept.attrs["warnings"].splitlines()
    assert all(line.startswith("growth=2.0, late=") for line in told)
    assert sum("left the range" in line for line in told) == 2
    assert sweep(grid, store, **options).identical(swept)


@pytest.mark.long
def test_gauged_runs_and_trajectories(store):
    observers = [WeightedMoments(excited=MODEL.excited), Trajectories([1, 5], ree=MODEL.excited), Runaways()]
    swept = sweep({"decay": [0.0, 0.5]}, store, gauge=QuarticDrift(), observers=observers)
    assert swept["ree"].dims == ("decay", "trajectory", "time")
    assert swept["weight_alive"].dims == ("decay", "time")


def test_a_sweep_is_saved_and_loaded(store, tmp_path):
    swept = sweep({"decay": [0.0, 0.5], "start": ["ground", "excited"]}, store)
    Result(swept).save(tmp_path / "sweep.nc")
    xr.testing.assert_equal(load(tmp_path / "sweep.nc").dataset, swept)


def test_parameters_of_a_symbolic_model_go_by_name(store):
    model = SymbolicModel(SDE({x: -k * x}, {x: W}), {x: 1}, parameters={k: 1.0})
    options = {"observers": [Moments(x=x)], "trajectories": 20}
    swept = sweep({"k": [0.5, 2.0]}, store, model, EulerMaruyama(dt=0.125), **options)
    for value in (0.5, 2.0):
        single = simulate(attrs.evolve(model, parameters={k: value}), EulerMaruyama(dt=0.125), **(OPTIONS | options))
        np.testing.assert_array_equal(swept["x"].sel(k=value), single.dataset["x"])
    xr.testing.assert_equal(sweep({k: [0.5, 2.0]}, store, model, EulerMaruyama(dt=0.125), **options), swept)
    with pytest.raises(ValueError, match=r"SymbolicModel has no parameter 'x', only k"):
        sweep({"x": [0.5]}, store, model, **options)


@attrs.frozen
class Ragged(Observer):
    """Writes as many numbers as there are photons at the start: a shape that depends on the model."""

    width: int = 2

    def start(self, ensemble):
        return int(ensemble.parameters[list(map(str, ensemble.symbols)).index("nph")])

    def update(self, record, snapshot):
        pass

    def finish(self, record):
        return xr.Dataset({"ragged": (("time", "n"), np.zeros((len(TIMES), record)))})


WRONG = {
    "grid is a list": ([("decay", [0.1])], {}, TypeError, r"must be a mapping of parameters to values"),
    "empty grid": ({}, {}, ValueError, r"name at least one parameter"),
    "unknown": ({"gamma": [0.1]}, {}, ValueError,
                r"TavisCummings has no parameter 'gamma', only atoms, photons, decay, start, form"),
    "empty": ({"decay": []}, {}, ValueError, r"decay=\[\] in the grid: give at least one value"),
    "text": ({"start": "ground"}, {}, TypeError, r"start='ground' in the grid: must be a list.*\['ground'\]"),
    "number": ({"decay": 0.1}, {}, TypeError, r"decay=0.1 in the grid: must be a list.*\[0.1\]"),
    "twice": ({"decay": [0.1, 1, 1.0]}, {}, ValueError, r"decay holds 1.0 twice"),
    "mixed": ({"decay": [0.1, "a"]}, {}, TypeError, r"must be numbers, or texts"),
    "nested": ({"decay": np.zeros((2, 2))}, {}, TypeError, r"must be numbers, or texts"),
    "bool": ({"decay": [True]}, {}, TypeError, r"must be numbers, or texts"),
    "refused": ({"photons": [1.0], "atoms": [10, 0]}, {}, ValueError, r"photons=1.0, atoms=0: atoms of Tavis.*=0"),
    "refused text": ({"start": ["ground", "warm"]}, {}, ValueError, r"start='warm': start of.*'ground' or 'excited'"),
    "step": ({"photons": [1.0, 2.0]}, {"integrator": lambda m: W2S4(dt=0.1 if m.photons > 1 else 0.125)}, ValueError,
             r"photons=2.0: time 0.25 is not a multiple of 0.1"),
    "no integrator": ({"decay": [0.1]}, {"integrator": lambda m: "w2s4"}, TypeError, r"decay=0.1: integrator='w2s4'"),
    "shapes": ({"photons": [3.0, 4.0]}, {"observers": [Ragged()]}, ValueError,
               r"ragged has the shape {'time': 5, 'n': 3} at photons=3.0 and {'time': 5, 'n': 4} at photons=4.0"),
    "name": ({"decay": [0.1]}, {"observers": [Moments(decay=MODEL.excited)]}, ValueError,
             r"parameter 'decay': the runs write something of this name"),
    **{f"{name} of its own": ({"decay": [0.1]}, {"observers": [Moments(**{name: MODEL.excited})]}, ValueError,
                              f"^'{name}': a sweep writes something of this name; rename it in the observers$")
       for name in ("dt", "replicates", "replicate_size")},
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_is_named_before_anything_runs(store, monkeypatch, case):
    grid, changes, kind, message = WRONG[case]
    monkeypatch.setattr(sweeps, "run_problem", lambda *_: pytest.fail("ran"))
    with pytest.raises(kind, match=message):
        sweep(grid, store, **changes)


def test_a_model_that_is_no_attrs_class_is_refused(store):
    class Plain(Model):
        system = initial_state = parameters = lambda self: {}

    with pytest.raises(TypeError, match="attrs class"):
        sweep({"a": [1]}, store, Plain())


def test_other_models(store):
    swept = sweep({"rate": [1.0, 2.0]}, store, OrnsteinUhlenbeck(), EulerMaruyama(dt=0.125),
                  observers=[Moments(x=OrnsteinUhlenbeck().observables["x"])])  # fmt: skip
    assert not np.array_equal(*swept["x"].values)
