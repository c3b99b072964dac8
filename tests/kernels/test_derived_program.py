"""The derived Tavis-Cummings equations run the program of the typed ones."""

import pytest
import sympy as sp

from sdeframe import SymbolicModel, complex_noises, parameters
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, derive
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.kernels.time_loop import kernel_source
from sdeframe.models import TavisCummings
from sdeframe.observers import Moments
from sdeframe.running.compose import compose
from tests.support.paper_forms import N, g

gamma = parameters("gamma", positive=True)
a = Boson("a", ("A", "Ad"))
NAMES = {"F_A": "F", "F_Ad": "Fd", "S_rho": "S"}


def scaled_from_the_hamiltonian(noise):
    """(A44) with f = 1, levels in the order of the typed model."""
    atoms = Emitters("rho", levels="eg", size=N)
    coupling = (atoms.sum("eg") * a + atoms.sum("ge") * a.dag()) / sp.sqrt(N)
    derived = derive(Master(coupling, loss=[(gamma, atoms.each("ge"))]), PositiveP()).reduce_trace("gg")
    return derived.scale({a: sp.sqrt(N)}).sde(noise=noise)


def test_the_derived_equations_are_those_that_the_model_runs():
    """Expression by expression, in the same order, so that even the program is the same."""
    sde, model = scaled_from_the_hamiltonian("split"), TavisCummings(10, 1.0).system()
    renamed = {complex_noises(new): complex_noises(old) for new, old in NAMES.items()} | {gamma: g}
    assert sde.state == model.state
    for x in model.state:
        assert sde.drift[x].xreplace(renamed) == model.drift[x]
        assert sde.noise[x].xreplace(renamed) == model.noise[x]


def source(model, scheme):
    """What the kernel of a run is compiled from, and what it is called with."""
    problem = compose(model, scheme, observers=[Moments(m=model.system()["A"])], times=[1.0], trajectories=8, seed=1)
    values = {str(s).replace("gamma", "g"): x for s, x in zip(problem.symbols, problem.parameters, strict=True)}
    return kernel_source(problem.layout, *problem.programs, 64), [*values.items()], problem.initial


@pytest.mark.parametrize("scheme", [EulerMaruyama(0.1), W2S4(0.1)], ids=["EulerMaruyama", "W2S4"])
def test_the_derived_equations_run_the_same_program(scheme):
    """Source, parameters and start of the kernel are the same text and numbers: so is every bit, and the time."""
    typed = TavisCummings(10, 1.0, decay=0.3)
    values = {gamma if s.name == "g" else s: x for s, x in typed.parameters().items()}

    def derived(noise):
        sde = scaled_from_the_hamiltonian(noise)
        return SymbolicModel(sde, typed.initial_state(), values, runaway_variables=typed.runaway_variables)

    assert source(derived("split"), scheme) == source(typed, scheme)
    assert source(derived("field"), scheme)[0] != source(typed, scheme)[0]
