"""Diffusion gauges: another noise with the same correlators."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import sympy as sp

from sdeframe.interfaces.gauge import Gauge
from sdeframe.symbolic.algebra import equal
from sdeframe.symbolic.symbols import log_weight
from sdeframe.symbolic.system import SDE
from sdeframe.validators import shown


class DiffusionGauge(Gauge):
    """Another noise with the same correlators `<n_i n_j>`: no average of an analytic function changes.

    A plugin gives the new noise; that the correlators are the same is verified when the system is made. What does
    change is `<n_i n_j*>`, on which the spread of trajectories depends.
    """

    @abstractmethod
    def noise(self, sde: SDE) -> Mapping[sp.Symbol, sp.Expr]:
        """Return the new noise of the variables whose noise changes, and of C0 where it does.

        Raises
        ------
        KeyError
            If the system lacks a variable, noise or parameter that is asked for, named.
        """

    def transform(self, sde: SDE) -> SDE:
        """Return the Itô system with the new noise.

        Raises
        ------
        KeyError
            If the system lacks a variable, noise or parameter that is asked for, named.
        TypeError, ValueError
            If a correlator would be another one; the message shows the first.
        """
        sde = sde.to_ito()
        rows: Any = self.noise(sde)
        if not isinstance(rows, Mapping):
            raise TypeError(f"{shown(self)}.noise() gives {shown(rows)}: must return a dict of noise terms by variable")
        gauged = sde.with_rows({}, rows)
        for x, y in itertools.combinations_with_replacement(sde.state, 2):
            before, after = sde.correlator(x, y), gauged.correlator(x, y)
            if not equal(before, after):
                weighted = "; gauge the diffusion before the drift" if log_weight in (x, y) else ""
                raise ValueError(
                    f"{self} is no diffusion gauge here: <d{x} d{y}>/dt is {after}, not {before}{weighted}"
                )
        return gauged
