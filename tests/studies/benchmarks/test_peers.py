"""``sdeframe bench peers``: what programs say, which of it is believed, and the rows that come of it."""

import json
import math
import subprocess

import attrs
import pytest
from click.testing import CliRunner

from sdeframe.studies.benchmarks.peers import answers as said_by
from sdeframe.studies.benchmarks.peers import command, environments, steps, total_error
from sdeframe.studies.benchmarks.peers.answers import Answer, answers, ask, ask_xmds, deviation, wrong
from sdeframe.studies.benchmarks.peers.catalogue import NAMES, PEERS, TWINS, Peer
from sdeframe.studies.benchmarks.peers.environments import MissingPeerError
from sdeframe.studies.tables import _plain

EXACT, SPREAD = 0.005, 0.0144
GOOD = Answer("euler", 1024, (1.0, 3.0, 2.0), (0.0051, 0.0049, 0.0052), (4.5e-4,) * 3, 5.0, "some 1.0")
KNOWN = steps.Known(EXACT, SPREAD, dict.fromkeys(TWINS, 1e-4))


def test_an_answer_is_read_off_the_last_line():
    runs = {"runs": [{"scheme": "euler", "trajectories": 2, "seconds": [2, 1, 4], "means": [1, 1, 1],
                      "errors": [0.1, 0.1, 0.1], "first": 5}], "versions": {"a": "1", "b": "2"}}  # fmt: skip
    (answer,) = answers("a library says hello\n" + json.dumps(runs))
    assert answer == Answer("euler", 2, (2.0, 1.0, 4.0), (1.0,) * 3, (0.1,) * 3, 5.0, "a 1, b 2")
    assert answer.nanoseconds(1000) == pytest.approx(1e9 * 2 / 2000)
    assert answer.compilation == 3.0
    assert answer.spread == pytest.approx(0.1 * math.sqrt(2))


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"runs": [{}], "versions": {}}', "[1]"])
def test_what_cannot_be_read_is_no_answer(text):
    with pytest.raises(MissingPeerError, match="nothing that can be read"):
        answers(text)


def test_a_right_answer_is_believed_and_a_lie_is_not():
    assert wrong(GOOD, EXACT, 0.0, SPREAD) == ""
    lie = attrs.evolve(GOOD, means=(0.0051, 0.0049, 0.0075))
    assert "5.56 standard errors" in wrong(lie, EXACT, 0.0, SPREAD)
    assert wrong(lie, EXACT, 5e-4, SPREAD) == ""  # the bias of the scheme is known
    assert "inf" in wrong(attrs.evolve(GOOD, means=(math.nan,) * 3), EXACT, 0.0, SPREAD)
    assert deviation(attrs.evolve(GOOD, errors=(0.0,) * 3), EXACT, 0.0) == math.inf


def test_noise_of_another_variance_is_seen_by_the_spread():
    """Complex increments with a mean square of 2 dt in place of dt: 1.41 times the spread, and hardly another mean."""
    assert "spread" in wrong(attrs.evolve(GOOD, errors=(4.5e-4 * math.sqrt(2),) * 3), EXACT, 0.0, SPREAD)
    assert "spread" in wrong(attrs.evolve(GOOD, errors=(4.5e-4 / math.sqrt(2),) * 3), EXACT, 0.0, SPREAD)


def test_rows_give_ratios_and_mark_what_is_wrong():
    lie = attrs.evolve(GOOD, scheme="heun", means=(0.02,) * 3)
    rows = list(steps.peer_rows("some", [GOOD, lie], 50.0, KNOWN))
    times = [row for row in rows if row.quantity.endswith(": ns")]
    cost = 1e9 * 2.0 / (1024 * 3000)
    assert [row.value for row in times] == pytest.approx([cost, cost])
    assert [row.passed for row in times] == [None, False]
    assert times[0].note.startswith(f"ratio {cost / 50:.2f}, 0.2 errors off, some 1.0")
    assert "wrong" in times[1].note
    assert [row.value for row in rows if "compile" in row.quantity] == [3.0, 3.0]


def test_a_missing_peer_is_a_row():
    (row,) = steps.peer_rows("some", MissingPeerError("not installed: no network"), 50.0, KNOWN)
    assert math.isnan(row.value)
    assert (row.passed, row.note) == (None, "not installed: no network")
    assert _plain(row)["value"] is None


def test_what_cannot_be_installed_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("SDEFRAME_CACHE_DIR", str(tmp_path))
    tmp_path.chmod(0o700)
    done = []

    def run(command, **options):
        done.append(command)
        return subprocess.CompletedProcess(command, "pip" in command, "", "WARNING: a\nERROR: no network\n\n")

    monkeypatch.setattr(environments.subprocess, "run", run)
    peer = Peer("some", "some.py", {"some": "1.0"}, {"euler": 2}, beside=("other<2",))
    with pytest.raises(MissingPeerError, match="not installed: ERROR: no network"):
        ask(peer, {})
    assert done[1][-2:] == ("some==1.0", "other<2")


def test_without_xmds_there_is_no_answer(monkeypatch):
    monkeypatch.setattr(said_by.xmds, "installed", lambda: False)
    with pytest.raises(MissingPeerError, match="Debian"):
        ask_xmds(steps.TASK)


def test_a_program_that_fails_says_why():
    numpy = next(peer for peer in PEERS if peer.name == "numpy")
    with pytest.raises(MissingPeerError, match="failed: KeyError: 'dt'"):
        ask(numpy, {"rounds": 1})


def test_the_cheapest_run_has_the_total_error():
    first_order = {2.0**-k: 2.0**-k / 10 for k in range(8)}
    run = total_error.best_run(first_order, "euler", 0.1, 1.0, 1e-3, 50.0)
    bias = run.dt / 10
    assert math.hypot(bias, 0.1 / math.sqrt(run.trajectories)) <= 1e-3 * 1.0001
    assert run.seconds == pytest.approx(50e-9 * run.trajectories / run.dt, rel=1e-9)
    # of a bias c·dt the least time has a bias of target/√3
    least = 50e-9 * 0.01 / (1e-6 * 2 / 3) / (1e-3 / math.sqrt(3) * 10)
    assert least * 0.99 < run.seconds < least * 1.05
    assert total_error.bias_at(first_order, 2.0**-9) == pytest.approx(2.0**-9 / 10)
    assert total_error.bias_at(first_order, 0.3) == pytest.approx(0.03)


def test_the_best_scheme_of_a_peer_is_told():
    case = total_error.CASES[0]
    ladders = {"euler": {0.1: 1e-2}, "rk4": {0.1: 1e-5}}
    (row,) = total_error.peer_rows(case, 1e-3, {"some": {"euler": 10.0, "rk4": 40.0}}, SPREAD, ladders, 1e-6)
    assert row.quantity == "some, rk4: s"
    assert row.note.startswith("from measured bias and spread, ratio ")


def test_an_unknown_peer_is_refused():
    assert command.selected(None) == ()
    assert command.selected("jax, numpy") == ("jax", "numpy")
    result = CliRunner().invoke(command.peers, ["--only", "numpy,nothing"])
    assert isinstance(result.exception, ValueError)
    assert "there is no peer 'nothing', only xmds2, numpy" in str(result.exception)
    assert set(NAMES) == {"xmds2", "qutip", *(peer.name for peer in PEERS)}


@pytest.mark.long
@pytest.mark.parametrize("name", ["numpy", "numba"])
def test_programs_agree_with_the_exact_mean(name):
    """Means at 5 standard errors and the bias of Euler-Maruyama at this step, 1.5e-3: a false alarm in 10⁶ for each."""
    peer = next(peer for peer in PEERS if peer.name == name)
    small = attrs.evolve(peer, schemes=dict.fromkeys(peer.schemes, 2048))
    task = {**steps.TASK, "dt": 0.01, "steps": 300, "rounds": 1}
    exact = float(steps.MODEL.exact([steps.END])["excited"][0])
    for answer in ask(small, task):
        bias = 1.5e-3 if answer.scheme == "euler" else 0.0
        assert wrong(answer, exact, bias, SPREAD) == ""
        assert wrong(answer, exact + 0.005, bias, SPREAD) != ""
