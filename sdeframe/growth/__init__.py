"""What the degrees of a drift tell of its movable poles."""
