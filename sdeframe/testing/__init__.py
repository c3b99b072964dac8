"""Hypothesis strategies for plugin authors (extra ``sdeframe[testing]``); the checks are in `sdeframe.conformance`."""

from sdeframe.testing.strategies import parameter_values, states, systems, tavis_cummings_parameters

__all__ = ["parameter_values", "states", "systems", "tavis_cummings_parameters"]
