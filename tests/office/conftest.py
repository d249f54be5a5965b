"""An office of 160 invented people, seeded once per worker and copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.office.rules import Rules
from kiosk.office.seed import seed
from tests.office.desk import Desk, Hall, copy_of

PEOPLE, SEED = 160, 11


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a seeded office; nobody may change it."""
    folder = tmp_path_factory.mktemp("office")
    seed(folder, PEOPLE, SEED, kiosk="anjungan-test")
    return folder


@pytest.fixture
def rules() -> Rules:
    return Rules()


@pytest.fixture(scope="session")
def hall() -> Iterator[Hall]:
    opened = Hall()
    yield opened
    opened.close()


@pytest.fixture
def desk(hall: Hall, seeded: Path, tmp_path: Path, rules: Rules) -> Iterator[Desk]:
    with hall.desk(copy_of(seeded, tmp_path / "office"), rules) as opened:
        yield opened
