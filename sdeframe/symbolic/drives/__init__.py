"""Functions that are given by values."""
