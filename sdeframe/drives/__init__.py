"""What acts on a system from outside, as expressions."""
