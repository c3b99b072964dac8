"""Systems as symbols: pure sympy, no numbers."""
