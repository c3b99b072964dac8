"""How work reaches threads, processes or other machines."""
