"""Models: one family a file."""

from sdeframe.models.atoms_and_baths import PumpedAtoms, Superradiance
from sdeframe.models.atoms_in_cavity import AtomsInCavity
from sdeframe.models.bose_hubbard import BoseHubbard
from sdeframe.models.collective_spin import CollectiveSpin
from sdeframe.models.geometric_brownian_motion import GeometricBrownianMotion
from sdeframe.models.kerr_oscillator import KerrOscillator
from sdeframe.models.lambda_atom import LambdaAtom
from sdeframe.models.ornstein_uhlenbeck import OrnsteinUhlenbeck
from sdeframe.models.parametric_oscillator import ParametricOscillator
from sdeframe.models.tavis_cummings.model import TavisCummings

__all__ = [
    "AtomsInCavity",
    "BoseHubbard",
    "CollectiveSpin",
    "GeometricBrownianMotion",
    "KerrOscillator",
    "LambdaAtom",
    "OrnsteinUhlenbeck",
    "ParametricOscillator",
    "PumpedAtoms",
    "Superradiance",
    "TavisCummings",
]
