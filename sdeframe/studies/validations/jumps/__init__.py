"""Systems with jumps against known answers."""
