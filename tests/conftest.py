"""Settings of every test: how many random examples hypothesis tries, always the same ones."""

import os

from hypothesis import settings

settings.register_profile("fast", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=1000)
settings.load_profile(os.environ.get("SDEFRAME_HYPOTHESIS", "fast"))
