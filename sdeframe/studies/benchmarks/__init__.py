"""Tables of cost."""
