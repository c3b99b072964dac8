"""What the command line offers beside tables."""
