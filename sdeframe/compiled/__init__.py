"""Machine code, with what it may call: knows no sympy, and its text is part of the kernel cache's key."""
