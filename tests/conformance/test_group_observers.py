"""The law of observers of groups holds for that of pairs, and sees what breaks it."""

import numpy as np
import pytest

from sdeframe.conformance import check_group_observer
from sdeframe.derivation import Boson, Emitters, Ket, Master
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.integrators import EulerMaruyama
from sdeframe.observers import PairMoments

a, atoms = Boson("a"), Emitters("atoms", "ge", 2)
MODEL = QuantumModel(
    Master(a * atoms.sum("eg") + a.dag() * atoms.sum("ge")), Ket(), start={a: 1.0, atoms: "g"},
    observables={"n": a.dag() * a},
)  # fmt: skip


class Bold(PairMoments):
    """Tells errors of any number of groups."""

    def finish(self, record):
        found = super().finish(record)
        return found.fillna(0.1) if record.vectors else found


class Ordered(PairMoments):
    """Takes the first group that was added for the mean norm."""

    def finish(self, record):
        found = super().finish(record)
        first = next(iter(record.squares.values()), found["sum_w2"].values)
        return found.assign(sum_w2=("time", first))


class Changing(PairMoments):
    """Counts a block's groups by their place in it."""

    def update(self, record, snapshot):
        before = set(record.squares)
        super().update(record, snapshot)
        for place, group in enumerate(sorted(set(record.squares) - before)):
            record.vectors[group] = record.vectors[group] + place


def check(observer):
    with np.errstate(all="ignore"):
        check_group_observer(observer, MODEL, EulerMaruyama(0.1), [0.1, 0.2], Decoupled(MODEL.log_norm))


@pytest.mark.filterwarnings("ignore:7 groups")
def test_the_observer_of_pairs_keeps_the_law():
    check(PairMoments(n=a.dag() * a))


@pytest.mark.filterwarnings("ignore:.*groups")
@pytest.mark.parametrize(
    ("kind", "match"),
    [(Bold, "is told of 7 groups"), (Ordered, "in another order give another"), (Changing, "give another dataset")],
)
def test_what_breaks_it_is_seen(kind, match):
    with pytest.raises(AssertionError, match=match):
        check(kind(**MODEL.observables))
