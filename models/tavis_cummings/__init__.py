"""The Tavis-Cummings model with what its paper says about it."""

from sdeframe.models.tavis_cummings.model import (
    FORMS,
    A,
    Ad,
    F,
    Fd,
    N,
    S,
    TavisCummings,
    bloch_length,
    g,
    noise_a39,
    noise_a46,
    nph,
    ree,
    reg,
    rge,
)
from sdeframe.models.tavis_cummings.sample import STARTS

__all__ = [
    "FORMS",
    "STARTS",
    "A",
    "Ad",
    "F",
    "Fd",
    "N",
    "S",
    "TavisCummings",
    "bloch_length",
    "g",
    "noise_a39",
    "noise_a46",
    "nph",
    "ree",
    "reg",
    "rge",
]
