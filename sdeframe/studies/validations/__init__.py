"""Tables that hold results against known answers."""
