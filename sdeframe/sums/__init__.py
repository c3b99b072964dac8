"""Sums that no grouping changes."""
