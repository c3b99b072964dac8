"""Hypothesis strategies for plugin authors (extra ``sdeframe[testing]``); the checks are in `sdeframe.conformance`."""

from sdeframe.testing.strategies import states, systems

__all__ = ["states", "systems"]
