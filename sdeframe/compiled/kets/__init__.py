"""Linear algebra of kets, with bits of its own on any number of threads."""
