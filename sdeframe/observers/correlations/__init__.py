"""Averages of products of values at two times."""
