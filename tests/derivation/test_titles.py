"""What a picture says of a model whose description is long."""

from sdeframe import QuantumModel, simulate
from sdeframe.derivation import Boson, Master, Wigner
from sdeframe.integrators import W2S4
from sdeframe.models import KerrOscillator
from sdeframe.observers import Moments


def chain(count):
    modes = [Boson(f"a{k}") for k in range(count)]
    master = Master(sum(a.dag() * a for a in modes), [(0.5, a) for a in modes])
    observables = {"n": modes[0].dag() * modes[0]}
    return QuantumModel(master, Wigner(), start=dict.fromkeys(modes, 1), observables=observables)


def test_a_model_of_operators_tells_its_parts_and_the_representation():
    assert chain(2).title == "QuantumModel of a0, a1 in Wigner"
    assert chain(6).title == "QuantumModel of a0, a1, a2, a3, ... (6 parts) in Wigner"
    assert KerrOscillator().title == "KerrOscillator"


def test_a_result_and_its_picture_say_it():
    model, run = chain(2), {"times": [0.5, 1.0], "trajectories": 64, "seed": 1, "progress": False}
    result = simulate(model, W2S4(dt=0.25), observers=[Moments(**model.observables)], **run)
    assert repr(result).startswith("QuantumModel of a0, a1 in Wigner: ")
    assert result.plot().get_suptitle().startswith("QuantumModel of a0, a1 in Wigner\n")
