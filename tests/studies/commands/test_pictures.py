"""Pictures and verdicts of the command line for means that are complex."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import sdeframe
from sdeframe import cli
from sdeframe.models import BoseHubbard, KerrOscillator
from sdeframe.studies.commands.performing import exact_values
from tests.support.drawn_text import extents


@pytest.fixture
def drawn(monkeypatch, tmp_path, capsys):
    """Return a function that runs `sdeframe run` in an empty folder: its output, dataset and figure."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        figures = []
        monkeypatch.setattr(Figure, "savefig", lambda self, file, **_: figures.append(self))
        monkeypatch.setattr("sys.argv", ["sdeframe", "run", "--trajectories", "1000", "--threads", "1", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code == 0
        return capsys.readouterr().out, sdeframe.load(tmp_path / "run.nc").dataset, figures[0]

    return run


def labelled(axes):
    """Return the ordinates of the curves of a panel by their label, those without one under ""."""
    return {("" if x.get_label().startswith("_") else x.get_label()): x.get_ydata() for x in axes.lines}


def test_a_complex_mean_is_judged_and_drawn_in_both_parts(drawn):
    """The amplitude of a driven oscillator is imaginary; by real parts alone it was 500 standard errors off."""
    out, ds, figure = drawn("--model", "kerr-oscillator", "--times", "0:2:21")
    assert "amplitude: within 5 standard errors of exact up to t = 2; " in out
    assert all(float(found) < 5 for found in re.findall(r"largest deviation until then: (\S+)", out))
    panels = {axes.get_ylabel(): axes for axes in figure.axes}
    assert set(panels) == {"amplitude", "photon number", "pairs", "alive share"}
    curves = labelled(panels["amplitude"])
    assert np.array_equal(curves["imaginary part"], ds["amplitude"].values.imag)
    assert np.array_equal(curves["mean over live trajectories"], ds["amplitude"].values.real)
    exact = KerrOscillator().exact([0, 2])["amplitude"]
    assert curves[""][-1] == pytest.approx(exact[-1].imag, rel=1e-6)
    assert "imaginary part" not in labelled(panels["photon number"])


@pytest.mark.long
def test_no_title_is_clipped_and_no_text_leaves_the_page(drawn):
    _, _, figure = drawn("--model", "atoms-in-cavity", "--times", "0:1:11")
    boxes = extents(figure)
    assert any("AtomsInCavity(" in text for text in boxes)
    for text, box in boxes.items():
        assert figure.bbox.x0 <= box.x0, text
        assert figure.bbox.x1 >= box.x1, text
        assert figure.bbox.y0 <= box.y0, text
        assert figure.bbox.y1 >= box.y1, text


@pytest.mark.long
def test_a_run_whose_exact_solution_is_too_large_is_shown_without_it(capsys):
    assert exact_values(BoseHubbard(sites=6), np.linspace(0, 1, 5)) == {}
    assert capsys.readouterr().out.startswith("no exact curve: the density matrix has ")
