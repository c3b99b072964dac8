"""Hypothesis strategies for plugin authors (extra ``sdeframe[testing]``)."""
