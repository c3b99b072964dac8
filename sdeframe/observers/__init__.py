"""Observers: one record a file."""

from sdeframe.observers.conserved import Conserved
from sdeframe.observers.correlations.correlation import Correlation
from sdeframe.observers.distributions.histogram import Histogram
from sdeframe.observers.distributions.photon_statistics import PhotonStatistics
from sdeframe.observers.functions.functions import Functions
from sdeframe.observers.moments import Moments
from sdeframe.observers.pairs.pair_moments import PairMoments
from sdeframe.observers.runaways import Runaways
from sdeframe.observers.spectra.spectrum import Spectrum
from sdeframe.observers.spectra.time_average import TimeAverage
from sdeframe.observers.trajectories import Trajectories
from sdeframe.observers.trust import TrustHorizon
from sdeframe.observers.weighted import WeightedMoments
from sdeframe.observers.weighted_trust import WeightedTrustHorizon

__all__ = [
    "Conserved",
    "Correlation",
    "Functions",
    "Histogram",
    "Moments",
    "PairMoments",
    "PhotonStatistics",
    "Runaways",
    "Spectrum",
    "TimeAverage",
    "Trajectories",
    "TrustHorizon",
    "WeightedMoments",
    "WeightedTrustHorizon",
]
