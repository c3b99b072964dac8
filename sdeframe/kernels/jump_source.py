"""The lines of a kernel that make jumps: those of the first half of a step before it, of the second half after it.

With the step S of the scheme and the jumps J alone, in the state that they meet, a step is J(h/2) S(h) J(h/2): of weak
order 2 where S is (Strang, SIAM J. Numer. Anal. 5, 506 (1968)), whatever the increments of S are made of.
"""

from __future__ import annotations

from typing import Final

import attrs

from sdeframe.kernels.jumps import Jumping
from sdeframe.kernels.layout import Layout

FUNCTION: Final = """
from numpy import empty
from sdeframe.compiled.jit import inner
from sdeframe.compiled.jumps import bring, candidate, due, take
from sdeframe.compiled.normals import normal_pair
from sdeframe.compiled.random_numbers import JUMP, uniform_pair


@inner
def jumps(z, one, ids, p, until, k0, k1):
    total = {total}
    for lane in range({lanes}):
        while z[{alive} * {lanes} + lane] > 0.0 and z[{following} * {lanes} + lane] < until:
            time, j, mark = candidate(z, {lanes}, lane, {following}, {following} + 1, total, ids[lane], k0, k1)
            take(z, {lanes}, lane, {width}, {width}, one, 0)
            take(z, {lanes}, lane, {offender}, {kept}, one, {width})
            one[{mark}] = mark
{drawn}
            taking(one, p, time, one, 1, 0)
            bring(z, {lanes}, lane, {width}, {width}, one, 0)
            bring(z, {lanes}, lane, {offender}, {kept}, one, {width})

"""

BEFORE: Final = """
begin = (k - shift) * dt + origin
if due(z, {lanes}, {alive}, {following}, begin + 0.5 * dt):
    z[{state} : 2 * {state}] = z[:{state}]
    jumps(z, one, ids, p, begin + 0.5 * dt, k0, k1)
"""

AFTER: Final = """
if due(z, {lanes}, {alive}, {following}, begin + dt):
    jumps(z, one, ids, p, begin + dt, k0, k1)
"""


@attrs.frozen
class JumpSource:
    """Pieces of the source of a kernel; nothing where there are no jumps."""

    function: str = ""
    memory: str = ""
    before: list[str] = attrs.field(factory=list)
    after: list[str] = attrs.field(factory=list)
    rates: list[str] = attrs.field(factory=list)


def jump_source(layout: Layout, jumping: Jumping | None, lanes: int, tested: list[str]) -> JumpSource:
    """Return the pieces of a kernel of so many lanes; `tested` are the lines of the test of bounds.

    Jumps are made on the rows of the next state, to which the state is copied before a step; the test moves it.
    """
    if jumping is None:
        return JumpSource()
    kept = 2 + layout.jumps
    names = {
        "lanes": lanes, "alive": layout.alive, "following": layout.following, "width": layout.width,
        "state": layout.width * lanes,
        "offender": layout.offender, "kept": kept, "mark": layout.width + kept,
        "total": " + ".join(f"p[{number}]" for number in jumping.bounds),
    }  # fmt: skip
    first = layout.width + kept + 1
    drawn = [line for k, kind in enumerate(jumping.drawn) for line in _draw(kind, first + 2 * k, 1 + k)]
    return JumpSource(
        function=FUNCTION.format(drawn="\n".join(" " * 12 + line for line in drawn), **names),
        memory=f"\n    one = empty({first + 2 * len(jumping.drawn)})",
        before=[*BEFORE.format(**names).strip("\n").splitlines(), *("    " + line for line in tested)],
        after=AFTER.format(**names).strip("\n").splitlines(),
        rates=[f"rates(z, p, (made - shift) * dt + origin, z, {lanes}, 0)"] if jumping.rates else [],
    )


def _draw(kind: str, row: int, channel: int) -> list[str]:
    """Return the lines that draw one random symbol, two rows."""
    pair = "uniform_pair" if kind == "uniform" else "normal_pair"
    lines = [f"one[{row}], one[{row + 1}] = {pair}(ids[lane], j, {channel}, JUMP, 0, k0, k1)"]
    scaled = [f"one[{r}] *= 0.5**0.5" for r in (row, row + 1)]
    return lines + (scaled if kind == "complex" else [])
