"""An office of 160 invented people, seeded once per worker and copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.office.rules import Rules
from kiosk.office.seed import seed
from tests.office.desk import Desk, copy_of, open_desk

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


@pytest.fixture
def desk(seeded: Path, tmp_path: Path, rules: Rules) -> Iterator[Desk]:
    with open_desk(copy_of(seeded, tmp_path / "office"), rules) as opened:
        yield opened
