"""Commands, validation tables and benchmarks: the only users of several plugin packages."""
