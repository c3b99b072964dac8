"""Files that are no checkpoints, or were changed: an error in one line or the right data, nothing else."""

import io
import json
import os
import pickle
import random
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeframe.checkpoints import archive, checkpoint, file
from sdeframe.checkpoints.archive import packed, unpacked
from sdeframe.checkpoints.codec import Decoder, Encoder, Shown
from sdeframe.running.ensemble.keeping import Keep, finished
from sdeframe.running.ensemble.total import Total
from tests.support.mutations import mutations
from tests.support.spread_run import run


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The bytes of a checkpoint of several sums, and its run."""
    path = tmp_path_factory.mktemp("kept") / "run.ckpt"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "EVERY", 0.0)
        result = run(checkpoint=path, trajectories=252, threads=1)
    assert len(file.read(path)[0].spans) > 2
    return path.read_bytes(), result


def sums(path, problem):
    """Return what a checkpoint gives to a run, in its bits."""
    with finished(problem, Keep(path)) as found:
        return found.nodes.spans, [encoded(node.value, problem) for node in found.nodes.nodes]


def encoded(value, problem):
    encoder = Encoder()
    structure = encoder.encode(value, Shown(Total.of_none(problem)))
    return packed(structure, encoder.arrays)


def right_or_refused(path, problem, right):
    """Read a file; return whether anything was read from it."""
    begin = time.monotonic()
    try:
        spans, values = sums(path, problem)
    except ValueError as error:
        spans, values, told = [], [], str(error)
    else:
        told = str(path)
    assert "\n" not in told
    assert str(path) in told
    assert time.monotonic() - begin < 5.0
    for span, value in zip(spans, values, strict=True):
        assert right[span] == value
    return bool(spans)


def check_mutations(kept, tmp_path, count, seed):
    content, result = kept
    path = tmp_path / "run.ckpt"
    path.write_bytes(content)
    spans, values = sums(path, result.problem)
    right = dict(zip(spans, values, strict=True))
    read = 0
    for data in mutations(content, count, seed):
        path.write_bytes(data)
        read += right_or_refused(path, result.problem, right)
    return read


@pytest.mark.filterwarnings("ignore:.*damaged")
def test_changed_files(kept, tmp_path):
    assert 0 < check_mutations(kept, tmp_path, 200, seed=1) < 200


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*damaged")
def test_ten_thousand_changed_files(kept, tmp_path):
    seed = time.time_ns()
    print("seed", seed)
    print(check_mutations(kept, tmp_path, 10_000, seed), "of 10000 files held a sum that was whole")


def resealed(content, key, count, seed):
    """Give checkpoints of which sums were changed before they were sealed: a seal is no reason for trust."""
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    page = json.loads(file.unsealed(members[file.PAGE], file.PAGE))
    names = [name for name in members if name != file.PAGE]
    for _ in range(count):
        chosen = chance.choice(names)
        first, last = map(int, chosen.removesuffix(".npz").split("-"))
        inner = file.unsealed_sum(key, (first, last), members[chosen])
        (data,) = mutations(inner, 1, chance.random())
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as opened:
            for name, member in members.items():
                opened.writestr(name, file.sealed_sum(key, (first, last), data) if name == chosen else member)
        yield target.getvalue()
    assert page["format"] == "sdeframe-checkpoint/1"


def check_resealed(kept, tmp_path, count, seed):
    content, result = kept
    path = tmp_path / "run.ckpt"
    path.write_bytes(content)
    key = file.read(path)[0].key
    for data in resealed(content, key, count, seed):
        path.write_bytes(data)
        begin = time.monotonic()
        with finished(result.problem, Keep(path)) as found:  # damaged ones are left out, none ends the process
            assert 0 < found.trajectories <= 252
        assert time.monotonic() - begin < 5.0


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*damaged")
def test_sums_that_were_changed_before_they_were_sealed(kept, tmp_path):
    check_resealed(kept, tmp_path, 200, seed=2)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*damaged")
def test_ten_thousand_sums_that_were_changed_before_they_were_sealed(kept, tmp_path):
    seed = time.time_ns()
    print("seed", seed)
    check_resealed(kept, tmp_path, 10_000, seed)


@given(st.binary(max_size=300))
def test_what_is_no_checkpoint(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.ckpt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"is no checkpoint of sdeframe, or is damaged \([^\n]*\): give another path"):
        file.read(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["fields", "dict", "list", "tuple", "array", "float", "own", "records", "losses"]), inner,
        max_size=2,
    ),
)  # fmt: skip


@given(JSON)
def test_any_structure_is_a_record_or_refused(structure):
    shown = Shown(Total([], np.zeros((1, 3), dtype=np.int64)))
    try:
        found = Decoder([np.zeros((1, 3), dtype=np.int64)]).decode(structure, shown)
    except (ValueError, TypeError):
        return
    assert found is None or type(found) in (bool, int, float, str, list, tuple, dict, np.ndarray, Total)


def npz(**members):
    content = io.BytesIO()
    np.savez(content, **members)
    return content.getvalue()


TEXT = np.frombuffer(json.dumps({"structure": {"array": 0}, "places": [["f8", 0, [2**40]]]}).encode(), dtype=np.uint8)


class Bad:
    def __reduce__(self):
        return (pytest.fail, ("was unpickled",))


@pytest.mark.parametrize(
    "content",
    [
        npz(structure=TEXT, f8=np.zeros(3)),
        npz(structure=TEXT, f8=np.array([Bad()], dtype=object)),
        pickle.dumps(Bad()),
        npz(structure=TEXT),
        npz(structure=np.frombuffer(b"[" * 100_000, dtype=np.uint8), f8=np.zeros(3)),
    ],
)
def test_claims_are_checked_before_memory_is_taken(content):
    with pytest.raises(Exception, match=r".*") as caught:
        unpacked(content)
    assert not isinstance(caught.value, (MemoryError, pytest.fail.Exception))


def test_arrays_that_lie_across_each_other_are_refused():
    """Thousands of them on one array would take thousands of times the memory of the file."""
    text = json.dumps({"structure": {"list": [{"array": 0}, {"array": 1}]}, "places": [["f8", 0, [3]], ["f8", 0, [3]]]})
    with pytest.raises(ValueError, match=r"^arrays lie across each other$"):
        unpacked(npz(structure=np.frombuffer(text.encode(), dtype=np.uint8), f8=np.zeros(3)))


def test_a_header_that_claims_a_large_array_is_refused():
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**50,)})
    with pytest.raises(ValueError, match=r"an array is not what it claims to be"):
        archive._numbers(header.getvalue() + bytes(64))


def test_a_pipe_and_a_device_are_refused(tmp_path):
    pipe = tmp_path / "pipe.ckpt"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(ValueError, match=r"is no checkpoint of sdeframe, but a folder or device"):
            file.read(path)


def test_a_sparse_file_of_a_terabyte_is_not_read(tmp_path):
    path = tmp_path / "sparse.ckpt"
    with path.open("wb") as opened:
        opened.truncate(2**40)
    begin = time.monotonic()
    with pytest.raises(ValueError, match=r"is no checkpoint of sdeframe, or is damaged"):
        file.read(path)
    assert time.monotonic() - begin < 2.0


def test_a_compressed_file_is_refused_unread(tmp_path):
    bomb = tmp_path / "bomb.ckpt"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(file.PAGE, bytes(10**8))
    with pytest.raises(ValueError, match=r"claims to be larger than the file"):
        file.read(bomb)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text(max_size=5)
    | st.builds(lambda n, kind: np.arange(n).astype(kind), st.integers(0, 5), st.sampled_from(["f8", "i8", "c16", "?"]))
    | st.builds(lambda shape: np.ones(shape), st.tuples(st.integers(0, 3), st.integers(0, 3))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers() | st.text(max_size=3), inner, max_size=4)
    | st.lists(inner, max_size=3).map(tuple),
)  # fmt: skip


@given(VALUES)
def test_plain_values_come_back_with_their_bits(value):
    encoder = Encoder()
    structure = encoder.encode(value, Shown())
    back = Decoder(unpacked(packed(structure, encoder.arrays))[1]).decode(json.loads(json.dumps(structure)), Shown())
    assert type(back) is type(value)
    again = Encoder()
    assert json.dumps(again.encode(back, Shown())) == json.dumps(structure)
    assert [(a.dtype, a.shape, a.tobytes()) for a in again.arrays] == [
        (a.dtype, a.shape, a.tobytes()) for a in encoder.arrays
    ]
