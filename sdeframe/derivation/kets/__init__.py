"""Kets of coherent states in place of density matrices: what a Hamiltonian does to them from the left."""
