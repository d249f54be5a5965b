"""The worked example of ``docs/devices.md``, word for word, through every conformance check."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kiosk.devices.contract import DeviceKind
from tests.devices.bench import Bench
from tests.devices.conformance import CHECKS, outlives_a_listener_that_raises
from tests.devices.conformance_operations import OPERATION_CHECKS
from tests.devices.operations import OPERATIONS, Operation

pytestmark = pytest.mark.conformance

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "devices.md"


class Machine:
    """A scanner on TCP: it accepts, sends lines, and can be unplugged."""

    def __init__(self) -> None:
        self._lines: list[socket.socket] = []
        self._arrived = threading.Event()
        self._server = self._listen(0)
        self.address = ("127.0.0.1", self._server.getsockname()[1])

    def _listen(self, port: int) -> socket.socket:
        server = socket.create_server(("127.0.0.1", port), backlog=64)
        threading.Thread(target=self._serve, args=(server,), daemon=True).start()
        return server

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            self._forget_ended()
            self._lines.append(line)
            self._arrived.set()

    def _forget_ended(self) -> None:
        """Lines whose other end is gone are closed, as any machine does sooner or later."""
        for line in list(self._lines):
            line.setblocking(False)
            with suppress(BlockingIOError):
                if not line.recv(1):
                    self._lines.remove(line)
                    line.close()

    def scan(self, code: str) -> None:
        self._arrived.wait(0.5)
        for line in list(self._lines):
            with suppress(OSError):
                line.sendall(code.encode() + b"\n")

    def unplug(self) -> None:
        self._arrived.clear()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        while self._lines:
            self._lines.pop().close()

    def plug(self) -> None:
        self._server = self._listen(self.address[1])


def pieces() -> dict[str, Any]:
    """What the guide's chapter defines."""
    chapter = GUIDE.read_text(encoding="utf-8").split("## A device of your own")[1].split("\n## ")[0]
    blocks = re.findall(r"^   ```python\n(.*?)^   ```", chapter, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    found: dict[str, Any] = {}
    for block in blocks:
        code = re.sub(r"^   ", "", block, flags=re.MULTILINE)
        exec(compile(code, str(GUIDE), "exec"), found)
    return found


@pytest.fixture
def bench() -> Iterator[Bench[Any, Machine]]:
    machine = Machine()
    with pieces()["tcp_scanner"](machine) as bench:
        yield bench
        bench.device.stop()
    machine.unplug()


def _checks() -> list[Any]:
    loud = {outlives_a_listener_that_raises: [pytest.mark.expects_warnings]}
    return [pytest.param(check, marks=loud.get(check, []), id=check.__name__) for check in CHECKS]


@pytest.mark.parametrize("check", _checks())
def test_device(bench: Bench[Any, Machine], check: Callable[[Bench[Any, Any]], None]) -> None:
    check(bench)


@pytest.mark.parametrize("check", OPERATION_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("operation", OPERATIONS[DeviceKind.SCANNER], ids=lambda operation: operation.name)
def test_operation(
    bench: Bench[Any, Machine], operation: Operation, check: Callable[[Bench[Any, Any], Operation], None]
) -> None:
    check(bench, operation)


def test_the_example_stays_short() -> None:
    block = GUIDE.read_text(encoding="utf-8").split("class TcpScanner")[1].split("```")[0]
    assert len([line for line in block.splitlines() if line.strip()]) <= 48
