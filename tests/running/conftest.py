"""The run that most tests here look at."""

import pytest

from tests.support.small_run import run


@pytest.fixture(scope="session")
def result():
    return run()
