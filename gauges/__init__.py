"""Gauges: one idea a file."""

from sdeframe.gauges.a41 import A41
from sdeframe.gauges.chain import Chain
from sdeframe.gauges.decoupled import Decoupled
from sdeframe.gauges.diffusion import DiffusionGauge
from sdeframe.gauges.drift import DriftGauge
from sdeframe.gauges.quartic import QuarticDrift
from sdeframe.gauges.scaled import ScaledNoise
from sdeframe.gauges.shift_kernel import shift_kernel
from sdeframe.gauges.switch import Always, ConditionalSwitch, Switch, TanhSwitch
from sdeframe.interfaces.gauge import Identity

__all__ = [
    "A41",
    "Always",
    "Chain",
    "ConditionalSwitch",
    "Decoupled",
    "DiffusionGauge",
    "DriftGauge",
    "Identity",
    "QuarticDrift",
    "ScaledNoise",
    "Switch",
    "TanhSwitch",
    "shift_kernel",
]
