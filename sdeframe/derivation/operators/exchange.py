"""Operators that exchange one excitation of two-level emitters."""

from __future__ import annotations

from sdeframe.derivation.operators.emitters import Emitters
from sdeframe.derivation.operators.operators import Operator

__all__ = ["exchange", "pair"]


def exchange(atoms: Emitters, a: Operator) -> Operator:
    """Return Σ_μ (σ_eg a + σ_ge a†)."""
    return atoms.sum("eg") * a + atoms.sum("ge") * a.dag()


def pair(atoms: Emitters) -> Operator:
    """Return σ_eg of one identical atom times σ_ge of another one."""
    N = atoms.size
    return (atoms.sum("eg") * atoms.sum("ge") - atoms.sum("ee")) / (N * (N - 1))
