"""Events on whole groups: the same bits on any executor, the right averages, and refusals by name."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import ClassVar

import numpy as np
import pytest

from sdeframe import simulate
from sdeframe.derivation import Boson, Emitters, Ket, Master
from sdeframe.derivation.quantum_model import QuantumModel
from sdeframe.gauges import Decoupled
from sdeframe.groups import Branch, Groups, Reexpand
from sdeframe.groups.event import Acted, Event, Report
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments, PairMoments
from sdeframe.running.compose import compose
from sdeframe.sampling.errors import student_limit
from sdeframe.storage.keys import run_key

a, atoms = Boson("a"), Emitters("atoms", "ge", 4)
MODEL, GROUND = (
    QuantumModel(
        Master((a * atoms.sum("eg") + a.dag() * atoms.sum("ge")) / 2), Ket(), start=start,
        observables={"n": a.dag() * a, "excited": atoms.sum("ee") / 4},
    )
    for start in ({a: 0, atoms: "e"}, {a: 2.0, atoms: "g"})
)  # fmt: skip
FAMILIES = Groups(256 * 8, [Branch(every=0.2)])
PLAIN = Groups(40, [Reexpand(every=0.2), Reexpand(times=[0.3, 0.4])])


def given(groups, trajectories=None, **options):
    return {
        "gauge": Decoupled(MODEL.log_norm), "observers": [PairMoments(**MODEL.observables)], "times": [0.1, 0.4, 0.7],
        "trajectories": trajectories or 8 * groups.size, "groups": groups, "seed": 3, **options,
    }  # fmt: skip


def run(groups, trajectories=None, dt=0.05, model=MODEL, **options):
    return simulate(model, W2S4(dt), **given(groups, trajectories, **options), progress=False)


@pytest.mark.parametrize("groups", [FAMILIES, PLAIN], ids=["branch", "reexpand"])
def test_no_bit_depends_on_blocks_and_threads(groups):
    whole = run(groups).dataset
    for options in ({"block": groups.size}, {"block": 3 * groups.size, "threads": 2}, {"block": 8 * groups.size}):
        assert run(groups, **options).dataset.identical(whole), options
    assert not run(groups, seed=4).dataset.identical(whole)


@pytest.mark.long
@pytest.mark.parametrize("groups", [FAMILIES, PLAIN], ids=["branch", "reexpand"])
def test_no_bit_depends_on_processes(groups):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert run(groups, executor=pool, block=2 * groups.size).dataset.identical(run(groups).dataset)


@pytest.mark.parametrize("groups", [FAMILIES, PLAIN], ids=["branch", "reexpand"])
def test_trajectories_are_made_again(groups):
    result, ids = run(groups), np.array([5 * groups.size + 3, 2, 2])
    again = result.replay(ids, window=(0.2, 0.4))
    kept = result.replay(np.arange(5 * groups.size, 6 * groups.size), window=(0.4, 0.4))
    for name in ("a", "atoms_e", "C0"):
        assert again[name].values[0, -1] == kept[name].values[3, 0]
        assert np.array_equal(again[name][1], again[name][2])
    later = result.replay(ids, window=(0.0, 0.7))["atoms_e"]
    assert np.array_equal(later.sel(time=again["time"]), again["atoms_e"])


def test_a_checkpoint_goes_on_with_more_groups(tmp_path):
    whole = run(PLAIN, 12 * PLAIN.size).dataset
    run(PLAIN, 8 * PLAIN.size, checkpoint=tmp_path / "kept")
    assert run(PLAIN, 12 * PLAIN.size, checkpoint=tmp_path / "kept").dataset.identical(whole)
    with pytest.raises(ValueError, match="differs in events"):
        run(Groups(40, [Reexpand(every=0.1)]), checkpoint=tmp_path / "kept")


def test_keys_know_events():
    variants = [
        Groups(2048), FAMILIES, Groups(2048, [Branch(every=0.2, children=512)]), Groups(2048, [Reexpand(every=0.2)]),
        Groups(2048, [Reexpand(times=[0.2, 0.4])]), Groups(2048, [Reexpand(every=0.2, sweeps=2)]),
    ]  # fmt: skip
    keys = {run_key(compose(MODEL, W2S4(0.05), **given(groups))) for groups in variants}
    assert len(keys) == len(variants)


def limits(result):
    """Deviations from the exact averages over 8 standard errors of as many groups: false alarms below 1e-6 each."""
    ds, exact = result.dataset, MODEL.exact(result.dataset["time"].values)
    limit = student_limit(ds["n"].attrs["groups"], 5.0)
    return [np.max((abs(ds[k].values - exact[k]).real - 2e-3) / (limit * ds[f"{k}_se"])) for k in ("n", "excited")]


@pytest.mark.parametrize("groups", [FAMILIES, Groups(100, [Reexpand(every=0.5)])], ids=["branch", "reexpand"])
def test_averages_are_exact(groups):
    result = run(groups, times=np.arange(1.0, 4.0))
    assert max(limits(result)) < 1
    assert float(result.dataset["misfit"].max()) < 1e-3


class Wrong(Branch):
    """Gives kets with more photons more weight."""

    def act(self, group):
        found = super().act(group)
        return Acted(found.values, found.log_weight + 0.1 * abs(found.values[:, 0]) ** 2, found.report)


def test_a_wrong_weight_is_seen():
    assert max(limits(run(Groups(2048, [Wrong(every=0.2)]), 16 * 2048, times=[1.0, 2.0]))) > 1.5


@pytest.mark.filterwarnings("ignore:.*cannot hold the sum")
def test_children_cancel_each_other():
    """Up to the first event terms of third order have no sampling error."""
    early = {"times": [0.2, 0.4], "model": GROUND}
    families, independent = (run(groups, **early).dataset["excited_se"][0] for groups in (FAMILIES, Groups(2048)))
    assert float(families) < 0.05 * float(independent)


def test_what_events_did_is_told():
    ds = run(PLAIN).dataset
    assert ds["misfit"].dims == ("group", "event_time")
    np.testing.assert_allclose(ds["event_time"], [0.2, 0.3, 0.4, 0.4, 0.6])
    assert set(np.unique(ds["moved"])) <= {0.0, 0.5, 1.0}
    assert float(ds["spread"].min()) >= 1 - 1e-6
    assert "events" in ds.attrs
    assert "misfit" not in run(Groups(40)).dataset


def test_groups_that_cannot_hold_their_sum_are_told_of():
    with pytest.warns(UserWarning, match=r"from the event at 0.* on kets cannot hold the sum of a group"):
        run(Groups(512, [Branch(every=0.2)]), times=[2.0])


class Counting(Event):
    """Notes what it is told."""

    seen: ClassVar[list] = []

    def check(self, size):
        pass

    def act(self, group):
        self.seen.append((group.event, int(group.ids[0]), group.alive.all()))
        return Acted(group.values, group.log_weight, Report(0.0, 0.0, 0.0))


def test_events_come_between_outputs_once():
    Counting.seen.clear()
    bare, counted = run(Groups(40)), run(Groups(40, [Counting(times=[0.05, 0.4])]), block=80)
    assert sorted(Counting.seen) == [(event, 40 * group, True) for event in range(2) for group in range(8)]
    assert counted.dataset["n"].equals(bare.dataset["n"])


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Reexpand(), "give every=..., a spacing, or times="),
        (lambda: Reexpand(every=1.0, times=[1.0]), "and not both"),
        (lambda: Reexpand(every=-1.0), "every=-1.0 in Reexpand: must be positive"),
        (lambda: Reexpand(times=[1.0, 0.5]), "must increase from above 0 on"),
        (lambda: Reexpand(times=[0.0, 0.5]), "must increase from above 0 on"),
        (lambda: Reexpand(times="now"), "must be a list of numbers"),
        (lambda: Reexpand(every=1.0, density=-1), "density=-1 in Reexpand"),
        (lambda: Reexpand(every=1.0, sweeps=101), "sweeps=101 in Reexpand: must be 100 at most"),
        (lambda: Branch(every=1.0, children=100), "children=100 in Branch: must be a power of 2"),
        (lambda: Groups(10, [Reexpand]), "must be events, such as"),
        (lambda: Groups(512, [Branch(every=1.0), Reexpand(every=1.0)]), "leave the other events out"),
        (lambda: run(Groups(40, [Reexpand(every=0.33)])), "time 0.33 is not a multiple of 0.05"),
        (lambda: run(Groups(40, [Reexpand(times=[0.2, 0.7])])), "time 0.7 .* must be before the last output, at 0.7"),
        (lambda: run(Groups(40, [Reexpand(every=0.2)]), step_error=True), "step_error=True with Reexpand"),
        (lambda: run(Groups(40, [Branch(every=0.2)])), "must be of whole families, such as size=512"),
        (lambda: run(Groups(640, [Branch(every=0.2, children=64)])), "no codes for so many .* take 256 or 512"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make, match):
    with pytest.raises((TypeError, ValueError), match=match):
        make()


def test_other_refusals():
    with pytest.raises(ValueError, match="needs increments that are made of bits: take W2S4"):
        simulate(MODEL, EulerMaruyama(0.05), **given(FAMILIES))
    model = OrnsteinUhlenbeck()
    with pytest.raises(TypeError, match="kets alone have them"):
        simulate(
            model, W2S4(0.05), observers=[Moments(**model.observables)], times=[1.0], trajectories=400, seed=1,
            groups=Groups(40, [Reexpand(every=0.5)]),
        )  # fmt: skip
