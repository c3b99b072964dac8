"""What `Result.plot` draws, and what it refuses."""

import attrs
import matplotlib.pyplot as plt
import numpy as np
import pytest

from sdeframe import QuantumModel, SymbolicModel, load, mean, simulate
from sdeframe.derivation import Emitters, Ket, Master
from sdeframe.gauges import Decoupled
from sdeframe.groups import Groups
from sdeframe.integrators import W2S4
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Correlation, Functions, Moments, PairMoments, Spectrum, TrustHorizon
from tests.support.shown_runs import MODEL, TIMES, a, everything

ALL = {
    "amplitude", "photon number", "pairs", "twice", "drift drift", "g2, normalised", "path", "density", "v",
    "P: probability", "S",
}  # fmt: skip


def labels(figure):
    return [axes.get_ylabel() for axes in figure.axes]


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def test_everything_that_was_recorded_is_drawn_and_pyplot_knows_nothing_of_it():
    before = plt.get_fignums()
    assert {*labels(everything().plot())} - {"alive share"} == ALL
    assert plt.get_fignums() == before
    assert everything().plot("pairs")._repr_png_().startswith(b"\x89PNG")


def test_a_mean_stands_beside_the_exact_curve_of_the_model_and_is_shaded_beyond_its_horizon():
    result = everything()
    horizon, exact = result.horizon("amplitude"), MODEL.exact(TIMES)["amplitude"]
    assert 0 < horizon < TIMES[-1]
    axes, alive = result.plot("amplitude", exact=True).axes
    drawn = lines(axes)
    solid = drawn["real part"].get_xydata()
    assert np.array_equal(solid[:, 0], TIMES[horizon >= TIMES])
    assert np.array_equal(solid[:, 1], result.dataset["amplitude"].values.real[horizon >= TIMES])
    assert np.array_equal(drawn["exact"].get_ydata(), exact.real)
    assert np.array_equal(
        drawn["imaginary part"].get_ydata(), result.dataset["amplitude"].values.imag[horizon >= TIMES]
    )
    assert any(text.get_text().startswith("not to be trusted beyond") for text in axes.get_legend().get_texts())
    assert np.array_equal(alive.get_lines()[0].get_ydata(), result.dataset["alive"].values / 400)


def test_modulus_and_phase():
    result = everything()
    modulus, phase, _ = result.plot("amplitude", exact=True, form="polar").axes
    assert (modulus.get_ylabel(), phase.get_ylabel()) == ("|amplitude|", "phase of amplitude")
    exact = MODEL.exact(TIMES)["amplitude"]
    assert lines(modulus)["exact"].get_ydata() == pytest.approx(np.abs(exact))
    turns = np.exp(1j * lines(phase)["exact"].get_ydata()[1:])
    assert turns == pytest.approx(exact[1:] / np.abs(exact[1:]), abs=1e-9)
    assert len(result.plot("photon_number", form="polar").axes) == 2, "what is real has no phase"


def test_values_of_ones_own_stand_beside_what_a_file_holds(tmp_path):
    result = everything()
    result.save(tmp_path / "run.nc")
    loaded = load(tmp_path / "run.nc")
    with pytest.raises(ValueError, match=r"read from a file or merged, and knows no model: give values, exact="):
        loaded.plot("pairs", exact=True)
    delay = loaded.dataset["delay"].values
    axes, *_ = loaded.plot("g2_normalised", exact={"g2": 1 + delay}).axes
    assert np.array_equal(lines(axes)["exact"].get_ydata(), 1 + delay)


def test_lines_of_several_starts():
    starts = Correlation(start=[1.0, 2.0], g1=MODEL.derivation.correlation(a.dag(), a))
    ds = simulate(MODEL, W2S4(dt=0.25), observers=[starts], times=[1, 2, 3, 4], trajectories=64, seed=1, progress=False)
    (axes,) = ds.plot().axes
    assert {"start 1", "start 2"} <= {*lines(axes)}


def test_names_are_no_formulas():
    model = OrnsteinUhlenbeck()
    odd = {r"$\bad{$": model.system()["x"], "a_$": model.system()["x"]}
    result = simulate(
        model, W2S4(dt=0.25), observers=[Moments(**odd)], times=[0.5, 1.0], trajectories=64, seed=1, progress=False
    )
    marked = attrs.evolve(result, dataset=result.dataset.assign_attrs(model_description=r"$\worse{$"))
    marked.plot().draw_without_rendering()


WRONG = {
    "no such name": (("n",), {}, ValueError, r"plot\('n'\): this dataset can draw amplitude, photon_number, pairs"),
    "no name": ((3,), {}, TypeError, r"plot\(3\): give names"),
    "form": ((), {"form": "round"}, ValueError, "form='round': must be 'cartesian' or 'polar'"),
    "at": ((), {"at": "end"}, ValueError, "at='end': must be a time"),
    "exact of another kind": ((), {"exact": 3}, TypeError, "exact=3: must be True, False or values by name"),
    "exact of nothing drawn": (
        ("pairs",),
        {"exact": {"x": [1]}},
        ValueError,
        "nothing of this name is drawn, but pairs",
    ),
    "exact of another shape": (
        ("pairs",),
        {"exact": {"pairs": [1]}},
        ValueError,
        r"the shape \(1,\), and must.*\(25,\)",
    ),
    "nothing exact": (("twice",), {"exact": True}, ValueError, "KerrOscillator knows amplitude, .* but twice: record"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_drawn_is_named_with_the_way_out(case):
    names, options, kind, message = WRONG[case]
    with pytest.raises(kind, match=message):
        everything().plot(*names, **options)


def test_what_the_model_calls_otherwise_has_no_exact_curve():
    """The mean of 2x under the name x would lie beside the exact mean of x."""
    model = OrnsteinUhlenbeck()
    options = {"times": [0.5, 1.0], "trajectories": 64, "seed": 1, "progress": False}
    other = simulate(model, W2S4(dt=0.25), observers=[Moments(x=2 * model.system()["x"])], **options)
    with pytest.raises(ValueError, match="none of it is drawn here, but x"):
        other.plot(exact=True)
    plain = SymbolicModel(model.system(), model.initial_state(), model.parameters())
    unsolved = simulate(plain, W2S4(dt=0.25), observers=[Moments(x=model.system()["x"])], **options)
    with pytest.raises(ValueError, match="SymbolicModel has no exact solution: give values of your own"):
        unsolved.plot(exact=True)
    assert unsolved.plot("x", exact={"x": np.ones(2)}).axes
    nothing = attrs.evolve(unsolved, dataset=unsolved.dataset[["alive"]])
    with pytest.raises(ValueError, match="holds nothing to draw; run with Moments"):
        nothing.plot()


def test_a_spectrum_whose_window_ends_beyond_its_horizon_is_faint_and_shaded():
    system = MODEL.system()
    with pytest.warns(UserWarning, match="S is not to be trusted"):
        result = simulate(
            MODEL, W2S4(dt=0.125), observers=[Spectrum(window=(1.0, 5.0), S=(system["ad"], system["a"]))],
            times=TIMES, trajectories=400, seed=2, threads=1, progress=False,
        )  # fmt: skip
    (axes,) = result.plot("S").axes
    assert [len(line.get_xdata()) for line in axes.get_lines() if line.get_alpha() is None] == [0]
    assert [text.get_text() for text in axes.get_legend().get_texts()][-1] == "not to be trusted"
    low, high = axes.get_ylim()
    assert low <= result.dataset["S"].values.real.min() < result.dataset["S"].values.real.max() <= high
    good = everything().plot("S").axes[0]
    assert all(len(line.get_xdata()) for line in good.get_lines())


def test_averages_of_kets_stand_beside_exact_curves():
    spin = Emitters("atoms", "ge", 2)
    model = QuantumModel(
        Master(a * spin.sum("eg") + a.dag() * spin.sum("ge")), Ket(), start={a: 1.0, spin: "g"},
        observables={"excited": spin.sum("ee") / 2},
    )  # fmt: skip
    result = simulate(
        model, W2S4(dt=0.05), gauge=Decoupled(model.log_norm), observers=[PairMoments(**model.observables)],
        times=[0.0, 0.5], trajectories=160, groups=Groups(20), seed=1, progress=False,
    )  # fmt: skip
    axes = result.plot("excited", exact=True).axes[0]
    assert np.array_equal(lines(axes)["exact"].get_ydata(), model.exact([0.0, 0.5])["excited"].real)


def test_a_function_of_exact_means_has_an_exact_curve_and_the_picture_says_what_has_none():
    n, pairs = MODEL.observables["photon_number"], MODEL.observables["pairs"]
    functions = Functions(g2=mean(pairs) / mean(n) ** 2, cubed=mean(n**3) / mean(n))
    result = simulate(
        MODEL, W2S4(dt=0.25), observers=[TrustHorizon(n=n, photon_number=n), functions], times=[1.0, 2.0],
        trajectories=64, seed=1, progress=False,
    )  # fmt: skip
    figure, exact = result.plot(exact=True), MODEL.exact([1.0, 2.0])
    drawn = {axes.get_ylabel(): lines(axes) for axes in figure.axes}
    assert np.allclose(drawn["g2"]["exact"].get_ydata(), (exact["pairs"] / exact["photon_number"] ** 2).real)
    assert {name for name, of in drawn.items() if "exact" in of} == {"g2", "photon number"}
    assert figure.get_suptitle().endswith("no exact curve of n, cubed")
    assert "no exact curve" not in result.plot("g2", exact=True).get_suptitle()
