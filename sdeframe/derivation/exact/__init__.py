"""The same master equation as a density matrix."""
