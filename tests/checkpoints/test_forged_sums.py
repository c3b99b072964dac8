"""Sums that somebody made anew with another structure and sealed: they are left out, or are such as the run adds up."""

import json
import random
import time
import zipfile

import numpy as np
import pytest

from sdeframe.campaigns.memory import peak_memory
from sdeframe.checkpoints import checkpoint, file
from sdeframe.checkpoints.archive import packed, unpacked
from tests.support.spread_run import run

ODD = [
    None, True, -1, 0, 2**31, 2**63, 10**30, 1.5, float("nan"), "", "x", [], {}, {"list": []}, {"array": 0},
    {"own": True}, {"fields": {}},
]  # fmt: skip
"""What stands nowhere in a sum, or elsewhere."""


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """All that a checkpoint of several sums holds, and its key."""
    path = tmp_path_factory.mktemp("kept") / "run.ckpt"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "EVERY", 0.0)
        run(checkpoint=path, trajectories=252, threads=1)
    page, found = file.read(path)
    return dict(found), page.key


def places(plain):
    """Return all places of a structure of JSON, each a list or mapping with a key."""
    items = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [place for key, inner in list(items) for place in ((plain, key), *places(inner))]


def with_another_structure(chance, structure, arrays):
    held, key = chance.choice(places(structure))
    other, place = chance.choice(places(structure))
    changed = [chance.choice(ODD), json.loads(json.dumps(other[place]))]
    if type(held[key]) is int:
        changed.append(held[key] + chance.choice([-1, 2**40]))
    held[key] = chance.choice(changed)
    return structure, arrays


def with_another_array(chance, structure, arrays):
    at = chance.randrange(len(arrays))
    array = arrays[at]
    changed = [np.concatenate([array.ravel()] * 2), array.ravel()[:0], array[..., None], array.T, array.astype(complex)]
    return structure, [*arrays[:at], chance.choice(changed), *arrays[at + 1 :]]


def check_forged(members, path, count, seed):
    chance, (whole, key) = random.Random(seed), members
    names, before = [name for name in whole if name != file.PAGE], peak_memory() or 0
    for _ in range(count):
        name = chance.choice(names)
        first, last = map(int, name.removesuffix(".npz").split("-"))
        change = chance.choice([with_another_structure, with_another_array])
        forged = packed(*change(chance, *unpacked(file.unsealed_sum(key, (first, last), whole[name]))))
        with zipfile.ZipFile(path, "w") as opened:
            for each, content in (whole | {name: file.sealed_sum(key, (first, last), forged)}).items():
                opened.writestr(each, content)
        begin = time.monotonic()
        assert run(checkpoint=path, trajectories=260, threads=1).problem.trajectories == 260
        assert time.monotonic() - begin < 5.0
        path.unlink()
    assert (peak_memory() or 0) - before < 1e8


@pytest.mark.filterwarnings("ignore:.*damaged")
def test_forged_sums(members, tmp_path):
    check_forged(members, tmp_path / "run.ckpt", 8, seed=3)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*damaged")
def test_three_thousand_forged_sums(members, tmp_path):
    seed = time.time_ns()
    print("seed", seed)
    check_forged(members, tmp_path / "run.ckpt", 3_000, seed)
