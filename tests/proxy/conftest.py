"""A seeded office that nobody changes; each test copies it."""

from pathlib import Path

import pytest

from kiosk.office.seed import seed


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proxy-office")
    seed(folder, 160, 29, kiosk="anjungan-test")
    return folder
