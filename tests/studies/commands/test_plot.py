"""A saved result as a picture: all of it, some of it, with the exact curves of the model that the file names."""

import attrs
import pytest
from click.testing import CliRunner

from sdeframe import simulate
from sdeframe.integrators import W2S4
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments
from sdeframe.running.result import Result
from sdeframe.studies.commands.plot import plot
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.reading import ATTRIBUTE

MODEL = OrnsteinUhlenbeck(rate=2.0)


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Stand in a folder with a result of the command line, and one of a script."""
    monkeypatch.chdir(tmp_path)
    result = simulate(
        MODEL, W2S4(dt=0.05), observers=[Moments(**MODEL.observables)], times=[0.5, 1.0], trajectories=64, seed=1,
        threads=1, progress=False,
    )  # fmt: skip
    result.save("script.nc")
    said = Experiment(model="ornstein-uhlenbeck", parameters={"rate": 2.0}).text
    attrs.evolve(result, dataset=result.dataset.assign_attrs({ATTRIBUTE: said})).save("run.nc")
    return tmp_path


def call(*words):
    """Return what the command says: its output, or its error."""
    done = CliRunner().invoke(plot, words)
    return done.output if done.exception is None else str(done.exception)


def test_a_result_is_drawn_beside_it_and_with_the_exact_curves_of_its_model(folder, monkeypatch):
    assert call("run.nc") == "wrote run.png\n"
    assert (folder / "run.png").read_bytes().startswith(b"\x89PNG")
    drawn = []
    whole = Result.plot
    monkeypatch.setattr(Result, "plot", lambda self, *n, **k: drawn.append((self.model, n, k)) or whole(self, *n, **k))
    assert call("run.nc", "x", "--exact", "--output", "x.png") == "wrote x.png\n"
    ((model, names, options),) = drawn
    assert (model, names, options) == (MODEL, ("x",), {"exact": True})


def test_refusals(folder):
    assert call("none.nc") == "none.nc: there is no such file"
    assert call("run.nc", "y") == "plot('y'): this dataset can draw x, x_squared"
    for file in ("run.nc", "script.nc"):
        assert call("run.nc", "--output", file).startswith(f"--output {file}: is a result, which the picture would ov")
    assert "holds no experiment: it was made by a script" in call("script.nc", "--exact")
    assert not (folder / "run.png").exists()
