"""Names that no file can hold are refused before anything runs; all others come back from a file."""

import pytest
import xarray as xr

from sdeframe import SDE, SymbolicModel, complex_variables, load, parameters, real_noises, simulate, sweep
from sdeframe.integrators import EulerMaruyama
from sdeframe.observers import Conserved, Moments, Trajectories
from sdeframe.running.compose import compose
from sdeframe.running.provenance import FORMAT
from sdeframe.running.result import Result

z, W, k = complex_variables("z"), real_noises("W"), parameters("k")
MODEL = SymbolicModel(SDE(drift={z: -k * z}, noise={z: W}), initial={z: 1}, parameters={k: 1.0})
RUN = {"times": [0.5], "trajectories": 20, "seed": 1}
OWN = ["complex_part", "", "."]
"""Impossible by themselves, not with something behind them."""
IMPOSSIBLE = ["_nc4_non_coord_z", "/", "a/b", "/a", "a/", "a\0b", "a\n", "\x7f", "\ud800", "z" * 256]
POSSIBLE = ["α", "σ_ee", "a b", "<a>", "1", "n²", "..", "complex_part2", "z" * 200, "a:b", "losses_", "_z"]


def paths(**named):
    return Trajectories([0], **named)


@pytest.mark.parametrize(
    ("observer", "name"),
    [*((o, n) for o in (Moments, paths) for n in OWN + IMPOSSIBLE), *((Conserved, n) for n in IMPOSSIBLE)],
    ids=lambda value: getattr(value, "__name__", ascii(value)),
)  # fmt: skip
def test_what_no_file_can_hold_is_refused_in_one_line(observer, name):
    with pytest.raises(ValueError, match="choose") as refusal:
        compose(MODEL, EulerMaruyama(dt=0.5), observers=[observer(**{name: z})], **RUN)
    assert "\n" not in str(refusal.value)
    assert repr(name[:20])[1:-1] in str(refusal.value)


def test_every_other_name_comes_back_from_a_file(tmp_path):
    compose(MODEL, EulerMaruyama(dt=0.5), observers=[Moments(**dict.fromkeys(POSSIBLE, z))], **RUN)
    dataset = xr.Dataset({name: ("time", [1 + 2j]) for name in POSSIBLE}, attrs={"sdeframe_format": FORMAT})
    Result(dataset).save(tmp_path / "run.nc")
    assert load(tmp_path / "run.nc").dataset.identical(dataset)


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "p" * 300])
def test_a_symbol_that_no_file_can_name_is_refused(name):
    odd = parameters(name)
    model = SymbolicModel(SDE(drift={z: -odd * z}), initial={z: 1}, parameters={odd: 1.0})
    with pytest.raises(ValueError, match=r"the system: .*choose"):
        compose(model, EulerMaruyama(dt=0.5), observers=[Moments(z=z)], **RUN)


def test_a_name_that_is_a_coordinate_of_another_observer_is_refused():
    observers = [Conserved(q=z), Moments(quantile=z)]
    for both in (observers, observers[::-1]):
        with pytest.raises(ValueError, match="Moments writes 'quantile', a coordinate of this run"):
            compose(MODEL, EulerMaruyama(dt=0.5), observers=both, **RUN)


def test_a_parameter_of_a_sweep_is_a_name_too():
    odd = parameters("a/b")
    model = SymbolicModel(SDE(drift={z: -odd * z}), initial={z: 1}, parameters={odd: 1.0})
    with pytest.raises(ValueError, match="the grid: no file can hold the name 'a/b'"):
        sweep(model, {"a/b": [1.0]}, EulerMaruyama(dt=0.5), observers=[Moments(z=z)], progress=False, **RUN)


def test_a_dataset_is_saved_with_all_that_it_holds_or_not_at_all(tmp_path):
    run = simulate(MODEL, EulerMaruyama(dt=0.25), observers=[Moments(m=z)], progress=False, **RUN)
    with pytest.raises(ValueError, match="'complex_part' has a meaning of its own in files"):
        Result(run.dataset.rename(m="complex_part")).save(tmp_path / "run.nc")
    assert not list(tmp_path.iterdir())
