"""Poles that nobody declared, against exact values."""
