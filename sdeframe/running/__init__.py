"""One run, from what a user gives to a result."""
