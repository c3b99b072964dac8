"""Files that say what `sdeframe run` runs: experiments in TOML, results and checkpoints that hold one."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sdeframe
from sdeframe import cli, simulate
from sdeframe.checkpoints import file
from sdeframe.files import sealed
from sdeframe.integrators import W2S4, EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.observers import Moments
from sdeframe.running.netcdf import encoded
from sdeframe.studies.experiments.experiment import Experiment
from sdeframe.studies.experiments.reading import read

BIN = Path(sys.executable).parent
PAGE = Path(__file__).parents[3] / "docs/configuration.md"
SMALL = """
model = "ornstein-uhlenbeck"
times = [0.5, 1.0]
trajectories = 1_000
seed = 5
[parameters]
strength = 0.5
[integrator]
dt = 0.05
[[observers]]
kind = "moments"
of = ["x"]
"""


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Return a function that runs the command line in a folder with an experiment: (exit status, output, error)."""
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(SMALL)

    def call(*words):
        monkeypatch.setattr("sys.argv", ["sdeframe", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *capsys.readouterr()

    return call


def dataset(name):
    return sdeframe.load(name).dataset


def test_a_file_is_run_and_its_result_runs_again_to_the_same_bits(command):
    status, out, _ = command("run", "small.toml")
    assert status == 0
    assert out.endswith("wrote small.nc and small.png\n")
    assert "x: within 5 standard errors of exact" in out
    assert "x_squared" not in out
    first = dataset("small.nc")
    assert (first.attrs["parameter_sigma"], first.attrs["dt"], first.attrs["seed"]) == (0.5, 0.05, 5)
    assert command("run", "small.nc")[0] == 0
    assert dataset("small-again.nc").identical(first)
    assert command("run", "small.toml", "--seed", "6", "--output", "other.nc")[0] == 0
    assert dataset("other.nc").attrs["seed"] == 6
    assert not dataset("other.nc").equals(first)


def test_a_range_of_trajectories_is_run_again_to_the_same_bits(command):
    part = ("run", "small.toml", "--trajectories", "600:1000", "--output", "part.nc")
    out = command(*part, "--dry-run")[1]
    assert re.search(r"^trajectories +400 from number 600 on, seed 5$", out, re.M)
    assert command(*part)[0] == 0
    first = dataset("part.nc")
    assert (first.attrs["first_trajectory"], first.attrs["trajectories"]) == (600, 400)
    assert command("run", "part.nc")[0] == 0
    assert dataset("part-again.nc").identical(first)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("many", r"--trajectories many: must be how many, such as 100000, or FIRST:END, such as 50000:100000"),
        ("5:6:7", r"--trajectories 5:6:7: must be how many"),
        ("7:5", r"trajectories=range\(7, 5\): must be a range"),
        ("-5", "trajectories=-5: must be a positive integer"),
    ],
)
def test_trajectories_that_are_none_are_refused(command, text, told):
    status, _, error = command("run", "small.toml", f"--trajectories={text}")
    assert status == 2
    assert re.fullmatch(f"sdeframe: {told}.*\n", error)


@pytest.mark.parametrize("until", ["x=0.02", "seconds=0.001"])
def test_a_run_that_ended_early_ends_there_again(command, until):
    most = ("run", "small.toml", "--trajectories", "100000", "--until", until)
    status, out, error = command(*most)
    assert status == 0, error
    first = dataset("small.nc")
    assert first.attrs["ended"] in out
    assert 1_280 <= first.attrs["trajectories"] < 100_000
    assert command("run", "small.nc", "--threads", "1")[0] == 0
    assert dataset("small-again.nc").identical(first)
    status, out, _ = command(*most, "--dry-run")
    assert re.search(r"^until +\S+\(.*\): the run may end earlier, the time is that of all trajectories$", out, re.M)


def test_a_dry_run_looks_at_the_checkpoint(command):
    dry = ("run", "small.toml", "--checkpoint", "run.ckpt", "--dry-run")
    assert "\ncheckpoint    run.ckpt: nothing is there yet\n" in command(*dry)[1]
    assert [p.name for p in Path().iterdir()] == ["small.toml"]
    assert command("run", "small.toml", "--checkpoint", "run.ckpt")[0] == 0
    content = Path("run.ckpt").read_bytes()
    status, out, _ = command(*dry, "--trajectories", "2000")
    assert status == 0
    assert re.search(
        r"^checkpoint    run.ckpt: 1,000 of 2,000 trajectories are done, the others take \S+ s$", out, re.M
    )
    status, _, error = command(*dry, "--seed", "6")
    assert (status, error.count("\n")) == (2, 1)
    assert error.startswith("sdeframe: checkpoint=run.ckpt: holds another run, which differs in seed: ")
    assert Path("run.ckpt").read_bytes() == content


@pytest.mark.long
def test_a_run_without_a_file_is_repeated_too_whatever_it_left_open(command):
    words = ("--times", "0:0.5:3", "--gauge", "quartic-drift", "--sampling", "balanced")
    status, _, error = command("run", *words, "--trajectories", "24576", "--output", "own.nc")
    assert status == 0, error
    assert command("run", "own.nc", "--threads", "1", "--output", "again.nc")[0] == 0
    assert dataset("again.nc").identical(dataset("own.nc"))
    assert re.search('"weighted-trust-horizon"', dataset("own.nc").attrs["experiment"])


def test_a_run_without_means_has_no_picture(command):
    text = SMALL.replace('"moments"', '"trajectories"') + "trajectory_ids = [0, 2]\n"
    Path("paths.toml").write_text(text)
    status, out, error = command("run", "paths.toml")
    assert (status, out.splitlines()[-1]) == (0, "wrote paths.nc"), error
    assert dataset("paths.nc")["x"].sizes == {"trajectory": 2, "time": 2}
    assert not Path("paths.png").exists()


@pytest.mark.long
def test_plain_means_of_a_weighted_system_are_held_against_nothing(command):
    gauge = 'gauge = {name = "quartic-drift"}\ntimes = [0.5]\ntrajectories = 300\n'
    Path("plain.toml").write_text(gauge + '[[observers]]\nkind = "moments"\nunweighted = true\n')
    status, out, error = command("run", "plain.toml")
    assert status == 0, error
    assert "standard errors of exact" not in out


def test_a_scan_is_one_dataset_and_runs_again(command, monkeypatch, tmp_path):
    Path("scan.toml").write_text(SMALL.replace("dt = 0.05", 'name = "w2s4"') + "[scan]\nrate = [0.5, 1.0]\n")
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path / "one"))
    status, out, error = command("run", "scan.toml")
    assert (status, out) == (0, "wrote scan.nc and scan.png\n"), error
    assert Path("scan.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path / "two"))
    status, _, error = command("run", "scan.nc")
    assert status == 0
    assert "sweep: 2 runs, 0 are there already" in error
    found = dataset("scan-again.nc")
    assert found.identical(dataset("scan.nc"))
    assert found["x"].sizes == {"rate": 2, "time": 2}
    status, out, _ = command("run", "scan.toml", "--dry-run")
    assert re.search(r"^scan +2 runs, this is the first: \S+ \S+ if a step of each costs the same$", out, re.M)


def test_a_checkpoint_goes_on_with_what_a_file_began(command):
    assert command("run", "small.toml", "--checkpoint", "run.ckpt")[0] == 0
    first = dataset("small.nc")
    Path("small.toml").unlink()
    Path("small.nc").unlink()
    assert command("resume", "run.ckpt")[0] == 0
    assert dataset("small.nc").identical(first)


def test_the_status_of_a_checkpoint_says_when_the_run_ends_and_of_which_trajectories_it_is(command):
    model = OrnsteinUhlenbeck()
    given = {"observers": [Moments(**model.observables)], "times": [0.1], "seed": 1, "progress": False}
    until = sdeframe.TargetError(x=0.1)
    for rule, most in ((until, " at most"), (None, "")):
        numbers = range(1_000, 4_000)
        simulate(model, EulerMaruyama(dt=0.1), trajectories=numbers, checkpoint="run.ckpt", until=rule, **given)
        told = command("status", "run.ckpt")[1]
        assert ("until: TargetError(errors={'x': 0.1}, at=None)\n" in told) == (rule is not None)
        assert "first trajectory: 1000\n" in told
        assert re.search(rf"^trajectories: \d+ of 3000{most} \(\S+%\)$", told, re.M)
        assert re.search(rf" \d+ s left{most}$", told, re.M)


@pytest.mark.long
@pytest.mark.parametrize(
    ("engine", "words"), [("dask = 'local'\nthreads = 2", ()), ("mpi = true", ("mpiexec", "-n", "2"))]
)
def test_an_engine_of_a_file_decides_no_bit(command, engine, words):
    Path("far.toml").write_text(f"{SMALL}[engine]\n{engine}\n")
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    run = [*words, "sdeframe", "run", "far.toml"]
    subprocess.run(run, check=True, timeout=200, capture_output=True, env={**os.environ, "PATH": path})
    assert command("run", "small.toml")[0] == 0
    assert dataset("far.nc").identical(dataset("small.nc"))


def test_results_that_describe_no_run_are_refused(command):
    model = OrnsteinUhlenbeck()
    result = simulate(
        model, EulerMaruyama(dt=0.1), observers=[Moments(**model.observables)], times=[0.1], trajectories=256, seed=1,
        progress=False,
    )  # fmt: skip
    result.save("script.nc")
    status, _, error = command("run", "script.nc")
    assert status == 2
    assert error.startswith("sdeframe: script.nc: holds no experiment: it was made by a script")
    for text in ("model = 'ising", "os = 'system'", "trajectories = 2020-01-01"):
        changed = result.dataset.assign_attrs(experiment=text)
        Path("odd.nc").write_bytes(sealed(encoded(changed)))
        status, _, error = command("run", "odd.nc")
        assert status == 2
        assert error.startswith("sdeframe: odd.nc: ")
        assert error.count("\n") == 1
    Path("odd.nc").write_bytes(encoded(result.dataset))
    assert "has no seal" in command("run", "odd.nc")[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nothing.toml",), "nothing.toml: there is no such file"),
        ((".",), ".: is a folder or device"),
        (("small.toml", "--output", "small.toml"), "--output small.toml: is the file that says what to run"),
        (
            ("small.toml", "--set", "strengh=1"),
            "parameters: OrnsteinUhlenbeck has no parameter 'strengh': did you mean",
        ),
        (("small.toml", "--until", "x"), "--until x: must be NAME=VALUE, such as excited=1e-3, at=1,2 or seconds=60"),
        (("small.toml", "--until", "x=a"), "until: x='a' in TargetError: must be a finite number above 0"),
        (("small.toml", "--model", "kerr-oscillator"), "observers.moments.of: KerrOscillator declares no 'x'"),
    ],
)
def test_refusals_are_one_line(command, words, message):
    status, _, error = command("run", *words)
    assert status == 2
    assert error.startswith(f"sdeframe: {message}")
    assert error.count("\n") == 1
    assert [p.name for p in Path().iterdir()] == ["small.toml"]


places = st.integers(0, len(SMALL))
changes = st.lists(st.tuples(places, st.integers(0, 3), st.binary(max_size=3)), min_size=1, max_size=4)


def check_changed(path, changes):
    """Check that a file of which bytes changed is read as an experiment, or refused in one line."""
    content = bytearray(SMALL.encode())
    for at, length, put in changes:
        content[at : at + length] = put
    path.write_bytes(content)
    try:
        read_again = read(path)
    except (TypeError, ValueError) as error:
        told = str(error)
        assert told.startswith(f"{path}: ")
        assert "\n" not in told
    else:
        assert isinstance(read_again, Experiment)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("changed") / "small.toml"


@given(changes)
def test_a_changed_file_is_an_experiment_or_is_refused_in_one_line(path, changes):
    check_changed(path, changes)


@pytest.mark.long
@settings(max_examples=10_000)
@given(changes)
def test_ten_thousand_changed_files_are_experiments_or_are_refused_in_one_line(path, changes):
    check_changed(path, changes)


@pytest.mark.long
def test_every_file_and_command_of_the_page_runs(command):
    """In order; a file has its name in the first line, a command is one line."""
    kinds = []
    for kind, body in re.findall(r"^```(\S+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S):
        kinds.append(kind)
        if kind == "toml":
            Path(body.split("\n", 1)[0].removeprefix("# ")).write_text(body)
        elif kind == "sh":
            for program, *words in map(shlex.split, body.splitlines()):
                if program == "python":
                    exec(compile(words[1], str(PAGE), "exec"), {})
                else:
                    assert (program, command(*words)[0]) == ("sdeframe", 0), words
    assert {"toml", "sh"} <= set(kinds)
    written = {"experiment.nc", "experiment.png", "more.nc", "again.nc", "scan.nc", "scan.png"}
    assert written <= {found.name for found in Path().iterdir()}


def test_a_result_does_not_say_where_another_one_is_written(command):
    assert command("run", "small.toml", "--output", "a.nc")[0] == 0
    held = sdeframe.load("a.nc")
    text = held.dataset.attrs["experiment"] + 'output = "victim.nc"\n'
    attrs.evolve(held, dataset=held.dataset.assign_attrs(experiment=text)).save("evil.nc")
    status, _, told = command("run", "evil.nc")
    assert status == 2
    assert "evil.nc: is a result that says output, which none does" in told
    assert not Path("victim.nc").exists()


def test_a_checkpoint_does_not_say_which_file_is_lost(command):
    assert command("run", "small.toml", "--checkpoint", "run.ckpt")[0] == 0
    page, _ = file.read(Path("run.ckpt"))
    rewritten(Path("run.ckpt"), command={**page.command, "output": "small.toml"})
    status, _, told = command("resume", "run.ckpt")
    assert (status, told.count("\n")) == (2, 1)
    assert "run.ckpt: its result would be written over small.toml, which is none: " in told
    assert Path("small.toml").read_text() == SMALL


@pytest.mark.parametrize(("checkpoint", "output"), [("same.nc", "same.nc"), ("same.png", "same.nc")])
def test_nothing_is_written_over_the_checkpoint(command, checkpoint, output):
    status, _, told = command("run", "small.toml", "--checkpoint", checkpoint, "--output", output)
    assert status == 2
    assert f"--checkpoint {checkpoint}: the result or its picture would overwrite it" in told
    assert not Path(checkpoint).exists()


def test_a_checkpoint_that_a_script_went_on_with_is_no_longer_the_commands(command):
    options = {"times": [0.5, 1.0], "seed": 5, "progress": False, "step_error": True, "checkpoint": "c.ckpt"}
    model = OrnsteinUhlenbeck(strength=0.5)
    assert command("run", "small.toml", "--checkpoint", "c.ckpt")[0] == 0
    simulate(model, W2S4(dt=0.05), observers=[Moments(x=model.observables["x"])], trajectories=2_000, **options)
    assert "go on with: the same call" in command("status", "c.ckpt")[1]


def rewritten(path, **changes):
    """Change what a checkpoint says of itself, as one who knows how could."""
    page, members = file.read(path)
    sums = {span: members[file.name_of(span)] for span in page.spans}
    file.write(path, attrs.evolve(page, **changes), sums)
    return page


def test_text_of_a_file_does_nothing_to_a_terminal(command):
    evil = "\x1b]0;owned\x07\x1b[2J\u202eabc\nmodel: other"
    escaped = r"\x1b]0;owned\x07\x1b[2J\u202eabc model: other"
    kept = Path("run.ckpt")
    assert command("run", "small.toml", "--checkpoint", "run.ckpt")[0] == 0
    page = rewritten(kept, written=evil)
    rewritten(kept, about={**page.about, evil: evil}, parts={**page.parts, evil: evil})
    status, out, _ = command("status", "run.ckpt")
    assert status == 0
    assert f"{escaped}: {escaped}\n" in out
    assert f"written: {escaped}\n" in out
    assert all(line.isprintable() for line in out.splitlines())
    refused = [command("run", "small.toml", "--checkpoint", "run.ckpt")]
    assert f"which differs in {escaped}: " in refused[0][2]
    for said in ({evil: 1}, {"model": evil}, {"observers": [{"kind": evil}]}, {"parameters": {evil: 1.0}}):
        rewritten(kept, command=said)
        refused.append(command("resume", "run.ckpt"))
    for status, _, error in refused:
        assert (status, error.count("\n")) == (2, 1)
        assert error.strip().isprintable()
