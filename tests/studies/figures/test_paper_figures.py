"""The paper's figures: one command each, a legible picture and the curves in it."""

import itertools
import re

import click
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from matplotlib.figure import Figure

import sdeframe
from sdeframe.studies.figures import figure6
from sdeframe.studies.figures.paper import Drawing, paper, paper_figure, simulated
from tests.support.drawn_text import extents


def one_line(size):
    figure = Figure()
    figure.subplots().plot(np.arange(size))
    return Drawing(figure, xr.Dataset({"line": ("point", np.arange(size))}))


@paper_figure("99")
@simulated(trajectories=7)
def sized(trajectories, threads):
    """Draw a line of as many points as trajectories."""
    return one_line(trajectories + (threads or 0))


class Point:
    def __init__(self, command):
        self.command = command

    def load(self):
        return self.command


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Return a function that runs ``sdeframe paper`` with two figures in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sdeframe.registry.names", lambda kind: {"6": Point(figure6.figure6), "99": Point(sized)})

    def call(*arguments):
        return CliRunner().invoke(paper, arguments, catch_exceptions=True)

    return call


def test_figure_6_is_one_command(command, tmp_path):
    done = command("6")
    assert done.exit_code == 0, done.output
    assert re.fullmatch(r"wrote figure6.png and figure6.nc in \d+\.\d s\n", done.output)
    header = (tmp_path / "figure6.png").read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert int.from_bytes(header[16:20], "big") == 3300
    curves = sdeframe.load(tmp_path / "figure6.nc").dataset
    assert curves.attrs["figure"] == "figure6"
    energy = np.array([0.5 - 0.5, 2.0 - 0.5, 0.1 + 0.5])
    w = curves["inversion"].values
    assert curves["potential"].values == pytest.approx(2 * energy[:, None] * w**2 - w**3 + w, abs=1e-12)
    assert curves["h_w"].values == pytest.approx(2 * energy, abs=1e-14)
    assert curves["turning_point"].values == pytest.approx(np.sort([[-1, 1, 2 * e] for e in energy], axis=1), abs=1e-14)
    x = curves["gauged_inversion"].values
    for kappa in (0.0, 0.4, 0.5, 1.0):
        e = 0.6 - kappa / 2
        one = curves.sel(kappa=kappa)
        expected = (1 - x**2) * (8 * e + kappa * (1 + x) ** 2 - 4 * x) / 4
        assert (one["gauged_h_w"] - one["gauged_potential"]).values == pytest.approx(expected, abs=1e-9)
    assert np.isinf(curves["gauged_reach"].values).tolist() == [True, False, False, False]


def test_no_text_of_figure_6_overlaps_another_or_leaves_the_page():
    figure = figure6.draw().figure
    boxes = extents(figure)
    assert len(boxes) > 50
    for (first, a), (second, b) in itertools.combinations(boxes.items(), 2):
        assert not a.overlaps(b), f"{first!r} overlaps {second!r}"
    width, height = figure.bbox.width, figure.bbox.height
    for name, box in boxes.items():
        assert box.x0 >= 0 <= box.y0, name
        assert box.x1 <= width, name
        assert box.y1 <= height, name


def test_a_figure_that_simulates_has_a_size_and_threads(command, tmp_path):
    assert command("99").exit_code == 0
    assert sdeframe.load(tmp_path / "figure99.nc").dataset.sizes["point"] == 7
    (tmp_path / "else").mkdir()
    assert command("99", "--trajectories", "11", "--threads", "2", "--output", "else").exit_code == 0
    assert sdeframe.load(tmp_path / "else" / "figure99.nc").dataset.sizes["point"] == 13
    assert command("99", "--trajectories", "0").exit_code == 2
    assert "--trajectories" not in command("6", "--help").output


def test_figures_are_listed_with_what_they_show(command):
    out = command("--help").output
    assert "Draw figure 6: bound and unbound motion" in out
    assert "Draw a line of as many points as trajectories." in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("5",), "no figure is called '5': there are 6, 99"),
        (("6", "--output", "missing"), "cannot write to its folder"),
    ],
)
def test_what_the_command_refuses(command, tmp_path, arguments, message):
    failed = command(*arguments)
    assert isinstance(failed.exception, ValueError)
    assert message in str(failed.exception)
    assert not list(tmp_path.iterdir())


def test_the_group_is_a_command_of_the_program():
    assert isinstance(paper, click.Group)
    assert paper.name == "paper"
