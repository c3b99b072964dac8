"""What peers run, each in an interpreter of its own; nothing of sdeframe is imported there."""
