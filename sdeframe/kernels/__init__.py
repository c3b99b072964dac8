"""From a system under a scheme to a kernel."""
