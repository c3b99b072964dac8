"""From a master equation to its generator in phase space."""
