"""What experiments see, against exact values."""
