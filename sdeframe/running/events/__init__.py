"""What happens to groups while they run."""
