"""Runs that files describe."""
