"""Fixtures of the life tests: those of the end-to-end tests."""

from tests.e2e.conftest import office, start_kiosk  # noqa: F401 (fixtures)
