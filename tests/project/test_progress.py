"""What counts: a bar in terminals and notebooks, a line now and then elsewhere, nothing where nobody asked."""

import builtins
import io
import sys
from types import ModuleType

import pytest

from sdeframe import progress
from sdeframe.campaigns.step_choice import choose_dt
from sdeframe.integrators import EulerMaruyama
from sdeframe.models import OrnsteinUhlenbeck
from sdeframe.progress import busy, progress_bar
from tests.support.screens import Terminal


@pytest.fixture
def clock(monkeypatch):
    """The time, which only tests move on."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def on(monkeypatch, stream):
    screen = stream()
    monkeypatch.setattr("sys.stderr", screen)
    return screen


def test_a_pipe_gets_a_line_now_and_then(monkeypatch, clock):
    screen = on(monkeypatch, io.StringIO)
    with progress_bar(100_000, True) as done:
        with done.busy("compiling"):
            clock[0] += 30
        for _ in range(10):
            clock[0] += 9
            done(10_000)
    assert screen.getvalue().splitlines() == [
        "sdeframe: compiling took 30 s",
        "sdeframe: 20,000 of 100,000 trajectories after 18 s, about 72 s left",
        "sdeframe: 90,000 of 100,000 trajectories after 81 s, about 9 s left",
    ]


def test_what_is_quick_or_not_asked_for_says_nothing(monkeypatch, clock):
    screen = on(monkeypatch, io.StringIO)
    with progress_bar(1000, True) as done, busy("exact solution"):
        done(1000)
    with progress_bar(1000, False) as done, done.busy("compiling"):
        clock[0] += 1000
        done(1000)
    monkeypatch.setattr("sys.stderr", None)
    with progress_bar(1000, True) as done, busy("exact solution"):
        done(1000)
    assert screen.getvalue() == ""


def test_a_terminal_sees_what_is_compiled_solved_and_searched(monkeypatch):
    screen = on(monkeypatch, Terminal)
    with progress_bar(1000, True) as done:
        with done.busy("compiling"):
            done(0)
        done(1000)
    with busy("exact solution"):
        pass
    model = OrnsteinUhlenbeck()
    choose_dt(model, EulerMaruyama(dt=0.25), 0.5, times=[0.5], trajectories=64)
    for said in ("compiling", "1.00k/1.00k", "exact solution ...", "3.00 step sizes"):
        assert said in screen.getvalue(), said


def test_a_notebook_without_widgets_gets_a_bar_of_text_and_no_warning(monkeypatch):
    """What tqdm.auto does there is a TqdmWarning."""
    kept = builtins.__import__

    def without_widgets(name, *rest, **more):
        if name.partition(".")[0] == "ipywidgets":
            raise ImportError(name)
        return kept(name, *rest, **more)

    for name in ("ipykernel", "IPython"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(builtins, "__import__", without_widgets)
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    screen = on(monkeypatch, io.StringIO)
    with progress_bar(1000, True) as done:
        done(1000)
    assert "1.00k/1.00k" in screen.getvalue()
