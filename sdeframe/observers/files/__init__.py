"""Files that are filled while a run goes on."""
