"""``sdeframe paper 2`` to ``5``: closed and open means against exact ones, for few and many atoms."""

from __future__ import annotations

from sdeframe.studies.figures.changes import Changes, changeable
from sdeframe.studies.figures.panels import Figure2To5
from sdeframe.studies.figures.paper import Drawing, paper_figure, simulated

FIGURE2 = Figure2To5("2", 10, "ground", magnified=8)
FIGURE3 = Figure2To5("3", 10, "excited")
FIGURE4 = Figure2To5("4", 100, "ground", magnified=6)
FIGURE5 = Figure2To5("5", 100, "excited")


@paper_figure("2")
@changeable
@simulated(trajectories=100_000)
def figure2(trajectories: int, threads: int | None, changes: Changes) -> Drawing:
    """Draw figure 2: ten atoms in the ground state, losses, closed means, and open ones at the minimal damping."""
    return FIGURE2.draw(trajectories, threads, changes)


@paper_figure("3")
@changeable
@simulated(trajectories=100_000)
def figure3(trajectories: int, threads: int | None, changes: Changes) -> Drawing:
    """Draw figure 3: ten excited atoms, closed means, and open ones at the minimal damping."""
    return FIGURE3.draw(trajectories, threads, changes)


@paper_figure("4")
@changeable
@simulated(trajectories=100_000)
def figure4(trajectories: int, threads: int | None, changes: Changes) -> Drawing:
    """Draw figure 4: a hundred atoms in the ground state, otherwise as figure 2."""
    return FIGURE4.draw(trajectories, threads, changes)


@paper_figure("5")
@changeable
@simulated(trajectories=100_000)
def figure5(trajectories: int, threads: int | None, changes: Changes) -> Drawing:
    """Draw figure 5: a hundred excited atoms, otherwise as figure 3."""
    return FIGURE5.draw(trajectories, threads, changes)
