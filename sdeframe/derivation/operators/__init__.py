"""The algebra in which Hamiltonians are written."""
