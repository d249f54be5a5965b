"""Fixtures of the long runs."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import office  # noqa: F401 (fixture)


@pytest.fixture
def soak_option(request: pytest.FixtureRequest) -> Callable[[str], float]:
    """A number from the command line, by its option."""
    return lambda name: float(request.config.getoption(name))
