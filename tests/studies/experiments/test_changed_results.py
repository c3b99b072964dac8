"""Results that were changed: an error in one line or the right data, nothing else, whatever reads them."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdeframe import load
from sdeframe.campaigns.memory import peak_memory
from sdeframe.files import sealed
from sdeframe.running.netcdf import encoded
from sdeframe.studies.commands.performing import kept_run
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.reading import read
from sdeframe.studies.experiments.resolved import resolved
from tests.support.mutations import mutations

SMALL = Experiment(
    model="ornstein-uhlenbeck", times=[0.5, 1.0], trajectories=1_000, integrator={"name": "w2s4", "dt": 0.05},
    until={"errors": {"x": 0.03}, "at": [1.0]},
)  # fmt: skip


@pytest.fixture(scope="module")
def result():
    """One of the command line."""
    return kept_run(resolved(SMALL), 1, None)


@pytest.fixture(scope="module")
def path(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("changed") / "run.nc"
    result.save(path)
    return path


def outcome(path, reader):
    """Return what a reader makes of a file; None where it refuses it as it should, soon, and naming the file."""
    begin, before = time.monotonic(), peak_memory() or 0
    try:
        return reader(path)
    except (TypeError, ValueError) as error:
        told = str(error)
        assert told.startswith(f"{path}: ")
        assert told.isprintable()
        return None
    finally:
        assert time.monotonic() - begin < 5.0
        assert (peak_memory() or 0) - before < 1e8


def check_changed(path, count, seed):
    """Check that of changed files nothing is read but what was written; return how many were read."""
    content = path.read_bytes()
    right, experiment, found = load(path).dataset, read(path), 0
    try:
        for data in mutations(content, count, seed):
            path.write_bytes(data)
            loaded, said = outcome(path, load), outcome(path, read)
            assert loaded is None or loaded.dataset.identical(right)
            assert said is None or said == experiment
            found += loaded is not None
    finally:
        path.write_bytes(content)
    return found


def test_changed_results(path):
    assert check_changed(path, 300, seed=1) < 300


@pytest.mark.long
def test_ten_thousand_changed_results(path):
    seed = time.time_ns()
    print("seed", seed)
    print(check_changed(path, 10_000, seed), "of 10000 files were whole")


def said(text):
    """Give a text with some of its letters changed."""
    changes = st.lists(
        st.tuples(st.integers(0, len(text)), st.integers(0, 3), st.text(max_size=3)), min_size=1, max_size=4
    )

    def changed(where):
        for at, length, put in where:
            yield text[:at] + put + text[at + length :]

    return changes.map(lambda where: [*changed(where)][-1])


numbers = st.integers(-5, 5) | st.floats() | st.lists(st.floats(), max_size=3).map(np.array)


def check_said(path, result, data):
    """Check that a result with a whole seal, of which what it says of its run was changed, is an experiment or none."""
    text = result.dataset.attrs["experiment"]
    held = data.draw(said(text) | st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3) | numbers)
    try:
        content = sealed(encoded(result.dataset[[]].assign_attrs(experiment=held)))
    except Exception:  # what no file can hold
        return
    other = path.with_name("other.nc")
    other.write_bytes(content)
    found = outcome(other, read)
    assert found is None or isinstance(found, Experiment)


@settings(max_examples=30)
@given(st.data())
def test_what_a_result_says_of_its_run_is_an_experiment_or_is_refused(path, result, data):
    check_said(path, result, data)


@pytest.mark.long
@settings(max_examples=10_000)
@given(st.data())
def test_ten_thousand_times_what_a_result_says_of_its_run(path, result, data):
    check_said(path, result, data)


def test_a_reader_that_looked_at_no_seal_would_be_seen(path, monkeypatch):
    """The test above is one: without the seal, changed numbers are taken for right ones, or the library ends."""
    content = path.read_bytes()
    at = content.index(np.float64(load(path).dataset["time"][1].item()).tobytes())
    monkeypatch.setattr("sdeframe.running.result.unsealed", lambda data: data)
    monkeypatch.setattr("tests.studies.experiments.test_changed_results.mutations", lambda *_: [_flipped(content, at)])
    with pytest.raises(AssertionError):
        check_changed(path, 1, seed=1)


def _flipped(content, at):
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
