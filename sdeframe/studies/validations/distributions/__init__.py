"""Distributions held against exact ones."""
