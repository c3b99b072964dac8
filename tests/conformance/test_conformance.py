"""The shipped checks pass on every registered plugin, and each of them fails on a bad one."""

import pytest
import sympy as sp

from sdeframe import SymbolicModel, conformance, mean, registry
from sdeframe.derivation.starts.states import Fock
from sdeframe.gauges import QuarticDrift
from sdeframe.integrators import StochasticRK2
from sdeframe.models import (
    AtomsInCavity,
    BoseHubbard,
    CollectiveSpin,
    KerrOscillator,
    LambdaAtom,
    OrnsteinUhlenbeck,
    ParametricOscillator,
    PumpedAtoms,
    Superradiance,
    TavisCummings,
)
from sdeframe.models.tavis_cummings.model import bloch_length
from sdeframe.observers import (
    Conserved,
    Correlation,
    Functions,
    Histogram,
    Moments,
    PhotonStatistics,
    Runaways,
    Spectrum,
    TimeAverage,
    Trajectories,
    TrustHorizon,
    WeightedMoments,
    WeightedTrustHorizon,
)
from tests.support.paper_forms import a39, a46

MODELS = {
    "tavis-cummings": [
        TavisCummings(10, 10.0),
        TavisCummings(10, 10.0, decay=0.5),
        TavisCummings(10, 10.0, start="excited", form="A39"),
    ],
    "ornstein-uhlenbeck": [OrnsteinUhlenbeck(rate=0.7, strength=1.3, start=1.0)],
    "geometric-brownian-motion": [registry.find("models", "geometric-brownian-motion")()],
    "kerr-oscillator": [KerrOscillator(detuning=0.3, bath=0.5, dephasing=0.4, start=1)],
    "parametric-oscillator": [ParametricOscillator(start=Fock(1))],
    "bose-hubbard": [BoseHubbard(sites=3, edges=[(0, 1), (1, 2), (2, 0)])],
    "atoms-in-cavity": [AtomsInCavity()],
    "lambda-atom": [LambdaAtom()],
    "pumped-atoms": [PumpedAtoms(atoms=3, field=0.5)],
    "superradiance": [Superradiance(decay=0.1)],
    "collective-spin": [CollectiveSpin(decay=0.3, dephasing=0.2, tilt=0.7)],
}


OBSERVERS = {
    "conserved": Conserved(bloch=bloch_length()),
    "correlation": Correlation(start=2.0, g1=(TavisCummings(10, 10.0).system()["A"],) * 2),
    "functions": Functions(
        fano=mean(TavisCummings(10, 10.0).excited ** 2) / mean(TavisCummings(10, 10.0).photon_number)
    ),
    "histogram": Histogram([-0.5, 0.0, 0.5, 1.0], excited=sp.re(TavisCummings(10, 10.0).excited)),
    "photon-statistics": PhotonStatistics(12, P=TavisCummings(10, 10.0).photon_number),
    "moments": Moments(excited=TavisCummings(10, 10.0).excited),
    "runaways": Runaways(bound=2.0),
    "spectrum": Spectrum(window=(0, 4), S=(TavisCummings(10, 10.0).excited, TavisCummings(10, 10.0).system()["A"])),
    "time-average": TimeAverage(window=(0, 4), excited=TavisCummings(10, 10.0).excited),
    "trajectories": Trajectories([5, 250], path=TavisCummings(10, 10.0).excited),
    "trust-horizon": TrustHorizon(excited=TavisCummings(10, 10.0).excited, field=TavisCummings(10, 10.0).system()["A"]),
    "weighted-moments": WeightedMoments(excited=TavisCummings(10, 10.0).excited),
    "weighted-trust-horizon": WeightedTrustHorizon(photons=TavisCummings(10, 10.0).photon_number),
}


def test_every_registered_plugin_is_tested_here():
    assert set(MODELS) == set(registry.names("models"))
    assert set(OBSERVERS) == set(registry.names("observers"))


QUICK = ("tavis-cummings", "ornstein-uhlenbeck", "geometric-brownian-motion", "kerr-oscillator", "pumped-atoms")
"""Of the models by derivation one with modes and one with emitters; the others take long to compile."""


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(model, marks=() if name in QUICK else pytest.mark.long)
        for name, models in MODELS.items()
        for model in models
    ],
    ids=str,
)
def test_models(model):
    conformance.check_model(model, StochasticRK2(dt=1 / 64))


SLOW = ("milstein", "rk4", "semi-implicit-midpoint")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long if n in SLOW else ()) for n in registry.names("integrators")]
)
def test_integrators(name):
    conformance.check_integrator(registry.find("integrators", name))


@pytest.mark.parametrize("name", registry.names("gauges"))
@pytest.mark.parametrize("form", [a39, a46])
def test_gauges(name, form):
    conformance.check_gauge(registry.find("gauges", name)(), form())


@pytest.mark.filterwarnings("ignore:.* left the range of numbers")  # steps this large explode, as any record may see
@pytest.mark.filterwarnings("ignore:.* is not to be trusted")
@pytest.mark.parametrize("observer", OBSERVERS.values(), ids=OBSERVERS)
def test_observers(observer):
    model = TavisCummings(10, 10.0)
    if isinstance(observer, (WeightedMoments, WeightedTrustHorizon)):
        gauged = QuarticDrift().transform(model.system())
        model = SymbolicModel(gauged, model.initial_state(), model.parameters(), poles=model.poles)
    conformance.check_observer(observer, model, StochasticRK2(dt=0.05), [0.0, 2.0, 4.0])
