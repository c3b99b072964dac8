"""Gauges: one idea a file."""

from sdeframe.gauge import Identity

__all__ = ["Identity"]
