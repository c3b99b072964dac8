"""Long work shows its steps where somebody sees them, and nothing anywhere else."""

import io
import sys

import numpy as np

from sdeframe import clear_caches, progress
from sdeframe.derivation import Boson, Coherent, Master, exact_means
from tests.support.screens import Terminal


def terminal(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    return screen


def test_steps_come_through_unseen(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert list(progress.counted(iter(range(5)), 5, "work")) == [0, 1, 2, 3, 4]
    assert sys.stderr.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", None)
    assert not progress.is_seen()


def test_long_work_is_counted_in_a_terminal(monkeypatch):
    screen = terminal(monkeypatch)
    assert list(progress.counted(range(3), 3, "work")) == [0, 1, 2]
    assert "work" not in screen.getvalue()  # it took no two seconds
    monkeypatch.setattr(progress, "DELAY", 0.0)
    assert list(progress.counted(range(3), 3, "work")) == [0, 1, 2]
    assert "work" in screen.getvalue()
    assert "0/3" in screen.getvalue()


def test_an_exact_solution_tells_its_cutoffs_meanwhile(monkeypatch):
    screen = terminal(monkeypatch)
    monkeypatch.setattr(progress, "DELAY", 0.0)
    clear_caches()
    a = Boson("a")
    exact_means(Master(a.dag() * a), {"n": a.dag() * a}, {a: Coherent(1)}, np.linspace(0, 1, 3))
    assert "exact, 5 of a" in screen.getvalue()
    assert "exact, 16 of a" in screen.getvalue()
