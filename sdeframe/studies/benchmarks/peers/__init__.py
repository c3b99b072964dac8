"""Other programs on the same problem."""
