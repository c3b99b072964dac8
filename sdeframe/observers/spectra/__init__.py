"""Observers of one number a trajectory, taken over a window of time."""
