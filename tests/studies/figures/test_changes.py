"""Figures 2 to 5 with other parameters: what options become, what is drawn of them and said, how long it takes."""

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from matplotlib.figure import Figure

from sdeframe.gauges import Always, QuarticDrift
from sdeframe.models import TavisCummings
from sdeframe.storage.store import Store
from sdeframe.studies.figures import expected, figure6, figures2to5, panels
from sdeframe.studies.figures.captions import footnote
from sdeframe.studies.figures.changes import Changes
from sdeframe.studies.figures.panels import Figure2To5
from sdeframe.studies.figures.paper import Drawing
from tests.support.findings import minimal

GAUGED = Changes(atoms=2, photons=3.0, gauge=QuarticDrift(Always(0.5)), last=0.4)


class Asked:
    """A figure that keeps what it is asked for."""

    def __init__(self):
        self.changes = None

    def draw(self, trajectories, threads, changes):
        self.changes = changes
        return Drawing(Figure(), xr.Dataset({"x": 1.0}))


@pytest.fixture
def call(monkeypatch, tmp_path):
    """Return a function that calls figure 4: what it was asked for, the names of files, and the error."""
    monkeypatch.chdir(tmp_path)
    asked = Asked()
    monkeypatch.setattr(figures2to5, "FIGURE4", asked)

    def called(*words):
        done = CliRunner().invoke(figures2to5.figure4, words)
        return asked.changes, {path.stem for path in tmp_path.iterdir()}, str(done.exception)

    return called


def test_options_become_changes_and_the_files_another_name(call):
    assert call() == (Changes(), {"figure4"}, "None")
    words = "--atoms 20 --photons 40 --times 12 --gauge quartic-drift:switch=always,switch.kappa=0.5"
    changes = Changes(20, 40.0, QuarticDrift(Always(0.5)), 12.0)
    assert call(*words.split()) == (changes, {"figure4", "figure4-changed"}, "None")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--times", "nan"), "--times nan: must be the last time, a positive number, such as 12"),
        (("--times", "0"), "--times 0.0: must be the last time"),
        (("--gauge", "a42"), "no gauge is called 'a42'"),
        (("--gauge", "quartic-drift:k=1"), "gauge: QuarticDrift has no parameter 'k'"),
    ],
)
def test_refusals(call, words, message):
    changes, files, error = call(*words)
    assert (changes, files) == (None, set())
    assert error.startswith(message)


def test_other_figures_refuse_them_by_name():
    done = CliRunner().invoke(figure6.figure6, ["--atoms", "3"])
    assert done.exit_code == 2
    assert "No such option" in done.output
    assert "--atoms" in done.output


def test_columns_are_those_of_the_figure_or_the_one_that_is_asked_for():
    figure = Figure2To5("4", 100, "ground")
    assert figure.models(Changes()) == [TavisCummings(100, share * 100) for share in (0.1, 1.0, 10.0)]
    assert figure.models(Changes(atoms=20)) == [TavisCummings(20, share * 20) for share in (0.1, 1.0, 10.0)]
    assert figure.models(Changes(atoms=20, photons=40.0)) == [TavisCummings(20, 40.0)]


@pytest.mark.parametrize("changes", [Changes(2, 3.0, last=0.4), pytest.param(GAUGED, marks=pytest.mark.long)])
def test_what_is_drawn_is_what_was_asked_for_and_what_is_kept_takes_no_time(changes, monkeypatch, tmp_path):
    monkeypatch.setattr(panels, "searched_damping", lambda *_: minimal(0.0))
    figure, store, told = Figure2To5("2", 10, "ground", magnified=8), Store(tmp_path / "store"), []
    curves = figure.compute(300, 1, store, changes, told.append)
    assert told == [1]
    assert curves["time"].values == pytest.approx(np.arange(9) / 20)
    exact = TavisCummings(2, 3.0).exact(curves["time"].values)["excited"]
    one = curves.isel(photons_per_atom=0)
    assert one["closed_exact"].values == pytest.approx(exact, abs=1e-12)
    off = np.abs(one["closed_excited"] - exact).values  # eight comparisons at six errors, 2e-9 each
    assert (off <= 6 * one["closed_excited_se"].values + 1e-9).all()
    picture, text = figure.picture(curves), footnote(curves)
    picture.draw_without_rendering()
    assert [axes.get_title(loc="left") for axes in picture.axes] == [f"({x}) $n_\\mathrm{{ph}} = 3$" for x in "abc"]
    assert picture.axes[0].get_xlim() == (0, 0.4)
    assert "$N = 2$" in text
    assert "\\tau = 0.4$" in text
    assert ("QuarticDrift" in text) == ("weight" in text) == (changes == GAUGED)
    assert expected.expected(store, figure.models(changes), 300, 1, changes).columns == [0.0]


def test_what_is_left_is_told_by_what_was_done(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(expected, "perf_counter", lambda: now[0])
    clock = expected.Clock([10.0, 0.0, 30.0], begin=0.0)
    clock.tell(0)
    now[0] = 20.0
    for done in (1, 2, 3):
        clock.tell(done)
    expected.Clock([0.0], begin=0.0).tell(0)
    assert capsys.readouterr().out.splitlines() == [
        "about 40 s, beside exact solutions",
        "1 of 3 columns after 20 s, about 60 s left",
        "2 of 3 columns after 20 s, about 60 s left",
        "all is kept from before",
    ]
