"""Coefficients as functions of time."""
