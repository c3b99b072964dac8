"""Saved results: whole or not at all on a full disk, read only where the seal is whole, or on request."""

import os
import random
import subprocess
import sys
import textwrap
import zlib
from io import BytesIO

import h5py
import numpy as np
import pytest
import xarray as xr

from sdeframe import load
from sdeframe.files import sealed
from sdeframe.running.netcdf import encoded
from sdeframe.running.provenance import FORMAT
from sdeframe.running.result import Result

posix = pytest.mark.skipif(os.name != "posix", reason="limits and pipes are those of POSIX")
DATASET = xr.Dataset(
    {"z": ("n", np.array([1 + 2j, complex(-0.0, np.nan)])), "count": ("n", [1, 2], {"about": "integers"})},
    coords={"start": ("start", ["ground", "excited"])},
    attrs={"sdeframe_format": FORMAT, "number": 0.1},
)


@pytest.fixture
def saved(tmp_path):
    Result(DATASET).save(tmp_path / "run.nc")
    return tmp_path / "run.nc"


def refusal(path, **options):
    """Return the one line that names the file."""
    with pytest.raises(ValueError, match="is no result file") as error:
        load(path, **options)
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    return text


def test_other_programs_read_a_sealed_file(saved):
    with xr.open_dataset(saved, engine="h5netcdf") as opened:
        assert opened["count"].identical(DATASET["count"])
        assert opened["z"].dims == ("n", "complex_part")
    with h5py.File(saved) as file:
        assert file["count"][:].tolist() == [1, 2]
    assert load(saved).dataset.identical(DATASET)


def test_every_damage_is_refused_before_a_library_reads_it(saved, monkeypatch):
    whole, chance = saved.read_bytes(), random.Random(2)
    monkeypatch.setattr("sdeframe.running.result.decoded", lambda _: pytest.fail("was read"))
    for at in chance.sample(range(len(whole)), 300):
        saved.write_bytes(whole[:at] + bytes([whole[at] ^ chance.randrange(1, 256)]) + whole[at + 1 :])
        refusal(saved)
    for damaged in (b"", whole[:1000], whole[1:], whole + b"\0", whole[:500] + whole[600:], chance.randbytes(9_000)):
        saved.write_bytes(damaged)
        refusal(saved)


def test_a_file_of_another_program_is_read_on_request_alone(tmp_path):
    DATASET.drop_vars("z").to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    assert "trusted=True" in refusal(tmp_path / "other.nc")
    assert load(tmp_path / "other.nc", trusted=True).dataset.identical(DATASET.drop_vars("z"))


def test_a_trusted_file_without_its_seal_or_with_another_one_is_read(saved):
    whole = saved.read_bytes()
    for changed in (whole[:-200] + whole[-112:], encoded(DATASET), whole[:-1]):
        saved.write_bytes(changed)
        refusal(saved)
    saved.write_bytes(encoded(DATASET))
    assert load(saved, trusted=True).dataset.identical(DATASET)


@pytest.mark.parametrize(
    "content", [b"", b"text", random.Random(3).randbytes(3_000), b"\x89HDF\r\n\x1a\n" + bytes(3_000)]
)
def test_what_no_library_can_read_is_refused_in_one_line(tmp_path, content):
    for data in (content, sealed(content)):
        (tmp_path / "odd.nc").write_bytes(data)
        refusal(tmp_path / "odd.nc", trusted=True)
        refusal(tmp_path / "odd.nc")


def nested(file):
    file.create_group("there/b/c")


def linked(file):
    file["there"] = h5py.ExternalLink("other.nc", "x")


def aliased(file):
    file["there"] = h5py.SoftLink("/x")


def external(file):
    file.create_dataset("there", (4,), "f8", external=[("/etc/hostname", 0, 32)])


def virtual(file):
    layout = h5py.VirtualLayout((2,), "f8")
    layout[:] = h5py.VirtualSource("other.nc", "x", (2,))
    file.create_virtual_dataset("there", layout)


def huge(file):
    file.create_dataset("there", (2**28,), "f8", chunks=(2**16,))


def sparse(file):
    file.create_dataset("there", (2**28,), "f8", chunks=(2**10,), compression="gzip")[: 2**10] = 1.0
    file["much"] = np.random.default_rng(1).normal(size=2**17)


def cut(file):
    """Some kilobytes that unpack to 128 megabytes, of which ten numbers are wanted."""
    array = file.create_dataset("there", (10,), "f8", chunks=(2**24,), maxshape=(None,), compression="gzip")
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(2**7)) + packer.flush()
    array.id.write_direct_chunk((0,), packed)


def references(file):
    file.create_dataset("there", (1,), h5py.ref_dtype)


@pytest.mark.parametrize("make", [nested, linked, aliased, external, virtual, huge, sparse, cut, references])
def test_what_leads_out_of_a_file_or_is_larger_than_it_is_refused(tmp_path, make):
    content = BytesIO()
    with h5py.File(content, "w") as file:
        file["x"] = np.arange(2.0)
        file.attrs["sdeframe_format"] = FORMAT
        make(file)
    for data, options in ((sealed(content.getvalue()), {}), (content.getvalue(), {"trusted": True})):
        (tmp_path / "odd.nc").write_bytes(data)
        assert "'there'" in refusal(tmp_path / "odd.nc", **options)


def test_a_file_without_names_of_dimensions_is_read_in_silence(tmp_path):
    with h5py.File(tmp_path / "plain.nc", "w") as file:
        file["x"] = np.arange(2.0)
        file.attrs["sdeframe_format"] = FORMAT
    assert load(tmp_path / "plain.nc", trusted=True).dataset["x"].values.tolist() == [0.0, 1.0]


@posix
def test_a_pipe_a_folder_and_a_device_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        assert "folder or device" in refusal(path)
        with pytest.raises(ValueError, match="folder or device; give the name of a file"):
            Result(DATASET).save(path)


@posix
def test_a_sparse_file_of_a_terabyte_is_not_read(tmp_path):
    with (tmp_path / "large.nc").open("wb") as file:
        file.truncate(2**40)
    assert "no seal" in refusal(tmp_path / "large.nc")


def test_what_compresses_best_and_lengths_without_values_come_back(tmp_path):
    zeros = {"x": ("n", np.zeros(1_000_000)), "z": ("n", np.zeros(1_000_000, complex)), "none": ("q", np.zeros(0))}
    dataset = xr.Dataset(zeros, attrs=DATASET.attrs)
    Result(dataset).save(tmp_path / "run.nc")
    assert load(tmp_path / "run.nc").dataset.identical(dataset)


def test_a_link_to_a_result_stays_a_link(saved, tmp_path):
    (tmp_path / "link.nc").symlink_to(saved)
    Result(DATASET.assign_attrs(number=0.2)).save(tmp_path / "link.nc")
    assert (tmp_path / "link.nc").is_symlink()
    assert load(saved).dataset.attrs["number"] == 0.2


LIMITED = """
    import errno, resource
    import numpy as np, xarray as xr
    from sdeframe.running.result import Result
    from sdeframe.storage.store import Store
    numbers = np.random.default_rng(1).normal(size=100_000)
    result = Result(xr.Dataset({"x": ("n", numbers)}))
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    try:
        result.save("run.nc")
    except OSError as error:
        assert error.errno == errno.EFBIG
        print(error)
    print(Store("kept").save("key", result.dataset)["x"].identical(result.dataset["x"]))
"""


@pytest.mark.long
@posix
def test_where_a_file_cannot_grow_the_result_stays_in_memory(tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(LIMITED)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    told, kept = done.stdout.splitlines()
    assert "File too large, nothing was written; the result is still in memory; make room" in told
    assert kept == "True"
    assert "a result is not kept" in done.stderr
    assert [f.name for f in tmp_path.rglob("*")] == ["kept"]
