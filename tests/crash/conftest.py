"""Where the killed kiosks keep their stores: in memory where there is such a place. What was synced the trace knows."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A folder of this module's own."""
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def disks(memory: Path) -> Path:
    """An empty folder in it, for the disks of one test."""
    return Path(tempfile.mkdtemp(dir=memory))
