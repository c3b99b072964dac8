"""What balanced sampling gains, held against exact means."""
