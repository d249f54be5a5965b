"""One real face a test, offscreen, with the software renderer."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_QUICK_BACKEND"] = "software"
os.environ["QT_QPA_UPDATE_IDLE_TIME"] = "0"
os.environ["QML_DISABLE_DISK_CACHE"] = "1"
os.environ["QT_ENABLE_HIGHDPI_SCALING"] = "0"

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest

from kiosk import protocol as p
from kiosk.ui.options import Options
from kiosk.ui.window import Face
from tests.gallery import pictures

PORTRAIT = (1080, 1920)
LANDSCAPE = (1920, 1080)
MM_PER_PX = 0.311


def wait_until(condition: Callable[[], bool], timeout_ms: int = 5000) -> bool:
    """Run the event loop until the condition holds; False when it does not in time."""
    end = time.monotonic() + timeout_ms / 1000
    while not condition():
        if time.monotonic() > end:
            return False
        QTest.qWait(4)
    return True


def settle(face: Face) -> None:
    """Let bindings, positioners and frames happen: a positioner moves what the last frame has measured."""
    for _ in range(2):
        QCoreApplication.processEvents()
        face.view.grabWindow()


def show(face: Face, page: p.Page) -> None:
    """Put a page on the screen as if the core had sent it."""
    pictures.hold(face.held)
    face.bridge._receive(p.ShowPage(page=page))
    settle(face)


@pytest.fixture
def make_face(qapp: object, tmp_path: Path) -> Iterator[Callable[..., Face]]:
    faces: list[Face] = []

    def make(size: tuple[int, int] = PORTRAIT, mm_per_px: float = MM_PER_PX, **more: object) -> Face:
        options = Options(
            socket=tmp_path / "core.sock",
            width=size[0],
            height=size[1],
            mm_per_px=mm_per_px,
            is_windowed=True,
            **more,
        )
        face = Face(options)
        faces.append(face)
        face.show()
        QTest.qWaitForWindowExposed(face.view)
        return face

    yield make
    for face in faces:
        face.close()


class Core:
    """The other end of the face's socket, as a test drives it."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._reader = p.FrameReader()
        self.received: list[p.FromFace] = []

    def send(self, message: p.Model) -> None:
        self._connection.sendall(p.encode(message))

    def send_raw(self, data: bytes) -> None:
        self._connection.sendall(data)

    def close(self) -> None:
        self._connection.close()

    def read(self) -> list[p.FromFace]:
        try:
            while data := self._connection.recv(65536):
                self.received += [p.decode_from_face(body) for body in self._reader.feed(data)]
        except BlockingIOError:
            pass
        return self.received

    def of(self, kind: type[p.Model]) -> list[p.Model]:
        return [message for message in self.read() if isinstance(message, kind)]

    def wait_for(self, kind: type[p.Model], count: int = 1, timeout_ms: int = 5000) -> list[p.Model]:
        """Wait until so many messages of a kind have come. Fails the test when they do not."""
        assert wait_until(lambda: len(self.of(kind)) >= count, timeout_ms), f"no {kind.__name__} in {self.received}"
        return self.of(kind)


@pytest.fixture
def core(make_face: Callable[..., Face]) -> Iterator[tuple[Face, Core]]:
    """A face connected to a test's core, its first page painted."""
    face = make_face()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    face.bridge.line.adopt(theirs)
    end = Core(ours)
    end.wait_for(p.Hello)
    yield face, end
    ours.close()
