"""What holds for every test: unexpected WARNING logs fail it, and the texts that it asks for must exist."""

import logging
from collections.abc import Iterator

import pytest

from kiosk import texts


def pytest_addoption(parser: pytest.Parser) -> None:
    """Named devices at the bench, and how long the long runs last."""
    bench = parser.getgroup("hardware", "real devices at the bench: see docs/devices.md")
    bench.addoption("--reader", metavar="NAME", help="a PC/SC reader, by its name or a part of it")
    bench.addoption("--document-printer", metavar="URI", help="a printer for A4, ipp://...")
    bench.addoption("--card-printer", metavar="URI", help="a printer for ID-1 cards, ipp://...")
    bench.addoption("--slip-printer", metavar="ADDRESS", help="host:port or a character device")
    bench.addoption("--scanner", metavar="PATH", help="a character device")
    bench.addoption("--person", metavar="COMMAND", help="answers the prompts instead of the terminal: gets each as $1")
    soak = parser.getgroup("soak", "long runs: ./dev soak")
    soak.addoption("--minutes", type=float, default=0.0, help="all long runs together end after about so long")
    soak.addoption("--chaos-seconds", type=float, default=600.0, help="how long each lane of the chaos test lasts")
    soak.addoption("--chaos-seed", type=int, default=0, help="0: a new one, printed")
    soak.addoption("--soak-visits", type=int, default=20_000, help="visits of the robot on doubles")
    soak.addoption("--soak-lanes", type=int, default=4, help="kiosks side by side, each with an office of its own")
    soak.addoption("--soak-seed", type=int, default=0, help="0: a new one, printed")
    soak.addoption("--soak-minutes", type=float, default=0.0, help="end the robot's visits after so long; 0: no limit")
    soak.addoption("--soak-engine-visits", type=int, default=300_000, help="visits of the engine with printing")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long runs take part only where ``-m`` names them: ``./dev soak``."""
    if "soak" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


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
