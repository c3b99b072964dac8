"""What a notebook shows: numbers, horizons, losses, warnings; and nothing that runs."""

from html.parser import HTMLParser

import attrs
import pytest
import xarray as xr

from sdeframe import SDE, Result, SymbolicModel, load, parameters, real_variables, sweep
from sdeframe.derivation import Boson, Master, PositiveP, derive
from sdeframe.integrators import W2S4
from sdeframe.observers import Moments
from sdeframe.storage import Store
from tests.support.shown_runs import MODEL, everything

VOID = {"br"}


class Page(HTMLParser):
    """The text of a page, whose elements must be closed in the order in which they were opened."""

    def __init__(self, page):
        super().__init__()
        self.words, self.open, self.kinds = [], [], set()
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.kinds.add(tag)
        assert not [name for name, _ in attributes if name.startswith("on")]
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_a_result_tells_means_errors_horizons_and_losses(tmp_path):
    result = everything()
    page = Page(result._repr_html_())
    text = " ".join(page.words)
    ds = result.dataset
    mean, error = float(ds["pairs"].values[-1].real), float(ds["pairs_se"].values[-1])
    assert f"{mean:.6g} ± {error:.2g}" in text
    assert f"t = {result.horizon('pairs'):.4g}" in text
    assert f"alive at the end: {int(ds['alive'][-1]):,} of 400, bound" in text
    assert "plot() draws also" in text
    assert "opacity" in result._repr_html_(), "the horizon comes before the end"
    assert page.kinds <= {"div", "b", "code", "span", "table", "tr", "th", "td", "details", "summary"}
    assert not any("color:" in part and "inherit" not in part for part in result._repr_html_().split("style=")[1:6])
    result.save(tmp_path / "run.nc")
    assert "KerrOscillator" in load(tmp_path / "run.nc")._repr_html_()


def test_text_of_anybody_is_shown_not_obeyed():
    evil = "<script>alert(1)</script>"
    result = everything()
    ds = result.dataset.assign_attrs(model_description=evil, warnings=evil, gauge=evil, **{evil: evil})
    page = Page(attrs.evolve(result, dataset=ds.rename(pairs=evil))._repr_html_())
    assert "script" not in page.kinds
    assert sum(evil in word for word in page.words) >= 5
    x, k = real_variables("x"), parameters("k")
    model = SymbolicModel(SDE({x: -k * x}), {x: 1}, {k: 1.0})
    assert "script" not in Page(model._repr_html_()).kinds


def test_models_and_derivations_show_their_equations():
    text = " ".join(Page(MODEL._repr_html_()).words)
    for said in (
        "KerrOscillator",
        r"\mathrm{d}a &=",
        "2 initial values",
        "4 parameters",
        "3 observables",
        "poles: Poles",
    ):
        assert said in text
    a = Boson("a")
    derivation = derive(Master(a.dag() ** 2 * a**2, loss=[(1, a)]), PositiveP())
    text = " ".join(Page(derivation._repr_html_()).words)
    assert "Derivation in positive-P" in text
    assert f"{len(derivation.steps)} steps" in text


def test_a_sweep_tells_what_it_varies_and_draws_it(tmp_path):
    grid = {"drive": [0.2, 1.0], "interaction": [0.1, 0.5, 0.9]}
    swept = sweep(
        MODEL, grid, W2S4(dt=0.125), observers=[Moments(**MODEL.observables)], times=[0.5, 1.0], trajectories=32,
        seed=1, progress=False, store=Store(tmp_path),
    )  # fmt: skip
    text = " ".join(Page(swept.sweep._repr_html_()).words)
    for said in ("Sweep", "drive", "0.2, 1", "0.1, 0.5, 0.9", "mean at t = 1"):
        assert said in text
    assert swept.sweep.warnings == ()
    text = repr(swept.sweep)
    assert "sweep over drive: 0.2, 1\nsweep over interaction: 0.1, 0.5, 0.9\nmean at t = 1:\n" in text
    found = swept["photon_number"].sel(time=1.0).values.real
    assert f"photon_number  {found.min():.4g} to {found.max():.4g}" in text
    maps = swept.sweep.plot("photon_number", at=0.5)
    (mesh,) = maps.axes[0].collections
    assert mesh.get_array().reshape(2, 3).tolist() == swept["photon_number"].sel(time=0.5).values.real.tolist()
    (axes,) = swept.sel(interaction=0.5).sweep.plot("photon_number").axes
    assert axes.get_lines()[-1].get_xdata().tolist() == [0.2, 1.0]
    with pytest.raises(ValueError, match="this dataset is no sweep"):
        _ = everything().dataset.sweep
    with pytest.raises(ValueError, match=r"plot\('m'\): this sweep can draw amplitude, photon_number, pairs"):
        swept.sweep.plot("m")
    Result(swept).save(tmp_path / "sweep.nc")
    assert load(tmp_path / "sweep.nc").plot("pairs", at=0.5).axes


def test_a_file_of_anything_shows_itself():
    assert "Result" in Page(Result(xr.Dataset({"x": ("n", [1.0])}))._repr_html_()).words
