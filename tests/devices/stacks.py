"""Fixtures for the real stacks. None may skip: what is missing fails, and names the package."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.devices.simulated.stacks import Cupsd, EvePrinter, Pcscd

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def pcscd_socket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One socket for this process: libpcsclite reads its name once, at the first call."""
    folder = tmp_path_factory.mktemp("pcscd")
    os.environ["PCSCLITE_CSOCK_NAME"] = str(folder / "pcscd.comm")
    return folder


@pytest.fixture
def pcscd(pcscd_socket: Path) -> Iterator[Pcscd]:
    """A real pcscd with two virtual slots."""
    stack = Pcscd(pcscd_socket)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def eve_printer(tmp_path: Path) -> Iterator[EvePrinter]:
    """A real ippeveprinter whose sheets move in our engine."""
    stack = EvePrinter(tmp_path / "eve")
    stack.start()
    yield stack
    stack.plan()
    stack.stop()


@pytest.fixture
def cupsd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cupsd]:
    """A private scheduler; its folder must be reachable for its filters, which run as another user."""
    folder = tmp_path_factory.mktemp("cups")
    for parent in [folder, *folder.parents]:
        if parent.owner() == folder.owner() and parent != Path("/") and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o011)
    stack = Cupsd(folder / "c")
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """receiptio and receiptline, installed once into ``build/node`` by npm."""
    folder = ROOT / "build" / "node"
    modules = folder / "node_modules"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        # Several test processes may want it at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (modules / "receiptio" / "package.json").exists():
            subprocess.run(
                ["npm", "install", "receiptio@2.1.2", "--prefix", str(folder), "--no-audit", "--no-fund"],
                check=True,
                capture_output=True,
                timeout=90,
            )
    return modules
