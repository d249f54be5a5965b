"""Scanners: a serial one (USB CDC), and the keyboard wedge whose codes the face forwards.

A code is what stands before CR or LF; control characters are removed, and what is longer than any code is thrown away.
"""

import threading
import time
from collections.abc import Callable

from kiosk.devices.contract import DeviceKind, Reason, Status, StatusListener
from kiosk.devices.slip.transport import Opener, SlipTransport, TransportError
from kiosk.devices.status import Clock, StatusBoard, tell_each
from kiosk.devices.watching import keep_watching

MAX_CODE = 4096
POLL_S = 0.2
RETRY_S = 1.0


def clean(text: str) -> str:
    """Without control characters and outer blanks; empty when it is longer than any code."""
    kept = "".join(char for char in text if char.isprintable()).strip()
    return kept if len(kept) <= MAX_CODE else ""


class _Codes:
    """Who listens for codes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def tell(self, code: str) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        tell_each(DeviceKind.SCANNER, listeners, code)


class WedgeScanner:
    """A keyboard wedge: its bursts arrive in the face and are offered here."""

    kind = DeviceKind.SCANNER
    name = "keyboard wedge"

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._board = StatusBoard(self.kind, clock)
        self._codes = _Codes()

    def start(self) -> None:
        """A wedge can't be asked whether it is there: it counts as ready."""
        self._board.report([])

    def stop(self) -> None:
        """Back to not watched."""
        self._board.report([Reason.STARTING])

    def status(self) -> Status:
        """The last snapshot."""
        return self._board.status()

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        """See ``Device.listen``."""
        return self._board.listen(listener)

    def listen_codes(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """See ``Scanner.listen_codes``."""
        return self._codes.listen(listener)

    def offer(self, text: str) -> None:
        """What the face took for a scan; called on any thread, listeners are called on it."""
        code = clean(text)
        if code:
            self._codes.tell(code)


class Framer:
    """Cuts a stream of bytes into codes."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._is_overlong = False

    def feed(self, data: bytes) -> list[str]:
        """The codes that were completed by these bytes; UTF-8, and Latin-1 where it is not."""
        codes: list[str] = []
        for byte in data:
            if byte in (0x0A, 0x0D):
                if not self._is_overlong:
                    code = clean(_text(bytes(self._pending)))
                    if code:
                        codes.append(code)
                self._pending.clear()
                self._is_overlong = False
            elif len(self._pending) >= MAX_CODE:
                self._is_overlong = True
            else:
                self._pending.append(byte)
        return codes


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


class SerialScanner:
    """A scanner on a serial line; AWAY while the device is missing, and back by itself."""

    kind = DeviceKind.SCANNER

    def __init__(self, opener: Opener, name: str, clock: Clock = time.monotonic) -> None:
        self.name = name
        self._opener = opener
        self._board = StatusBoard(self.kind, clock)
        self._codes = _Codes()
        self._life_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to read. A second call does nothing."""
        with self._life_lock:
            if self._thread is not None:
                return
            self._stopping = threading.Event()
            self._thread = threading.Thread(target=self._read, args=(self._stopping,), daemon=True)
            self._thread.name = "scanner line"
            self._thread.start()

    def stop(self) -> None:
        """End the thread and close the line."""
        with self._life_lock:
            thread, self._thread = self._thread, None
            self._stopping.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)

    def status(self) -> Status:
        """The last snapshot."""
        return self._board.status()

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        """See ``Device.listen``."""
        return self._board.listen(listener)

    def listen_codes(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """See ``Scanner.listen_codes``; called on the scanner's thread."""
        return self._codes.listen(listener)

    def _read(self, stopping: threading.Event) -> None:
        def turn() -> None:
            try:
                line = self._opener(time.monotonic() + RETRY_S)
            except TransportError as error:
                self._board.report([Reason.AWAY], str(error))
                stopping.wait(RETRY_S)
                return
            self._board.report([])
            try:
                self._listen(line, stopping)
            except TransportError as error:
                self._board.report([Reason.AWAY], str(error))
                stopping.wait(RETRY_S)
            finally:
                line.close()

        keep_watching(self._board, stopping, turn)
        self._board.report([Reason.STARTING], "stopped")

    def _listen(self, line: SlipTransport, stopping: threading.Event) -> None:
        framer = Framer()
        while not stopping.is_set():
            for code in framer.feed(line.read(time.monotonic() + POLL_S)):
                self._codes.tell(code)
