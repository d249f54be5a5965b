"""A face without a screen: speaks the protocol, paints at once, and presses by label. For whole visits without Qt."""

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kiosk import protocol as p


class PaperFace:
    """Stands for ``kiosk.ui``; leaves out drawing. ``pages`` keeps every page shown, in order."""

    def __init__(self, path: Path, *, paints: bool = True) -> None:
        self.pages: list[p.Page] = []
        self.pictures: dict[str, bytes] = {}
        self.forgets = 0
        self.paints = paints
        self._events = itertools.count(1)
        self._arrived = threading.Condition()
        self._socket = self._connect(path)
        self._socket.sendall(p.encode(p.Hello(p.VERSION)))
        threading.Thread(target=self._read, name="paper-face", daemon=True).start()

    @staticmethod
    def _connect(path: Path) -> socket.socket:
        end = time.monotonic() + 20
        while True:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                sock.connect(str(path))
            except OSError:
                sock.close()
                if time.monotonic() > end:
                    raise
                threading.Event().wait(0.01)
            else:
                return sock

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self) -> None:
        frames = p.FrameReader()
        while True:
            try:
                data = self._socket.recv(65_536)
            except OSError:
                return
            if not data:
                return
            with contextlib.suppress(OSError):  # the core, or the test, is gone by the time of the answer
                for body in frames.feed(data):
                    self._take(p.decode_to_face(body))

    def _take(self, message: p.ToFace) -> None:
        with self._arrived:
            if isinstance(message, p.ShowPage):
                self.pages.append(message.page)
                if self.paints:
                    self._send(p.Painted(message.page.serial, message.page.name))
            elif isinstance(message, p.ShowPicture):
                self.pictures[message.name] = message.data
            elif isinstance(message, p.Forget):
                self.forgets += 1
                self.pictures.clear()
            self._arrived.notify_all()

    def _send(self, message: p.Model) -> None:
        self._socket.sendall(p.encode(message))

    @property
    def page(self) -> p.Page:
        return self.pages[-1]

    @property
    def names(self) -> list[str]:
        """Names of the pages shown, without repeats in a row."""
        return [name for name, _ in itertools.groupby(page.name for page in self.pages)]

    def wait(self, is_there: Callable[[p.Page], bool], what: str, timeout_s: float = 20) -> p.Page:
        """The newest page once ``is_there`` holds for it."""
        with self._arrived:
            ok = self._arrived.wait_for(lambda: bool(self.pages) and is_there(self.pages[-1]), timeout_s)
            if not ok:
                stands = f"{self.page.name}: {self.page.title} {self.page.body}" if self.pages else "nothing"
                raise AssertionError(f"waited for {what}; saw {self.names}; there stands {stands}")
            return self.pages[-1]

    def wait_moved(self, serial: int, timeout_s: float) -> bool:
        """Whether another page than that one came within the time."""
        with self._arrived:
            return self._arrived.wait_for(lambda: self.pages[-1].serial != serial, timeout_s)

    def wait_page(self, *names: str, timeout_s: float = 20) -> p.Page:
        return self.wait(lambda page: page.name in names, " or ".join(names), timeout_s)

    def actions(self) -> dict[str, tuple[str, bool]]:
        """Label to (action id, is enabled) of everything that can be pressed."""
        page = self.page
        found: dict[str, tuple[str, bool]] = {}
        bars = [page.back, page.home, page.second, page.main, *page.strip.controls]
        body = page.body
        if isinstance(body, p.MenuBody | p.DocumentsBody | p.AttractBody | p.ConsentBody):
            found |= {tile.title: (tile.action, tile.is_enabled) for tile in body.tiles}
            if isinstance(body, p.AttractBody):
                found[body.call] = ("start", True)
        elif isinstance(body, p.SurveyBody):
            bars += body.choices
        elif isinstance(body, p.PreviewBody):
            bars += [body.previous, body.next]
        elif isinstance(body, p.TechnicianBody):
            bars += [test for row in body.devices for test in row.tests]
        return found | {action.label: (action.id, action.is_enabled) for action in bars if action is not None}

    def press(self, label: str) -> p.Page:
        """Press a button by its label, or by ``#`` and its action id; the page it was on."""
        page = self.page
        if label.startswith("#"):
            action = label[1:]
        else:
            actions = self.actions()
            assert label in actions, f"no button {label!r} on {page.name}: {sorted(actions)}"
            action, is_enabled = actions[label]
            assert is_enabled, f"{label!r} is grey on {page.name}"
        self._send(p.Pressed(f"t{next(self._events)}", page.serial, action))
        return page

    def submit(self, action: str, **values: str) -> p.Page:
        page = self.page
        self._send(p.Submitted(f"t{next(self._events)}", page.serial, action, values))
        return page

    def scan(self, text: str) -> None:
        self._send(p.Scanned(f"t{next(self._events)}", self.page.serial, text))

    def send(self, message: p.Model) -> None:
        """Anything else: repeated events, stale serials."""
        self._send(message)
