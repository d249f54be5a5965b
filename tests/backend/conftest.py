"""An office for the client under test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.backend.breaker import Breaker
from kiosk.backend.client import OfficeClient
from kiosk.office.seed import seed
from kiosk.settings import OfficeTable
from tests.office.desk import Desk, Hall, copy_of

Connect = Callable[..., OfficeClient]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a seeded office; nobody may change it."""
    folder = tmp_path_factory.mktemp("backend-office")
    seed(folder, 160, 23, kiosk="anjungan-test")
    return folder


@pytest.fixture(scope="session")
def hall() -> Iterator[Hall]:
    opened = Hall()
    yield opened
    opened.close()


@pytest.fixture
def desk(hall: Hall, seeded: Path, tmp_path: Path) -> Iterator[Desk]:
    with hall.desk(copy_of(seeded, tmp_path / "office")) as opened:
        yield opened


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes clients and closes them. ``deadline_s`` and the other keys are those of the office's table."""
    made: list[OfficeClient] = []

    def make(url: str, breaker: Breaker | None = None, **table: object) -> OfficeClient:
        client = OfficeClient(OfficeTable.model_validate({"url": url, **table}), breaker)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(desk: Desk, connect: Connect) -> OfficeClient:
    return connect(desk.url, token_file=desk.token_file)
