"""One ensemble, from its blocks to their total."""
