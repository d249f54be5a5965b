"""What holds for every test: unexpected WARNING logs fail it, and the texts that it asks for must exist."""

import logging
from collections.abc import Iterator

import pytest

from kiosk import texts


class _Catcher(logging.Handler):
    """Keeps records of level WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """By its number: a bare machine may have no hosts file that knows localhost."""
    return ("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def _quiet_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that expects warnings carries ``@pytest.mark.expects_warnings``."""
    catcher = _Catcher()
    root = logging.getLogger()
    root.addHandler(catcher)
    yield
    root.removeHandler(catcher)
    if request.node.get_closest_marker("expects_warnings") is None and catcher.records:
        lines = [f"{record.name}: {record.levelname}: {record.getMessage()}" for record in catcher.records]
        pytest.fail("unexpected log records:\n" + "\n".join(lines), pytrace=False)


@pytest.fixture(autouse=True)
def _known_texts() -> Iterator[None]:
    """No test may show a text that no catalogue has."""
    texts.missing.clear()
    yield
    missing, _ = sorted(texts.missing), texts.missing.clear()
    if missing:
        pytest.fail(f"missing texts: {missing}", pytrace=False)
