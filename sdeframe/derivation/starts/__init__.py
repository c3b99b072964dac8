"""From quantum states to random initial values."""
