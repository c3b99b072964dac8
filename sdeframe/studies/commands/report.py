"""What is said of a result, in a picture or in lines of text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from sdeframe.running.showing.limits import NEVER, OF_SEED
from sdeframe.studies.criteria import LARGEST_DEVIATION, SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    from sdeframe.running.result import Result

    Curves = dict[str, NDArray[Any]]


def show_plain(result: Result, names: tuple[str, ...], exact: Curves, picture: Path, title: str) -> None:
    """Print when 0.5 % were lost and where the means agree with the exact ones, and draw the means."""
    from sdeframe.studies.plotting import draw_run

    loss_time = result.runaway_time(SHARE)
    until = {name: trusted_until(result, name, loss_time) for name in names}
    print_state_losses(result, loss_time)
    print_horizons(result)
    for name, curve, error in curves(exact):
        print_agreement(result, name, name, curve, error, (until[name], "until then"))
    if names:
        draw_run(result.dataset, until, exact, loss_time, picture, title)


def show_weighted(result: Result, names: tuple[str, ...], exact: Curves, picture: Path, title: str) -> None:
    """Print losses, how long the weights carry a mean, and where it agrees with exact, and draw the weighted means."""
    from sdeframe.observers.trust import last_before
    from sdeframe.studies.plotting import draw_weighted_run
    from sdeframe.studies.weights import LARGEST_SHARE, SMALLEST_SAMPLE, carried

    ds = result.dataset
    losses = result.runaway_time(SHARE), result.runaway_time(SHARE, of="weight")
    carry = last_before(ds["time"].values, ~carried(ds))
    until = {name: trusted_until(result, name, carry) for name in names}
    print_state_losses(result, losses[0])
    click.echo(
        f"0.5 % of weights lost (bound {result.losses['weight_losses'].attrs['bound']:g}): {when(losses[1])}; "
        f"within it at the end: {int(ds['weight_alive'][-1]):,}"
    )
    click.echo(
        f"weights carry a mean up to t = {carry:.4g} (effective sample above {SMALLEST_SAMPLE:.0%} of the ensemble, "
        f"less than {LARGEST_SHARE:.0%} of the weight on the heaviest 0.1%)"
    )
    print_horizons(result)
    for name, curve, error in curves(exact):
        limit = until[name], "while trusted"
        for label, key in ((f"<{name} Ω>", name), (f"<{name} Ω>/<Ω>", f"{name}_ratio")):
            print_agreement(result, label, key, curve, error, limit)
    draw_weighted_run(ds, until, exact, losses, picture, title)


def print_state_losses(result: Result, loss_time: float) -> None:
    """Print when 0.5 % of the trajectories were lost."""
    alive, bound = int(result.dataset["alive"][-1]), float(result.losses["bound"][-1])
    click.echo(f"0.5 % of trajectories lost (bound {bound:g}): {when(loss_time)}; alive at the end: {alive:,}")


def trusted_until(result: Result, name: str, otherwise: float) -> float:
    """Return the trust horizon of a mean, or another time in a run that has none."""
    return result.horizon(name) if f"{name}_horizon" in result.dataset else otherwise


def print_horizons(result: Result) -> None:
    """Print up to when each mean can be trusted, and what to do where that is never."""
    names = [str(k).removesuffix("_horizon") for k in result.dataset if str(k).endswith("_horizon")]
    if not names:
        known = result.problem is not None and result.problem.poles is not None
        click.echo(f"no trust horizon: {'no observer tells one' if known else 'the model declares no poles'}")
        return
    until = {name: result.horizon(name) for name in names}
    click.echo("trusted up to t = " + ", ".join(f"{time:.4g} ({name})" for name, time in until.items()))
    if min(until.values()) == 0.0:
        click.echo(NEVER)
    elif min(until.values()) < result.dataset["time"].values[-1]:
        click.echo(OF_SEED)


def print_step_error(result: Result, names: tuple[str, ...], dt: float) -> None:
    """Print the largest step error of each mean, in either part, up to its trust horizon.

    Where no horizon is told, until 0.5 % are lost.
    """
    import numpy as np

    ds, lost = result.dataset, result.runaway_time(SHARE)
    for name in names:
        limit = "its trust horizon" if f"{name}_horizon" in ds else "the loss"
        before = ds["time"].values <= trusted_until(result, name, lost)
        if not before.any():
            click.echo(f"{name}: no output time comes before {limit}, so nothing can be told of the step error")
            continue
        errors, spread = _larger_part(ds, f"{name}_step_error")
        at = int(np.argmax(np.where(before, errors, -1.0)))
        click.echo(f"{name}: the step {dt:.4g} adds at most {errors[at]:.1e} ± {spread[at]:.1e} before {limit}")


def _larger_part(ds: xr.Dataset, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the size of the larger part of a mean with its standard error."""
    import numpy as np

    from sdeframe.drawing.parts import parts

    sizes, errors = (np.array(rows) for rows in zip(*((np.abs(p.mean), p.error) for p in parts(ds, name)), strict=True))
    larger = np.argmax(sizes, axis=0)[None]
    return np.take_along_axis(sizes, larger, 0)[0], np.take_along_axis(errors, larger, 0)[0]


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
    """Print where a mean agrees with the exact curve, and the largest deviation of its parts up to a time."""
    import numpy as np

    from sdeframe.sampling import student_limit
    from sdeframe.studies.parts import deviation

    time, off = result.dataset["time"].values, deviation(result.dataset, key, exact, uncertain)
    before = (time > 0) & (time <= limit[0])
    allowed = student_limit(result.dataset.attrs.get("replicates"), LARGEST_DEVIATION)
    agreed = np.flatnonzero(np.cumsum(~(off <= allowed)) == 0)
    last = f"t = {time[agreed[-1]]:.4g}" if agreed.size else "never"
    largest = f"{off[before].max():.2f}" if before.any() else "-"
    click.echo(
        f"{label}: within {allowed:.3g} standard errors of exact up to {last}; largest deviation {limit[1]}: {largest}"
    )
