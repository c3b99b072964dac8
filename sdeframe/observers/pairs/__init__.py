"""Averages over pairs of kets of different groups."""
