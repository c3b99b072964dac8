"""How what trajectories hold is distributed."""
