"""``sdeframe run``: one ensemble, a file, a picture and a short table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import click

from sdeframe import registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from sdeframe.interfaces.gauge import Gauge
    from sdeframe.interfaces.model import Model
    from sdeframe.interfaces.observer import Observer
    from sdeframe.running.result import Result

    Curves = dict[str, NDArray[Any]]

SHARE: Final = 0.005
BOUND, WEIGHT_BOUND = 1e3, 1e3
ADVICE: Final = (
    "no mean can be trusted at any output time: take earlier ones, more damping, another form of the equations or "
    "a drift gauge"
)
DEFAULTS: Final = {"tavis-cummings": {"atoms": 10, "photons": 10}}
"""Parameters of models that have no defaults of their own."""


@click.command()
@click.option("--model", "model_name", default="tavis-cummings", show_default=True, help="A registered model.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter of the model.")
@click.option("--integrator", "integrator_name", default="w2s4", show_default=True)
@click.option("--gauge", "gauge_name", default="identity", show_default=True)
@click.option("--trajectories", type=int, default=100_000, show_default=True)
@click.option("--dt", type=float, help="Step; for w2s4 at most 0.025 and 0.125 N/nph if not given, else 0.001.")
@click.option("--times", default="0:5:101", show_default=True, help="FIRST:LAST:COUNT, or times with commas between.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--threads", type=int, help="Number of threads; all processors if not given.")
@click.option(
    "--output", default="run.nc", show_default=True, type=click.Path(), help="NetCDF file; a PNG stands beside."
)
def run(
    model_name: str, settings: tuple[str, ...], integrator_name: str, gauge_name: str, trajectories: int,
    dt: float | None, times: str, seed: int, threads: int | None, output: str,
) -> None:  # fmt: skip
    """Run an ensemble and hold it against the exact solution.

    Without options: the closed Tavis-Cummings model, 10 atoms, 10 photons, ground start, to τ = 5.
    """
    from sdeframe.campaigns.default_step import default_step
    from sdeframe.observers import Runaways
    from sdeframe.running.result import writable
    from sdeframe.running.simulation import simulate

    file = writable(output)
    picture = writable(file.with_suffix(".png"))
    if picture == file:
        raise ValueError(f"--output {output}: the picture has this name; give that of the NetCDF file, such as run.nc")
    model = make_model(model_name, settings)
    grid = parse_times(times)
    scheme = registry.find("integrators", integrator_name)
    integrator = scheme(dt=default_step(model, scheme, grid) if dt is None else dt)
    gauge = registry.find("gauges", gauge_name)()
    weighted = is_weighted(model, gauge)
    observed = dict(model.observables) or dict(model.system().variables)
    result = simulate(
        model, integrator, gauge=gauge,
        observers=[means(model, weighted)(**observed), Runaways(BOUND, WEIGHT_BOUND)],
        times=grid, trajectories=trajectories, seed=seed, threads=threads, step_error=True,
    )  # fmt: skip
    result.save(file)
    exact = exact_values(model, grid)
    gauged = f"{gauge}\n" if weighted else ""
    title = f"{model}\n{gauged}{integrator}, {trajectories:,} trajectories, seed {seed}"
    show = show_weighted if weighted else show_plain
    show(result, next(iter(observed)), exact, picture, title)
    print_step_error(result, tuple(observed), integrator.dt)
    steps = 1.5 * round(grid[-1] / integrator.dt) * trajectories  # with those of the coarse run
    click.echo(f"{result.seconds:.1f} s, {1e9 * result.seconds / max(steps, 1):.1f} ns per trajectory and step")
    click.echo(f"wrote {file} and {picture}")


def is_weighted(model: Model, gauge: Gauge) -> bool:
    """Return whether the gauged system has a weight.

    Raises
    ------
    ValueError
        If the model lacks what the gauge needs.
    """
    try:
        return gauge.transform(model.system()).log_weight is not None
    except KeyError as error:
        raise ValueError(f"{gauge} does not fit {model}: {error.args[0]}") from None


def means(model: Model, weighted: bool) -> type[Observer]:
    """Return the observer of means: with a trust horizon where the model says what is needed for one."""
    from sdeframe.observers import Moments, TrustHorizon, WeightedMoments, WeightedTrustHorizon

    plain, trusted = (WeightedMoments, WeightedTrustHorizon) if weighted else (Moments, TrustHorizon)
    return plain if model.poles is None else trusted


def make_model(name: str, settings: tuple[str, ...]) -> Model:
    """Return a registered model with the parameters that were set, as numbers where they look like numbers.

    Raises
    ------
    ValueError
        If a setting is not NAME=VALUE, or the model has no such parameter or lacks one.
    """
    import attrs

    plugin = registry.find("models", name)
    fields = {field.alias: field for field in attrs.fields(plugin) if field.init}
    values: dict[str, Any] = dict(DEFAULTS.get(name, {}))
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting}: must be NAME=VALUE, such as atoms=100")
        if key not in fields:
            raise ValueError(f"--set {setting}: {name} has no parameter {key!r}, only {', '.join(fields)}")
        values[key] = parse_value(text)
    missing = [k for k, field in fields.items() if field.default is attrs.NOTHING and k not in values]
    if missing:
        raise ValueError(f"{name} needs --set {missing[0]}=VALUE")
    return plugin(**values)


def parse_value(text: str) -> int | float | str:
    """Return a number where the text is one, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse_times(text: str) -> NDArray[np.float64]:
    """Return the times of FIRST:LAST:COUNT or of a list with commas.

    Raises
    ------
    ValueError
        If the text is neither.
    """
    import numpy as np

    try:
        if ":" in text:
            first, last, count = text.split(":")
            return np.linspace(float(first), float(last), int(count))
        return np.array([float(part) for part in text.split(",")])
    except ValueError:
        raise ValueError(
            f"--times {text}: must be FIRST:LAST:COUNT, such as 0:5:101, or a list such as 0,1,2.5"
        ) from None


def exact_values(model: Model, times: NDArray[np.float64]) -> Curves:
    """Return the exact observables with their standard errors, none where a model cannot; say which and how."""
    from sdeframe.interfaces.model import SolvableModel
    from sdeframe.models import TavisCummings

    if not isinstance(model, SolvableModel):
        click.echo(f"no exact curve: {type(model).__name__} has no exact solution")
        return {}
    if isinstance(model, TavisCummings):
        click.echo(f"exact curve: {model.exact_method(times)}")
    return dict(model.exact(times))


def show_plain(result: Result, name: str, exact: Curves, picture: Path, title: str) -> None:
    """Draw the mean, and print when 0.5 % were lost and where the means agree with the exact ones."""
    from sdeframe.studies.plotting import draw_run

    loss_time = result.runaway_time(SHARE)
    draw_run(result.dataset, name, exact.get(name), loss_time, picture, title)
    print_state_losses(result, loss_time)
    print_horizons(result)
    for name, curve, error in curves(exact):
        print_agreement(result, name, name, curve, error, (trusted_until(result, name, loss_time), "until then"))


def show_weighted(result: Result, name: str, exact: Curves, picture: Path, title: str) -> None:
    """Draw the weighted mean, and print losses, how long the weights carry a mean, and where it agrees with exact."""
    from sdeframe.observers.trust import last_before
    from sdeframe.studies.plotting import draw_weighted_run
    from sdeframe.studies.weights import LARGEST_SHARE, SMALLEST_SAMPLE, carried

    ds = result.dataset
    losses = result.runaway_time(SHARE), result.runaway_time(SHARE, of="weight")
    until = last_before(ds["time"].values, ~carried(ds))
    draw_weighted_run(ds, name, exact.get(name), losses, trusted_until(result, name, until), picture, title)
    print_state_losses(result, losses[0])
    click.echo(
        f"0.5 % of weights lost (bound {WEIGHT_BOUND:g}): {when(losses[1])}; "
        f"within it at the end: {int(ds['weight_alive'][-1]):,}"
    )
    click.echo(
        f"weights carry a mean up to t = {until:.4g} (effective sample above {SMALLEST_SAMPLE:.0%} of the ensemble, "
        f"less than {LARGEST_SHARE:.0%} of the weight on the heaviest 0.1%)"
    )
    print_horizons(result)
    for name, curve, error in curves(exact):
        limit = trusted_until(result, name, until), "while trusted"
        for label, key in ((f"<{name} Ω>", name), (f"<{name} Ω>/<Ω>", f"{name}_ratio")):
            print_agreement(result, label, key, curve, error, limit)


def print_state_losses(result: Result, loss_time: float) -> None:
    """Print when 0.5 % of the trajectories were lost."""
    alive = int(result.dataset["alive"][-1])
    click.echo(f"0.5 % of trajectories lost (bound {BOUND:g}): {when(loss_time)}; alive at the end: {alive:,}")


def trusted_until(result: Result, name: str, otherwise: float) -> float:
    """Return the trust horizon of a mean, or another time in a run that has none."""
    return result.horizon(name) if f"{name}_horizon" in result.dataset else otherwise


def print_horizons(result: Result) -> None:
    """Print up to when each mean can be trusted, and what to do where that is never."""
    names = [str(k).removesuffix("_horizon") for k in result.dataset if str(k).endswith("_horizon")]
    if not names:
        click.echo("no trust horizon: the model declares no poles")
        return
    until = {name: result.horizon(name) for name in names}
    click.echo("trusted up to t = " + ", ".join(f"{time:.4g} ({name})" for name, time in until.items()))
    if min(until.values()) == 0.0:
        click.echo(ADVICE)


def print_step_error(result: Result, names: tuple[str, ...], dt: float) -> None:
    """Print the largest step error of each mean up to its trust horizon, or until 0.5 % are lost where none is told."""
    import numpy as np

    ds, lost = result.dataset, result.runaway_time(SHARE)
    for name in names:
        limit = "its trust horizon" if f"{name}_horizon" in ds else "the loss"
        before = ds["time"].values <= trusted_until(result, name, lost)
        if not before.any():
            click.echo(f"{name}: no output time comes before {limit}, so nothing can be told of the step error")
            continue
        errors, spread = (ds[f"{name}_step_error{part}"].values.real[before] for part in ("", "_se"))
        at = int(np.argmax(np.abs(errors)))
        click.echo(f"{name}: the step {dt:.4g} adds at most {abs(errors[at]):.1e} ± {spread[at]:.1e} before {limit}")


def when(time: float) -> str:
    """Return a time as text."""
    return "never" if math.isinf(time) else f"at {time:.4g}"


def curves(exact: Curves) -> Iterator[tuple[str, NDArray[Any], Any]]:
    """Yield name, values and standard errors of every exact curve."""
    for name, curve in exact.items():
        if not name.endswith("_se"):
            yield name, curve, exact.get(f"{name}_se", 0.0)


def print_agreement(
    result: Result, label: str, key: str, exact: NDArray[Any], uncertain: Any, limit: tuple[float, str]
) -> None:
    """Print where a mean agrees with the exact curve, and the largest deviation up to a time."""
    import numpy as np

    time, mean, error = (result.dataset[k].values for k in ("time", key, f"{key}_se"))
    with np.errstate(invalid="ignore"):
        deviation = np.abs(mean.real - exact) / np.maximum(np.hypot(error, uncertain), 1e-12)
    before = (time > 0) & (time <= limit[0])
    agreed = np.flatnonzero(np.cumsum(~(deviation <= 5)) == 0)
    last = f"t = {time[agreed[-1]]:.4g}" if agreed.size else "never"
    largest = f"{deviation[before].max():.2f}" if before.any() else "-"
    click.echo(f"{label}: within 5 standard errors of exact up to {last}; largest deviation {limit[1]}: {largest}")
