"""Questions that take several runs."""

from sdeframe.campaigns.by_sector import sectors
from sdeframe.campaigns.damping_search import MinimalDamping, minimal_damping
from sdeframe.campaigns.differences import difference
from sdeframe.campaigns.merging import merge
from sdeframe.campaigns.proposed_poles import ProposedPoles, propose_poles
from sdeframe.campaigns.run_cost import Estimate, estimate
from sdeframe.campaigns.step_choice import Level, StepChoice, choose_dt
from sdeframe.campaigns.sweeps import sweep

__all__ = [
    "Estimate",
    "Level",
    "MinimalDamping",
    "ProposedPoles",
    "StepChoice",
    "choose_dt",
    "difference",
    "estimate",
    "merge",
    "minimal_damping",
    "propose_poles",
    "sectors",
    "sweep",
]
