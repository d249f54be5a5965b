import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.store.database import Store, open_store


@pytest.fixture
def key() -> str:
    return secrets.token_hex(32)


@pytest.fixture
def store(tmp_path: Path, key: str) -> Iterator[Store]:
    opened = open_store(tmp_path / "kiosk.db", key)
    yield opened.store
    opened.store.close()
