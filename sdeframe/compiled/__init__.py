"""Machine code with what it may call, which knows no symbols."""
