"""What variables stand for."""

from sdeframe import parameters
from sdeframe.derivation import Boson, Emitters, Master, PositiveP, derive
from sdeframe.derivation.phase_space.keys import ElementKey, Emitter, FieldKey

a = Boson("a", ("A", "Ad"))
same = Emitters("rho", levels="ge", size=parameters("N", positive=True))
two = Emitters("tau", levels="ge", size=2, individual=True)
g = derive(Master(a.dag() * a * (same.sum("ee") + two.sum("ee"))), PositiveP()).generator


def test_variables_are_named_by_their_keys():
    found = {key: str(x) for key, x in zip(g.keys, g.variables, strict=True)}
    assert found[FieldKey("a", False)] == "A"
    assert found[FieldKey("a", True)] == "Ad"
    assert found[ElementKey("rho", None, "e", "g")] == "rho_eg"
    assert found[ElementKey("tau", 1, "g", "e")] == "tau_ge_1"
    assert len(found) == 2 + 4 + 2 * 4


def test_elements_by_emitter():
    assert list(g.elements) == [Emitter("rho"), Emitter("tau", 0), Emitter("tau", 1)]
    assert [str(e) for e in g.elements] == ["rho", "tau_0", "tau_1"]
    assert sorted([*g.fields, *(k for ks in g.elements.values() for k in ks)]) == list(range(len(g.keys)))
    for e, ks in g.elements.items():
        assert [g.keys[k] for k in ks] == [e.element(p, q) for p in "ge" for q in "ge"]
        assert [g.keys[k].is_population for k in ks] == [True, False, False, True]


def test_only_emitters_with_variables_of_their_own_are_apart():
    rho, first, second = g.elements.values()
    assert g.within_one(first[0], first[1])
    assert not g.within_one(first[0], second[0])
    assert not g.within_one(rho[0], rho[1])
    assert not g.within_one(*g.fields)
