"""What a run with jumps is checked for."""
