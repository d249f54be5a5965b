"""Fixtures of the device tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from kiosk.devices.biometrics import matcher, socket_matcher
from kiosk.devices.printing import document_printer
from kiosk.devices.scan import camera, scanner
from kiosk.devices.slip import printer as slip_printer
from kiosk.devices.surroundings import audio, box, keypad, ups
from tests.devices import hardware
from tests.devices.benches import BENCHES, Bench, open_bench
from tests.devices.stacks import cupsd, eve_printer, node_modules, pcscd, pcscd_socket  # noqa: F401 (fixtures)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With a real device named, its tests alone; without one, nothing of them."""
    if not collection_path.name.startswith("test_"):
        return None
    return (collection_path.name == "test_hardware.py") != bool(hardware.named(config)) or None


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adapters that look more often than in production, so that tests wait less."""
    monkeypatch.setattr(scanner, "POLL_S", 0.02)
    monkeypatch.setattr(scanner, "RETRY_S", 0.1)
    for module, name, seconds in (
        (camera, "FRAME_S", 0.02),
        (camera, "RETRY_S", 0.02),
        (camera, "SILENT_S", 0.5),
        (keypad, "LOOK_S", 0.05),
        (audio, "LOOK_S", 0.05),
        (box, "LOOK_S", 0.05),
        (matcher, "LOOK_S", 0.05),
        (socket_matcher, "LOOK_S", 0.05),
        (ups, "POLL_S", 0.1),
        (ups, "DEADLINE_S", 0.5),
    ):
        monkeypatch.setattr(module, name, seconds)
    for module in (document_printer, slip_printer):
        monkeypatch.setattr(module, "IDLE_POLL_S", 0.2)
        monkeypatch.setattr(module, "BUSY_POLL_S", 0.1)


def _bench(request: pytest.FixtureRequest, tmp_path: Path, eager: None) -> Iterator[Bench[Any, Any]]:
    with ExitStack() as stack:
        bench = open_bench(request.param, tmp_path, stack)
        yield bench
        bench.device.stop()


def _named(part: str) -> list[str]:
    return [name for name in BENCHES if part in name]


any_bench = pytest.fixture(params=list(BENCHES))(_bench)
card_bench = pytest.fixture(params=_named("card-reader"))(_bench)
printer_bench = pytest.fixture(params=[*_named("document-printer"), *_named("card-printer")])(_bench)
slip_bench = pytest.fixture(params=_named("slip-printer"))(_bench)
