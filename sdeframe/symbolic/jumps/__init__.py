"""Jumps at random times, as symbols."""
