"""The command line: what it writes, prints and refuses."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import sdeframe
from sdeframe import cli
from sdeframe.models import TavisCummings
from sdeframe.models.tavis_cummings import model as tavis_cummings
from sdeframe.running.result import Result
from sdeframe.running.showing.limits import OF_SEED
from sdeframe.studies import tables
from sdeframe.studies.commands.report import print_agreement, print_horizons, print_step_error
from sdeframe.studies.validations.closed import CASES, case_rows
from tests.support.shown_runs import everything


@pytest.fixture
def sdeframe_command(monkeypatch, capsys, tmp_path):
    """Return a function that runs the command line in an empty folder: (exit status, standard output, error)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["sdeframe", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, *capsys.readouterr()

    return call


SMALL = ("run", "--trajectories", "500", "--dt", "0.02", "--times", "0:2:11")


def test_run_writes_a_file_and_a_picture_and_says_what_it_found(sdeframe_command, tmp_path):
    status, out, _ = sdeframe_command(*SMALL, "--set", "atoms=20", "--set", "start=excited", "--output", "small.nc")
    assert status == 0
    assert "0.5 % of trajectories lost (bound 1000): " in out
    assert "excited: within 5 standard errors of exact up to t = " in out
    assert re.search(
        r"^trusted up to t = [\d.]+ \(excited\), [\d.]+ \(photon_number\), [\d.]+ \(pair\)$", out, re.MULTILINE
    )
    assert "ns per trajectory and step" in out
    assert (tmp_path / "small.png").read_bytes().startswith(b"\x89PNG")
    ds = sdeframe.load(tmp_path / "small.nc").dataset
    assert OF_SEED not in out, "all means can be trusted to the end"
    assert ds.attrs["parameter_N"] == 20.0
    assert ds.sizes["time"] == 11


def test_a_horizon_before_the_end_is_said_to_hang_on_the_seed(capsys):
    print_horizons(everything())
    told, of_seed = capsys.readouterr().out.splitlines()
    assert told.startswith("trusted up to t = ")
    assert of_seed == OF_SEED


def test_run_takes_other_plugins(sdeframe_command):
    status, out, _ = sdeframe_command(
        *SMALL, "--model", "ornstein-uhlenbeck", "--integrator", "euler-maruyama", "--gauge", "identity"
    )
    assert status == 0
    assert "x_squared: within 5 standard errors" in out
    assert "no trust horizon: the model declares no poles" in out


def test_run_says_what_to_do_where_no_time_can_be_trusted(sdeframe_command):
    status, out, _ = sdeframe_command(*SMALL, "--times", "6,7", "--set", "start=excited")
    assert status == 0
    assert (
        "trusted up to t = 0 (excited), 0 (photon_number), 0 (pair)\nno mean can be trusted at any output time: " in out
    )


def test_a_dry_run_shows_what_would_be_run_and_writes_nothing(sdeframe_command, tmp_path):
    status, out, _ = sdeframe_command(*SMALL, "--set", "start=excited", "--threads", "1", "--dry-run")
    assert status == 0
    told = dict(re.findall(r"^(\w+) +(.*)$", out, re.MULTILINE))
    assert list(told) == [
        "model", "parameters", "system", "gauge", "integrator", "sampling", "steps", "outputs", "observers",
        "trajectories", "blocks", "time", "compilation", "memory",
    ]  # fmt: skip
    assert "start='excited'" in told["model"]
    assert re.fullmatch(r"100 of \d+ operations, to t = 2, and 50 of twice the step", told["steps"])
    assert told["outputs"] == "11 from t = 0"
    assert told["trajectories"] == "500, seed 1"
    assert not list(tmp_path.iterdir())


def test_a_dry_run_refuses_what_a_run_does(sdeframe_command):
    status, _, error = sdeframe_command(*SMALL, "--times", "0:2:7", "--dry-run")
    assert status == 2
    assert "does not reach it" in error


def test_nothing_is_freed_where_the_process_ends(tmp_path):
    script = (
        "import atexit, gc; atexit.register(lambda: print('frozen', gc.get_freeze_count() > 0)); "
        "from sdeframe.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "frozen True"


GAUGED = (*SMALL, "--gauge", "quartic-drift", "--set", "photons=100")


@pytest.mark.long
def test_run_of_a_gauge_with_a_weight_shows_the_weighted_means_and_how_far_to_trust_them(sdeframe_command, tmp_path):
    status, out, _ = sdeframe_command(*GAUGED)
    assert status == 0
    lines = out.splitlines()
    assert lines.pop(0) == "exact curve: Dicke blocks"
    assert lines[0].startswith("0.5 % of trajectories lost (bound 1000): never; alive at the end: 500")
    assert lines[1] == "0.5 % of weights lost (bound 1000): never; within it at the end: 500"
    assert lines[2].startswith("weights carry a mean up to t = 2 (effective sample above 1% of the ensemble, ")
    result = sdeframe.load(tmp_path / "run.nc")
    until, ds = result.horizon("excited"), result.dataset
    horizons = ", ".join(f"{result.horizon(name):.4g} ({name})" for name in ("excited", "photon_number", "pair"))
    assert lines[3] == f"trusted up to t = {horizons}"
    assert 1 < until <= 2
    exact = TavisCummings(10, 100.0).exact(ds["time"])
    kinds = {"<excited Ω>": "excited", "<excited Ω>/<Ω>": "excited_ratio", "<photon_number Ω>": "photon_number"}
    for (kind, key), line in zip(kinds.items(), lines[4:7], strict=True):
        assert line.startswith(f"{kind}: within 5 standard errors of exact up to t = 2; largest deviation while ")
        trusted = (ds["time"].values > 0) & (ds["time"].values <= result.horizon(key.removesuffix("_ratio")))
        difference = (ds[key].values - exact[key.removesuffix("_ratio")])[trusted]
        off = [np.abs(difference.real) / ds[f"{key}_se"].values[trusted],
               np.abs(difference.imag) / ds[f"{key}_imag_se"].values[trusted]]  # fmt: skip
        assert line.endswith(f": {np.max(off):.2f}")
    assert lines[7].startswith("<photon_number Ω>/<Ω>: within 5 standard errors")
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


def test_run_says_when_weights_and_states_are_lost(sdeframe_command):
    status, out, _ = sdeframe_command(*GAUGED, "--times", "0:10:51")
    assert status == 0
    assert re.search(r"weights lost \(bound 1000\): at \d", out)
    until = float(re.search(r"weights carry a mean up to t = ([\d.]+)", out)[1])
    assert 2 < until < 10
    assert len(re.findall(r"largest deviation while trusted: [\d.]+", out)) == 6


def test_a_mean_that_is_no_number_does_not_agree(capsys):
    ds = xr.Dataset(
        {"x": ("time", [1.0, 1.0, np.inf, 1.0]), "x_se": ("time", [0.0, 0.1, np.inf, 0.1])},
        coords={"time": [0.0, 1.0, 2.0, 3.0]},
    )
    print_agreement(Result(ds), "x", "x", np.array([1.0, 1.2, 1.0, 1.0]), 0.0, (1.0, "until then"))
    assert capsys.readouterr().out == (
        "x: within 5 standard errors of exact up to t = 1; largest deviation until then: 2.00\n"
    )


def test_the_error_of_the_exact_curve_counts(capsys):
    ds = xr.Dataset({"x": ("time", [1.0]), "x_se": ("time", [0.3])}, coords={"time": [1.0]})
    print_agreement(Result(ds), "x", "x", np.array([2.0]), np.array([0.4]), (1.0, "until then"))
    assert "largest deviation until then: 2.00" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("horizon", "said"),
    [
        ({}, "adds at most 2.0e-02 ± 2.0e-03 before the loss\n"),
        ({"x_horizon": 0.0}, "adds at most 1.0e-02 ± 1.0e-03 before its trust horizon\n"),
    ],
)
def test_the_largest_step_error_before_the_loss_or_the_horizon_is_told(capsys, horizon, said):
    """The second one is larger than the first; the third comes after the loss at t = 1.5."""
    ds = xr.Dataset(
        horizon
        | {
            "x_step_error": ("time", [0.01 + 0j, -0.02 + 0j, 0.5 + 0j]),
            "x_step_error_se": ("time", [1e-3, 2e-3, 3e-3]),
            "losses": (("bound", "step"), [[0, 0, 0, 5]]),
        },
        coords={"time": [0.0, 1.0, 2.0], "bound": [1e3], "step": [0, 1, 2, 3]},
        attrs={"trajectories": 100, "dt": 0.5},
    )
    print_step_error(Result.of(ds), ("x",), 0.5)
    assert capsys.readouterr().out == f"x: the step 0.5 {said}"


def test_run_of_atoms_that_decay_is_held_against_the_exact_solution(sdeframe_command):
    status, out, _ = sdeframe_command(*SMALL, "--set", "decay=1")
    assert status == 0
    assert "exact curve: density matrix" in out
    assert "excited: within 5 standard errors of exact up to t = 2" in out


def test_run_of_many_atoms_that_decay_is_held_against_quantum_jumps(sdeframe_command, monkeypatch):
    monkeypatch.setattr(tavis_cummings, "JUMP_TRAJECTORIES", 2000)
    status, out, _ = sdeframe_command(*SMALL, "--set", "decay=1", "--set", "atoms=100", "--set", "photons=100")
    assert status == 0
    assert "exact curve: quantum jumps" in out
    assert "excited: within 5 standard errors of exact up to t = 2" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--model", "ising"), "no model is called 'ising': there are"),
        (("--integrator", "heun9"), "no integrator is called 'heun9'"),
        (("--gauge", "none"), "no gauge is called 'none': there are a41, identity, quartic-drift"),
        (("--set", "atoms"), "must be NAME=VALUE"),
        (("--set", "colour=3"), "TavisCummings has no parameter 'colour': there are atoms, photons"),
        (("--set", "atoms=ten"), "atoms of TavisCummings='ten'"),
        (("--times", "now"), "--times now: must be FIRST:LAST:COUNT"),
        (("--output", "missing/run.nc"), "cannot write to its folder"),
        (("--output", "run.png"), "the picture has this name"),
        (("--dt", "0"), "dt=0.0 in W2S4"),
        (
            ("--gauge", "quartic-drift", "--model", "ornstein-uhlenbeck"),
            "does not fit this system: no variable 'A' in this system: ",
        ),
    ],
)
def test_run_refuses_in_one_line(sdeframe_command, tmp_path, arguments, message):
    status, _, error = sdeframe_command(*SMALL, *arguments)
    assert status == 2
    assert message in error
    assert error.startswith("sdeframe: ")
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("validate", "foo"), "no validation is called 'foo': there are closed"),
        (("walk",), "no command is called 'walk'"),
    ],
)
def test_an_unknown_command_or_table_lists_the_known_ones(sdeframe_command, arguments, message):
    status, _, error = sdeframe_command(*arguments)
    assert status == 2
    assert message in error


def test_list_names_every_plugin(sdeframe_command):
    status, out, _ = sdeframe_command("list")
    assert status == 0
    models, gauges, observers = "tavis-cummings", "identity quartic-drift a41", "moments weighted-moments conserved"
    for name in f"{models} stochastic-rk2 {gauges} {observers} validate closed kernel".split():
        assert name in out


def test_help_names_the_commands(sdeframe_command):
    status, out, _ = sdeframe_command("--help")
    assert status == 0
    assert all(command in out for command in ("run", "list", "validate", "bench"))


def one_good_one_bad(trajectories, threads):
    """Show two rows."""
    yield tables.Row("a", "good", 1.0, 0.5, 0.1, float("inf"), True)
    yield tables.Row("a", "bad", 2.0, passed=False)


def test_a_table_with_a_failed_row_fails_and_is_written(sdeframe_command, monkeypatch, tmp_path):
    class Point:
        def __init__(self, plugin):
            self.plugin = plugin

        def load(self):
            return self.plugin

    plugins = {"commands": {"validate": Point(tables.validate)}, "validations": {"two": Point(one_good_one_bad)}}
    monkeypatch.setattr("sdeframe.registry.names", plugins.__getitem__)
    status, out, _ = sdeframe_command("validate", "two", "--json", "rows.json")
    assert status == 1
    assert "2 rows, 1 failed" in out
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert rows[0] | {"note": ""} == {
        "case": "a", "quantity": "good", "value": 1.0, "time": 0.5, "standard_error": 0.1, "reference": None,
        "passed": True, "note": "",
    }  # fmt: skip
    assert rows[1]["passed"] is False


def test_the_table_of_closed_cases_judges_its_rows():
    """The criteria are 5 standard errors and 5 % plus two binomial ones: no false alarm with this fixed seed."""
    case = CASES[1]
    rows = list(case_rows(case, 4_000, threads=2))
    assert len(rows) == 11
    assert all(row.passed for row in rows if row.passed is not None)
    assert sum(row.passed is not None for row in rows) == 5
    wrong = [row for row in case_rows(CASES[8], 500, 2) if row.passed is False]
    assert not wrong


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="limits are those of POSIX")
def test_run_shows_its_numbers_where_the_disk_takes_no_file(tmp_path):
    """The limit lets compiled code pass and neither the result nor the picture."""
    limited = (
        "import resource, sys; from sdeframe import cli; sys.argv[0] = 'sdeframe';"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)); cli.main()"
    )
    command = [sys.executable, "-c", limited, *SMALL, "--model", "ornstein-uhlenbeck", "--integrator", "euler-maruyama"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "x: within 5 standard errors of exact" in done.stdout
    assert "ns per trajectory and step" in done.stdout
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("sdeframe: ")]
    assert "run.nc was not written (File too large); run.png was not written (File too large): make room" in told
    assert not list(tmp_path.iterdir())


def test_list_writes_brackets_as_they_are(sdeframe_command):
    _, out, _ = sdeframe_command("list")
    assert "γ(n̄+1) D[a], γn̄ D[a†] and φ D[a†a]" in out
