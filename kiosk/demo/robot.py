"""The robot visitor: presses what a person would press, by its name on the screen, inside the real face."""

import contextlib
import itertools
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk import protocol as p


class RobotError(Exception):
    """The screen is not as a visitor would expect it."""


@dataclass(frozen=True)
class Seen:
    """What stands on the screen: ``is_painted`` when the face says that it is drawn."""

    name: str
    title: str
    serial: int
    is_painted: bool
    key: str = ""
    main: str = ""


class Robot:
    """Drives the face through the core's socket. Not thread-safe; blocking, every wait with an end."""

    def __init__(self, path: Path, timeout_s: float = 30.0) -> None:
        self._ids = itertools.count(1)
        self._timeout_s = timeout_s
        self._answers: dict[int, p.Driven] = {}
        self._arrived = threading.Condition()
        self._is_gone = False
        self._path = path
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        end = time.monotonic() + self._timeout_s
        while True:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                sock.connect(str(self._path))
                break
            except OSError as error:
                sock.close()
                if time.monotonic() > end:
                    raise RobotError(f"no core at {self._path}") from error
                time.sleep(0.02)
        sock.sendall(p.encode(p.Hello(p.VERSION, "robot")))
        threading.Thread(target=self._read, args=(sock,), name="robot", daemon=True).start()
        self._is_gone = False
        return sock

    def reconnect(self) -> None:
        """After the core was restarted."""
        self.close()
        self._socket = self._connect()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self, sock: socket.socket) -> None:
        frames = p.FrameReader()
        try:
            while data := sock.recv(65_536):
                for body in frames.feed(data):
                    with contextlib.suppress(p.ProtocolError):
                        message = p.decode_from_face(body)
                        if isinstance(message, p.Driven):
                            with self._arrived:
                                self._answers[message.id] = message
                                self._arrived.notify_all()
        except (OSError, p.ProtocolError):
            pass
        with self._arrived:
            self._is_gone = True
            self._arrived.notify_all()

    def drive(self, do: str, *, name: str = "", text: str = "", path: str = "") -> str:
        """One act of the robot's hand. Raises RobotError when it can't be done."""
        drive = p.Drive(next(self._ids), do, name, text, path)
        try:
            self._socket.sendall(p.encode(drive))
        except OSError as error:
            raise RobotError(f"the core went away at {do}") from error
        with self._arrived:
            self._arrived.wait_for(lambda: drive.id in self._answers or self._is_gone, self._timeout_s)
            answer = self._answers.pop(drive.id, None)
        if answer is None:
            raise RobotError(f"no answer to {do} {name}")
        if not answer.is_ok:
            raise RobotError(f"{do} {name}: {answer.detail}")
        return answer.detail

    def see(self) -> Seen:
        """The page that stands there now."""
        state = json.loads(self.drive("page"))
        is_painted = state["painted"] >= state["serial"]
        return Seen(state["name"], state["title"], state["serial"], is_painted, state["key"], state["main"])

    def wait(self, is_there: Callable[[Seen], bool], what: str, timeout_s: float | None = None) -> Seen:
        """The first painted page for which ``is_there`` holds."""
        end = time.monotonic() + (timeout_s or self._timeout_s)
        while True:
            seen = self.see()
            if seen.is_painted and is_there(seen):
                return seen
            if time.monotonic() > end:
                raise RobotError(f"waited for {what}, but {seen.name!r} ({seen.title}) stands there")
            time.sleep(0.01)

    def wait_page(self, *names: str, timeout_s: float | None = None) -> Seen:
        """One of the pages by name, painted."""
        return self.wait(lambda seen: seen.name in names, " or ".join(names), timeout_s)

    def wait_past(self, seen: Seen, timeout_s: float | None = None) -> Seen:
        """Any painted page that came after ``seen``."""
        return self.wait(lambda now: now.serial > seen.serial, f"what follows {seen.name}", timeout_s)

    def press(self, name: str) -> None:
        """Press a control by its accessible or object name."""
        self.drive("press", name=name)

    def press_main(self) -> None:
        """Press the one main act of the page, by its label."""
        self.press(self.see().main)

    def type(self, digits: str) -> None:
        """Type on the pad that is shown."""
        self.drive("type", text=digits)

    def keys(self, text: str) -> dict[str, object]:
        """Strike keys of a keypad (``0``-``9 + - * .``, and ``=`` for Enter); what has the focus then."""
        found: dict[str, object] = json.loads(self.drive("key", text=text))
        return found

    def grab(self, path: Path) -> None:
        """Save the window as a PNG."""
        self.drive("grab", path=str(path.resolve()))

    def tree(self) -> list[dict[str, object]]:
        """What assistive technology would find on the screen."""
        found: list[dict[str, object]] = json.loads(self.drive("tree"))
        return found
