"""Hypothesis strategies for plugin authors (extra ``sdeframe[testing]``); the checks are in `sdeframe.conformance`."""

from sdeframe.testing.strategies import kernels, parameter_values, states, systems, tavis_cummings_parameters

__all__ = ["kernels", "parameter_values", "states", "systems", "tavis_cummings_parameters"]
