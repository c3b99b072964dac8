"""Groups of trajectories, which no block splits."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from sdeframe import simulate
from sdeframe.derivation import Boson, Emitters, Ket, Master
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.groups import Groups
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.observers import PairMoments
from sdeframe.running.ensemble.splitting import work_unit
from sdeframe.running.stopping.numbers import decision_numbers
from sdeframe.sampling import Balanced

a, atoms = Boson("a"), Emitters("atoms", "ge", 2)
MODEL = QuantumModel(
    Master(a * atoms.sum("eg") + a.dag() * atoms.sum("ge")), Ket(), start={a: 1.0, atoms: "g"},
    observables={"n": a.dag() * a, "excited": atoms.sum("ee") / 2},
)  # fmt: skip


def run(trajectories=400, size=25, **options):
    given = {
        "observers": [PairMoments(**MODEL.observables)], "times": [0.1, 0.2], "trajectories": trajectories, "seed": 3,
        "gauge": Decoupled(MODEL.log_norm), "progress": False, "groups": Groups(size),
    }  # fmt: skip
    return simulate(MODEL, EulerMaruyama(0.05), **{**given, **options})


def test_no_bit_depends_on_blocks_and_threads():
    whole = run().dataset
    for options in ({"block": 25}, {"block": 75, "threads": 2}, {"block": 400, "threads": 1}):
        assert run(**options).dataset.identical(whole), options


@pytest.mark.long
def test_no_bit_depends_on_processes():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert run(executor=pool, block=50).dataset.identical(run().dataset)


def test_groups_have_absolute_numbers():
    late = run(range(200, 400))
    assert late.dataset["n"].attrs["groups"] == 8
    assert not np.array_equal(late.dataset["n"], run(200).dataset["n"])


def test_a_checkpoint_goes_on_with_more_groups(tmp_path):
    run(200, checkpoint=tmp_path / "kept")
    assert run(checkpoint=tmp_path / "kept").dataset.identical(run().dataset)


def test_runs_end_with_whole_groups():
    numbers = decision_numbers(run(3000).problem)
    assert all(n % 25 == 0 for n in numbers)
    assert numbers[0] == 24 * 25


def test_a_unit_of_work_is_whole_groups():
    assert work_unit(100_000, Groups(1000), None) == 2000
    assert work_unit(100_000, Groups(30_000), None) == 30_000
    assert work_unit(100_000, None, None) == 2048


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"trajectories": 390}, ValueError, "must begin and end with a group, at multiples of 25"),
        ({"trajectories": range(10, 400)}, ValueError, "must begin and end with a group"),
        ({"block": 60}, ValueError, "block=60 splits groups of 25 trajectories"),
        ({"groups": 25}, TypeError, "must be an object of class Groups"),
        ({"groups": None}, ValueError, "needs groups of trajectories"),
    ],
)
def test_what_does_not_fit_is_refused(options, error, match):
    with pytest.raises(error, match=match):
        run(**options)


def test_other_refusals():
    with pytest.raises(ValueError, match="groups are of independent trajectories only"):
        simulate(
            MODEL, W2S4(0.05), observers=[PairMoments(**MODEL.observables)], times=[0.1], trajectories=400, seed=3,
            groups=Groups(25), sampling=Balanced(),
        )  # fmt: skip
    with pytest.raises(ValueError, match="size"):
        Groups(0)
