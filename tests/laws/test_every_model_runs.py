"""Every shipped model, form and start: run, drawn, saved and loaded without a warning, finite, and true where known."""

import re
import tomllib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sdeframe import cli, load, simulate
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import W2S4
from sdeframe.interfaces import Identity
from sdeframe.observers import (
    Conserved,
    Moments,
    Runaways,
    Trajectories,
    TrustHorizon,
    WeightedMoments,
    WeightedTrustHorizon,
)
from sdeframe.studies.commands.parsing import parse_settings
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.resolved import make_model
from sdeframe.studies.parts import deviation

ERRORS = 5.0
"""Standard errors; the false-alarm probability of one comparison is 6e-7, and seeds are fixed."""
TIMES = np.array([0.0, 0.25, 0.5])

EXAMPLES = {
    "tavis-cummings": [("form=A46",)],
    "ornstein-uhlenbeck": [()],
    "geometric-brownian-motion": [()],
    "kerr-oscillator": [()],
    "parametric-oscillator": [()],
    "bose-hubbard": [()],
    "atoms-in-cavity": [()],
    "lambda-atom": [()],
    "pumped-atoms": [()],
    "superradiance": [()],
    "collective-spin": [()],
}
"""Every model as it is; those of `SEEN` run each time, the rest, with every start and form, as long tests."""

OTHERS = {
    "tavis-cummings": [
        (f"form={form}", f"start={start}", f"decay={decay}", f"atoms={atoms}")
        for form, start, decay, atoms in product(("A46", "A39"), ("ground", "excited"), (0, 0.5), (1, 10))
    ],
    "ornstein-uhlenbeck": [("start=1", "rate=2", "strength=0.5")],
    "geometric-brownian-motion": [("growth=-1", "volatility=1", "start=2")],
    "kerr-oscillator": [("start=1", "bath=0.5", "dephasing=0.4"), ("drive=0", "interaction=0"), ("drive=1", "decay=0")],
    "parametric-oscillator": [("start=1",), ("start=0.5",)],
    "bose-hubbard": [("sites=3",), ("sites=1",)],
    "atoms-in-cavity": [("start=g",), ("field=1",), ("field=0",)],
    "lambda-atom": [("start=g",), ("start=e",)],
    "pumped-atoms": [("start=e",), ("atoms=3",)],
    "superradiance": [("decay=0.1",), ("atoms=4",)],
    "collective-spin": [("dephasing=0.2", "tilt=0.7"), ("decay=0", "dephasing=0.5", "tilt=1")],
}

SEEN = ("tavis-cummings", "ornstein-uhlenbeck", "kerr-oscillator")
"""What runs each time, by the command and before all observers."""


def cases(always):
    """Return every model with its settings; those that are not always run are long tests."""
    return [
        pytest.param(
            n, s, id=" ".join((n, *s)), marks=() if settings is EXAMPLES[n] and n in always else pytest.mark.long
        )
        for n in EXAMPLES
        for settings in (EXAMPLES[n], OTHERS[n])
        for s in settings
    ]


def test_every_shipped_model_is_among_them():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["entry-points"]["sdeframe.models"]) == set(EXAMPLES) == set(OTHERS)


@pytest.mark.parametrize(("name", "settings"), cases(SEEN))
def test_the_command_runs_it(name, settings, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    sets = [word for setting in settings for word in ("--set", setting)]
    size = ["--trajectories", "500", "--times", "0:0.5:3", "--threads", "1", "--seed", "3"]
    monkeypatch.setattr("sys.argv", ["sdeframe", "run", "--model", name, *sets, *size])
    with pytest.raises(SystemExit) as end:
        cli.main()
    out = capsys.readouterr().out
    assert end.value.code == 0
    assert "nan" not in out
    found = re.findall(r"within 5 standard errors of exact up to (.*); largest deviation until then: (\S+)", out)
    assert len(found) == len(make_model(Experiment(model=name, parameters=parse_settings(settings))).value.observables)
    for _, largest in found:
        assert largest == "-" or float(largest) < ERRORS, out
    assert (tmp_path / "run.png").stat().st_size > 10_000
    loaded = load(tmp_path / "run.nc")
    assert loaded.dataset.sizes["time"] == 3
    check_picture(loaded, len(found))


def check_picture(result, observables):
    """Check that every observable has a panel of its own, which is laid out and drawn."""
    figure = result.plot()
    assert len(figure.axes) == observables + 1
    figure.draw_without_rendering()
    assert all(axes.get_lines() and np.isfinite(axes.get_ylim()).all() for axes in figure.axes)


def observers_of(model, weighted):
    """Return every observer that fits a run, each with names of its own."""

    def named(suffix):
        return {f"{name}_{suffix}": expression for name, expression in model.observables.items()}

    found = [Runaways(), Conserved(**(dict(model.invariants) or named("c"))), Trajectories([0, 7], **named("path"))]
    if weighted:
        return [*found, WeightedTrustHorizon(**named("w")), Moments(unweighted=True, **named("m"))]
    return [*found, Moments(**named("m")), *([] if model.poles is None else [TrustHorizon(**named("t"))])]


def check(result, model, mean, horizon):
    """Check that means are finite and true while trusted."""
    exact = model.exact(TIMES)
    for name in model.observables:
        until = result.horizon(f"{name}_{horizon}") if horizon else TIMES[-1]
        trusted = result.dataset["time"].values <= until
        assert np.isfinite(result.dataset[mean.format(name)].values[trusted]).all()
        off = deviation(result.dataset, mean.format(name), exact[name], exact.get(f"{name}_se", 0.0))
        assert (off[trusted] < ERRORS).all(), (name, off)


@pytest.mark.parametrize(("name", "settings"), cases(SEEN))
def test_all_observers_see_it(name, settings, tmp_path):
    model = make_model(Experiment(model=name, parameters=parse_settings(settings))).value
    for gauge in (Identity(), QuarticDrift()) if name == "tavis-cummings" else (Identity(),):
        weighted = gauge != Identity()
        result = simulate(
            model, W2S4(dt=1 / 64), gauge=gauge, observers=observers_of(model, weighted), times=TIMES, trajectories=500,
            seed=5, threads=1, progress=False, step_error=True,
        )  # fmt: skip
        result.save(tmp_path / "run.nc")
        xr.testing.assert_identical(load(tmp_path / "run.nc").dataset, result.dataset)
        if weighted:
            check(result, model, "{}_w_ratio", "w")
        else:
            check(result, model, "{}_m", None if model.poles is None else "t")


def test_the_other_weighted_observer_sees_a_gauged_model():
    model = make_model(Experiment()).value
    result = simulate(
        model, W2S4(dt=1 / 64), gauge=QuarticDrift(), observers=[WeightedMoments(**model.observables)], times=TIMES,
        trajectories=500, seed=5, threads=1, progress=False,
    )  # fmt: skip
    check(result, model, "{}_ratio", None)
