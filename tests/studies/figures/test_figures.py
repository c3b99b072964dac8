"""Figures 1 to 5 on tiny ensembles: what is in them, that they come from the store, and that they can be read."""

import itertools
import math

import click
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

import sdeframe
from sdeframe.models import TavisCummings
from sdeframe.storage.store import Store
from sdeframe.studies import ensembles
from sdeframe.studies.ensembles import drawn_damping, grid, searched_damping
from sdeframe.studies.figures import figure1, panels
from sdeframe.studies.figures.figures2to5 import FIGURE2, FIGURE3, FIGURE4
from sdeframe.studies.figures.paper import Drawing, every_figure, paper_figure, simulated
from tests.support.drawn_text import extents
from tests.support.findings import minimal

COUNT = 300


FOUND = {0.0: minimal(0.0), 0.1: minimal(0.0), 1.0: minimal(0.713, 0.69, 0.75), 10.0: minimal(0.021, 0.01, 0.03)}
"""By photons per atom: none needed, one that is drawn rounded up, one that is too small to draw."""


def never(*arguments, **options):
    raise AssertionError("was simulated")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("figures") / "store")


@pytest.fixture(scope="module")
def curves(store):
    """Return a function that computes a figure once."""
    computed = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panels, "searched_damping", lambda store, model, *_: FOUND[model.photons / model.atoms])

        def compute(figure, again=False):
            if again or figure.number not in computed:
                computed[figure.number] = figure.compute(COUNT, 1, store)
            return computed[figure.number]

        yield compute


@pytest.mark.long
def test_every_panel_holds_its_mean_and_its_exact_curve(curves):
    ds = curves(FIGURE2)
    assert ds["photons_per_atom"].values.tolist() == [0.1, 1.0, 10.0]
    assert ds["decay"].values.tolist() == [[0.05, 0.1], [0.36, 0.72], [0.025, 0.05]]
    assert (ds.attrs["trajectories"], ds.attrs["bound"], ds.attrs["atoms"]) == (COUNT, 1e3, 10)
    for share in (0.1, 1.0, 10.0):
        one = ds.sel(photons_per_atom=share).dropna("time", subset=["closed_alive"])
        model = TavisCummings(10, 10 * share)
        assert one["time"].values == pytest.approx(grid(model))
        assert one["closed_exact"].values == pytest.approx(model.exact(grid(model))["excited"], abs=1e-12)
        for k, level in enumerate(("half", "minimal")):
            open_model = TavisCummings(10, 10 * share, decay=float(one["decay"][k]))
            exact = open_model.exact(grid(model))["excited"]
            assert one["open_exact"].sel(damping=level).values == pytest.approx(exact, abs=1e-12)
        early = one["time"].values < 1.5  # none of these has a pole near by; six errors, 2e-9 each
        for name, curve in (("closed", one), ("open", one.sel(damping="half")), ("open", one.sel(damping="minimal"))):
            off = np.abs(curve[f"{name}_excited"] - curve[f"{name}_exact"]).values[early]
            assert (off <= 6 * curve[f"{name}_excited_se"].values[early] + 1e-9).all()


@pytest.mark.long
def test_losses_are_those_of_the_run(curves):
    one = curves(FIGURE2).sel(photons_per_atom=1.0)
    alive = one["closed_alive"].dropna("time")
    lost = float(one["closed_loss_time"])
    assert alive.sel(time=alive["time"] >= lost).max() <= COUNT * 0.995
    assert alive.sel(time=alive["time"] < lost).min() > COUNT * 0.995
    assert 2 < lost < 4.5
    assert alive[-1] < 0.8 * COUNT
    assert (COUNT * (1 - one["closed_lost_low"].dropna("time")) <= alive).all()
    assert one["closed_excited_horizon"] < lost


@pytest.mark.long
def test_a_second_call_simulates_nothing_and_gives_the_same(curves, monkeypatch):
    first = curves(FIGURE2)
    monkeypatch.setattr("sdeframe.storage.store.run_problem", never)
    monkeypatch.setattr(TavisCummings, "exact", never)
    xr.testing.assert_identical(curves(FIGURE2, again=True), first)


@pytest.mark.long
def test_a_damaged_file_is_said_and_made_anew(curves, store):
    first = curves(FIGURE2)
    for file in store.folder.glob("*.nc"):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0xFF
        file.write_bytes(content)
    with pytest.warns(UserWarning, match="is damaged, or not what its name says: computing anew"):
        again = curves(FIGURE2, again=True)
    xr.testing.assert_identical(again, first)


@pytest.mark.long
@pytest.mark.parametrize("figure", [FIGURE2, FIGURE3], ids=lambda figure: figure.number)
def test_no_text_overlaps_another_or_leaves_the_page(figure, curves):
    picture = figure.picture(curves(figure))
    boxes = extents(picture)
    assert len(boxes) > 60
    for (first, a), (second, b) in itertools.combinations(boxes.items(), 2):
        assert not a.overlaps(b), f"{first!r} overlaps {second!r}"
    for name, box in boxes.items():
        assert picture.bbox.x0 <= box.x0, name
        assert picture.bbox.x1 >= box.x1, name
        assert picture.bbox.y0 <= box.y0, name
        assert picture.bbox.y1 >= box.y1, name


def panel(figure, letter):
    """Return a panel by the letter in its title."""
    return next(axes for axes in figure.axes if axes.get_title(loc="left").startswith(f"({letter})"))


@pytest.mark.long
def test_panels_rows_and_magnification_are_those_of_the_captions(curves):
    picture = FIGURE2.picture(curves(FIGURE2))
    titles = [axes.get_title(loc="left") for axes in picture.axes]
    assert titles[0] == "(a) $n_\\mathrm{ph} = 0.1N$"
    assert titles[4] == "(e) $n_\\mathrm{ph} = N$"
    assert titles[6] == "(g) $n_\\mathrm{ph} = 0.1N$, values × 8"
    assert len(titles) == 9
    drawn = next(line for line in panel(picture, "g").lines if line.get_label() == "exact").get_ydata()
    exact = curves(FIGURE2).sel(photons_per_atom=0.1, damping="half")["open_exact"].dropna("time")
    assert max(drawn) == pytest.approx(8 * float(exact.max()))
    excited = [axes.get_title(loc="left")[:3] for axes in FIGURE3.picture(curves(FIGURE3)).axes]
    assert excited == [f"({letter})" for letter in "abcdefgh"]
    assert panel(FIGURE4.picture(curves(FIGURE2)), "g").get_title(loc="left").endswith("values × 6")


@pytest.mark.long
def test_legends_name_the_damping_and_what_was_found(curves):
    picture = FIGURE2.picture(curves(FIGURE2))
    legends = {letter: panel(picture, letter).get_legend() for letter in "ghi"}
    assert legends["g"].get_title().get_text() == "none needed; an example:"
    assert legends["h"].get_title().get_text() == "minimum 0.713 (0.69 to 0.75):"
    assert legends["i"].get_title().get_text() == "minimum 0.021, below 0.05; drawn:"
    assert [t.get_text() for t in legends["h"].get_texts()] == ["$\\gamma = 0.36\\,f$", "$\\gamma = 0.72\\,f$"]


@pytest.mark.long
def test_a_spike_rules_no_axis_and_what_follows_the_loss_is_faint(curves):
    ds = curves(FIGURE2).copy(deep=True)
    limits = panel(FIGURE2.picture(ds), "e").get_ylim()
    ds["closed_excited"].loc[{"time": 9.0}] = 800.0
    axes = panel(FIGURE2.picture(ds), "e")
    assert axes.get_ylim() == limits
    assert limits[1] < 1.3
    solid, faint, *_ = axes.lines
    lost = float(ds["closed_loss_time"].sel(photons_per_atom=1.0))
    assert solid.get_xdata().max() <= lost <= faint.get_xdata().min()
    assert faint.get_alpha() < 0.5


@pytest.mark.long
def test_half_of_the_damping_ends_with_its_loss_and_the_shade_begins_at_the_horizon_of_the_whole(curves):
    ds = curves(FIGURE2).copy(deep=True)
    for level, horizon in (("half", 4.0), ("minimal", 6.0)):
        ds["open_excited_horizon"].loc[{"photons_per_atom": 1.0, "damping": level}] = horizon
    ds["open_loss_time"].loc[{"photons_per_atom": 1.0, "damping": "half"}] = 5.0
    axes = panel(FIGURE2.picture(ds), "h")
    (shade,) = axes.patches
    assert shade.get_x() == 6.0
    ends = [
        np.asarray(line.get_xdata())[np.isfinite(line.get_ydata())].max(initial=0.0)
        for line in axes.lines
        if line.get_color() == panels.STYLES["half"][0]
    ]
    assert 4.5 < max(ends) <= 5.0


def test_what_is_drawn_as_the_minimal_damping():
    assert drawn_damping(minimal(0.0)) == 0.1
    assert drawn_damping(minimal(0.021)) == 0.05
    assert drawn_damping(minimal(0.7109375)) == 0.72
    assert drawn_damping(minimal(1.25)) == 1.25


def test_the_search_is_kept(store, monkeypatch):
    monkeypatch.setattr(ensembles, "SEARCHED", 1_000)
    monkeypatch.setattr(ensembles, "BRACKET", (0.5, 2.0))
    model = TavisCummings(10, 1.0)
    found = searched_damping(store, model, 1)
    assert found.below
    monkeypatch.setattr(ensembles, "minimal_damping", never)
    assert str(searched_damping(store, model, 2)) == str(found)
    with pytest.raises(AssertionError, match="was simulated"):
        searched_damping(store, TavisCummings(10, 2.0), 1)


@pytest.fixture(scope="module")
def paths(store):
    return figure1.compute_case(TavisCummings(10, 100.0), 200, 1, store)


def test_the_runaway_of_figure_1_is_one_of_the_ensemble_replayed(paths):
    model = TavisCummings(10, 100.0)
    chosen = paths["trajectory"].values.tolist()
    assert chosen[2] not in chosen[:2]
    scheme = sdeframe.integrators.W2S4(float(paths["dt"]), increments=sdeframe.interfaces.increments.Gaussian())
    run = sdeframe.simulate(
        model, scheme, observers=[sdeframe.observers.Runaways(1e3)], times=[5.0, 10.0], trajectories=200, seed=1,
        threads=1, progress=False,
    )  # fmt: skip
    replayed = run.replay(chosen)
    shown = paths["path_excited"].values
    there = np.isfinite(shown)
    assert (shown[there] == replayed["rho_ee"].values.real[there]).all()
    assert there[:2].all()
    end = int(np.argmin(there[2]))
    assert 0 < end < there.shape[1]
    assert (replayed["rho_ee"].values[2, end:] == replayed["rho_ee"].values[2, end - 1]).all()
    assert float(paths["lost_by"]) - 0.1 < paths["time"].values[end] <= float(paths["lost_by"]) + 1e-9
    assert paths["exact"].values == pytest.approx(model.exact(paths["time"].values)["excited"], abs=1e-12)


def test_figure_1_needs_a_runaway(store):
    with pytest.raises(ValueError, match=r"trajectories=3: 0 of TavisCummings.* run away, .* give more trajectories"):
        figure1.compute_case(TavisCummings(100, 1000.0), 3, 1, store)


def test_no_text_of_figure_1_overlaps_another(paths):
    curves = xr.concat([paths, paths], "atoms").assign_attrs(trajectories=100_000)
    picture = figure1.picture(curves)
    for (first, a), (second, b) in itertools.combinations(extents(picture).items(), 2):
        assert not a.overlaps(b), f"{first!r} overlaps {second!r}"


def test_all_figures_are_drawn_with_the_options_that_they_have(monkeypatch, tmp_path):
    asked = []

    def drawing(*options):
        from matplotlib.figure import Figure

        asked.append(options)
        return Drawing(Figure(), xr.Dataset({"x": 1.0}))

    @paper_figure("8")
    @simulated(trajectories=70)
    def sized(trajectories, threads):
        return drawing("8", trajectories, threads)

    @paper_figure("9")
    def plain():
        return drawing("9")

    class Point:
        def __init__(self, command):
            self.command = command

        def load(self):
            return self.command

    known = {"9": Point(plain), "8": Point(sized), "all": Point(every_figure)}
    monkeypatch.setattr("sdeframe.registry.names", lambda kind: known)
    runner = CliRunner()
    done = runner.invoke(every_figure, ["--output", str(tmp_path)], catch_exceptions=False)
    runner.invoke(every_figure, ["--output", str(tmp_path), "--trajectories", "5", "--threads", "2"])
    assert asked == [("8", 70, None), ("9",), ("8", 5, 2), ("9",)]
    assert done.output.splitlines()[-1].startswith("all figures in ")
    assert {p.name for p in tmp_path.iterdir()} == {f"figure{n}.{kind}" for n in (8, 9) for kind in ("png", "nc")}
    assert isinstance(every_figure, click.Command)
    assert math.isfinite(float(done.output.split()[-2]))
