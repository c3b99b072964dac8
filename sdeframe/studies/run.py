"""``sdeframe run``: one ensemble, a file, a picture and a short table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import click

from sdeframe import registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sdeframe.model import Model
    from sdeframe.result import Result

SHARE: Final = 0.005
BOUND: Final = 1e3
DEFAULTS: Final = {"tavis-cummings": {"atoms": 10, "photons": 10}}
"""Parameters of models that have no defaults of their own."""


@click.command()
@click.option("--model", "model_name", default="tavis-cummings", show_default=True, help="A registered model.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter of the model.")
@click.option("--integrator", "integrator_name", default="stochastic-rk2", show_default=True)
@click.option("--gauge", "gauge_name", default="identity", show_default=True)
@click.option("--trajectories", type=int, default=100_000, show_default=True)
@click.option("--dt", type=float, default=1e-3, show_default=True, help="Step.")
@click.option("--times", default="0:5:101", show_default=True, help="FIRST:LAST:COUNT, or times with commas between.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--threads", type=int, help="Number of threads; all processors if not given.")
@click.option(
    "--output", default="run.nc", show_default=True, type=click.Path(), help="NetCDF file; a PNG stands beside."
)
def run(
    model_name: str, settings: tuple[str, ...], integrator_name: str, gauge_name: str, trajectories: int, dt: float,
    times: str, seed: int, threads: int | None, output: str,
) -> None:  # fmt: skip
    """Run an ensemble and hold it against the exact solution.

    Without options: the closed Tavis-Cummings model, 10 atoms, 10 photons, ground start, to τ = 5.
    """
    from sdeframe.observers import Moments, Runaways
    from sdeframe.plotting import draw_run
    from sdeframe.result import writable
    from sdeframe.simulation import simulate

    file = writable(output)
    picture = writable(file.with_suffix(".png"))
    if picture == file:
        raise ValueError(f"--output {output}: the picture has this name; give that of the NetCDF file, such as run.nc")
    model = make_model(model_name, settings)
    integrator = registry.find("integrators", integrator_name)(dt=dt)
    grid = parse_times(times)
    observed = dict(model.observables) or dict(model.system().variables)
    result = simulate(
        model, integrator, gauge=registry.find("gauges", gauge_name)(),
        observers=[Moments(**observed), Runaways(BOUND)],
        times=grid, trajectories=trajectories, seed=seed, threads=threads,
    )  # fmt: skip
    result.save(file)
    exact, why_not = exact_values(model, grid)
    first = next(iter(observed))
    loss_time = result.runaway_time(SHARE)
    title = f"{model}\n{integrator}, {trajectories:,} trajectories, seed {seed}"
    draw_run(result.dataset, first, exact.get(first), loss_time, picture, title)
    print_summary(result, exact, why_not, loss_time)
    click.echo(f"wrote {file} and {picture}")


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


def exact_values(model: Model, times: NDArray[np.float64]) -> tuple[dict[str, NDArray[Any]], str]:
    """Return the exact observables, and why there are none where there are none."""
    from sdeframe.model import SolvableModel

    if not isinstance(model, SolvableModel):
        return {}, f"{type(model).__name__} has no exact solution"
    try:
        return dict(model.exact(times)), ""
    except ValueError as error:
        return {}, str(error)


def print_summary(result: Result, exact: dict[str, NDArray[Any]], why_not: str, loss_time: float) -> None:
    """Print where the means agree with the exact ones, when 0.5 % were lost, and the speed."""
    import numpy as np

    ds = result.dataset
    time = ds["time"].values
    lost = "never" if math.isinf(loss_time) else f"at {loss_time:.4g}"
    click.echo(f"0.5 % of trajectories lost (bound {BOUND:g}): {lost}; alive at the end: {int(ds['alive'][-1]):,}")
    for name, curve in exact.items():
        error = np.maximum(ds[f"{name}_se"].values, 1e-12)
        deviation = np.abs(ds[name].values.real - curve) / error
        before = (time > 0) & (time <= loss_time)
        agreed = np.flatnonzero(np.cumsum(deviation > 5) == 0)
        last = f"t = {time[agreed[-1]]:.4g}" if agreed.size else "never"
        largest = f"{deviation[before].max():.2f}" if before.any() else "-"
        click.echo(
            f"{name}: within 5 standard errors of exact up to {last}; largest deviation before the loss: {largest}"
        )
    if not exact:
        click.echo(f"no exact curve: {why_not}")
    steps = round(time[-1] / ds.attrs["dt"]) * ds.attrs["trajectories"]
    click.echo(f"{result.seconds:.1f} s, {1e9 * result.seconds / max(steps, 1):.1f} ns per trajectory and step")
