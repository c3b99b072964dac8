"""When an ensemble is large enough."""
