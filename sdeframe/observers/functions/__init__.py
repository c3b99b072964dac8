"""Functions of means."""
