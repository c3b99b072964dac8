"""Work that is kept while a run goes on."""
