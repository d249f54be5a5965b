"""``python -m kiosk.ui.dock --control PATH [--people FILE]``: the simulator dock.

A second window for demo and tests: people to tap, faults to press. It speaks JSON lines to the doubles' control socket
and draws its buttons from what they describe. It is no part of the kiosk that citizens touch.
"""

import argparse
import json
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Property, QObject, QSocketNotifier, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication
from PySide6.QtQuick import QQuickView

from kiosk.ui.options import ASSETS
from kiosk.ui.pictures import DrawnPictures
from kiosk.ui.window import GROUND, QML, load_font, prepare_environment

POLL_MS = 700
_CHUNK = 65_536


def read_people(path: Path | None) -> list[dict[str, str]]:
    """People of the demo: ``name``, ``note``, ``uid``, ``nik``, ``pin``. Raises OSError and ValueError."""
    if path is None:
        return []
    people = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(people, list):
        raise ValueError(f"{path}: a list of people is wanted")
    keys = ("name", "note", "uid", "nik", "pin")
    return [{key: str(person.get(key, "") or "") for key in keys} for person in people]


class Dock(QObject):
    """What the dock's QML calls ``dock``. GUI thread; the socket is never waited for."""

    changed = Signal()

    def __init__(self, control: Path, people: list[dict[str, str]]) -> None:
        super().__init__()
        self._path = str(control)
        self._people = people
        self._devices: list[dict[str, Any]] = []
        self._message = ""
        self._socket: socket.socket | None = None
        self._notifier: QSocketNotifier | None = None
        self._received = bytearray()
        self._last_id = 0
        self._described_id = -1
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._ask)

    def start(self) -> None:
        """Connect, and again whenever the doubles were away."""
        self._ask()
        self._poll.start()

    def stop(self) -> None:
        self._poll.stop()
        self._close()

    def _get_people(self) -> list[dict[str, str]]:
        return self._people

    def _get_devices(self) -> str:
        return json.dumps(self._devices)

    def _get_message(self) -> str:
        return self._message

    def _get_connected(self) -> bool:
        return self._socket is not None

    people = Property("QVariantList", _get_people, constant=True)  # type: ignore[arg-type]
    devices = Property(str, _get_devices, notify=changed)
    message = Property(str, _get_message, notify=changed)
    isConnected = Property(bool, _get_connected, notify=changed)

    @Slot(str, str, str)
    def act(self, device: str, do: str, arguments: str) -> None:
        """Send one act; ``arguments`` is a JSON object of what belongs to it."""
        if self._send({"device": device, "do": do, **json.loads(arguments or "{}")}):
            self._say(f"{device}: {do}")
        self._ask()

    def _ask(self) -> None:
        if self._socket is None and not self._connect():
            return
        if self._send({"do": "describe"}):
            self._described_id = self._last_id

    def _connect(self) -> bool:
        attempt = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            attempt.connect(self._path)
        except OSError:
            attempt.close()
            return False
        attempt.setblocking(False)
        self._socket = attempt
        self._received.clear()
        self._notifier = QSocketNotifier(attempt.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self.changed.emit()
        return True

    def _send(self, request: dict[str, Any]) -> bool:
        if self._socket is None:
            return False
        self._last_id += 1
        try:
            self._socket.sendall(json.dumps({"id": self._last_id, **request}).encode() + b"\n")
        except OSError:
            self._close()
            return False
        return True

    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close()
            return
        self._received += data
        while (end := self._received.find(b"\n")) >= 0:
            line = bytes(self._received[:end])
            del self._received[: end + 1]
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        try:
            answer = json.loads(line)
        except ValueError:
            self._say("the doubles sent what is no JSON")
            return
        if not answer.get("ok"):
            self._say(str(answer.get("error", "refused")))
        elif "devices" in answer and answer["devices"] != self._devices:
            self._devices = answer["devices"]
            self.changed.emit()

    def _say(self, message: str) -> None:
        self._message = message
        self.changed.emit()

    def _close(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            self._devices = []
            self.changed.emit()


class Desk(QObject):
    """Stands in for the face's bridge: the shared parts ask it for a tick and for fonts."""

    def __init__(self, fonts: dict[str, object]) -> None:
        super().__init__()
        self._fonts = fonts

    def _get_fonts(self) -> dict[str, object]:
        return self._fonts

    fontData = Property("QVariantMap", _get_fonts, constant=True)  # type: ignore[arg-type]

    @Slot()
    def tick(self) -> None:
        """The dock is silent."""


class DockWindow:
    """The dock's window. ``close`` tears it down in the order Qt needs."""

    def __init__(self, dock: Dock) -> None:
        fonts = load_font("plain")
        fonts |= {"largeFamily": fonts["plainFamily"], "largeCap": fonts["plainCap"]}
        QGuiApplication.setFont(QFont(str(fonts["plainFamily"])))
        self.dock = dock
        self._desk = Desk(fonts)
        self.view = QQuickView()
        self.view.setTitle("Anjungan: simulator")
        self.view.setColor(QColor(GROUND))
        engine = self.view.engine()
        engine.addImageProvider("drawn", DrawnPictures(ASSETS / "icons"))
        engine.rootContext().setContextProperty("dock", dock)
        engine.rootContext().setContextProperty("face", self._desk)
        self.view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self.view.resize(620, 960)
        self.view.setSource(QUrl.fromLocalFile(str(QML / "dock" / "Dock.qml")))

    def close(self) -> None:
        import shiboken6

        self.dock.stop()
        self.view.close()
        shiboken6.delete(self.view)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the dock until its window is closed; returns 0, 2 on a usage error."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.ui.dock", description=__doc__)
    parser.add_argument("--control", type=Path, required=True, help="Unix socket of the doubles")
    parser.add_argument("--people", type=Path, help="JSON list of people to tap")
    given = parser.parse_args(arguments)
    try:
        people = read_people(given.people)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    prepare_environment()
    app = QGuiApplication(["anjungan-dock"])
    from kiosk.ui.window import Stopper

    stopper = Stopper(app)
    window = DockWindow(Dock(given.control, people))
    window.view.show()
    window.dock.start()
    code = app.exec()
    window.close()
    del stopper
    return code


if __name__ == "__main__":
    sys.exit(main())
