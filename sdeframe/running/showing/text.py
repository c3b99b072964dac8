"""What a terminal shows of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdeframe.drawing.runs import model_of
from sdeframe.drawing.sweeps import parameters
from sdeframe.running.showing.telling import Told, end, how, listed, losses, means, ranges
from sdeframe.validators import printable

if TYPE_CHECKING:
    from sdeframe.running.result import Result


def result_text(result: Result) -> str:
    """Return means at the end with errors and horizons, losses and warnings, a line each."""
    ds = result.dataset
    if "trajectories" not in ds.attrs:
        return str(ds)
    over = parameters(ds)
    made = f"{model_of(ds.attrs)}: " if "model" in ds.attrs else ""
    rows = list(ranges(ds, over) if over else means(ds))
    wide = max((len(told.name) for told in rows), default=0)
    told = [f"  {printable(row.name):<{wide}}  {row.value}{_until(row)}" for row in rows]
    varied = [printable(f"sweep over {name}: {listed(ds[name].values)}") for name in over]
    counted = [] if over else [losses(result)]
    warnings = [printable(f"warning: {line}") for line in result.warnings]
    return "\n".join(
        [
            printable(f"{made}{how(result)}"),
            *varied,
            *([f"{end(ds)}:"] if rows else []),
            *told,
            *filter(None, counted),
            *warnings,
        ]
    )


def _until(told: Told) -> str:
    return f", trusted up to {told.until}" if told.until else ""
