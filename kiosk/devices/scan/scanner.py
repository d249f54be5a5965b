"""Scanners on a line of their own (USB CDC), and the keyboard wedge whose bursts the face forwards."""

import threading
import time
from collections.abc import Callable

from kiosk.devices.contract import DeviceKind, Reason, Rejection, ScanListener, ScanOutcome, Status, StatusListener
from kiosk.devices.scan.codes import CodeListeners, code_of
from kiosk.devices.scan.framer import Framer
from kiosk.devices.slip.transport import Opener, SlipTransport, TransportError
from kiosk.devices.status import Clock, StatusBoard
from kiosk.devices.watching import WatchedDevice

POLL_S = 0.2
RETRY_S = 1.0


class WedgeScanner:
    """A keyboard wedge: its bursts arrive in the face and are offered here."""

    kind = DeviceKind.SCANNER
    name = "keyboard wedge"

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._board = StatusBoard(self.kind, clock)
        self._codes = CodeListeners()

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

    def listen_codes(self, listener: ScanListener) -> Callable[[], None]:
        """See ``Scanner.listen_codes``."""
        return self._codes.listen(listener)

    def expect(self, is_expected: bool) -> None:
        """A wedge types whenever it likes."""

    def offer(self, text: str) -> None:
        """A burst of keys; ``""`` is one that stopped without its Enter. Listeners are called on this thread."""
        self._codes.tell(code_of(text) if text else ScanOutcome(rejection=Rejection.HALF))


class SerialScanner(WatchedDevice):
    """A scanner on a serial line; AWAY while the device is missing, and back by itself.

    The line has no heartbeat: a scanner that is there and dead looks like one that nobody holds a code to.
    """

    def __init__(
        self, opener: Opener, name: str, clock: Clock = time.monotonic, *, ends_by_pause: bool = False
    ) -> None:
        super().__init__(DeviceKind.SCANNER, name, clock)
        self._opener = opener
        self._codes = CodeListeners()
        self._ends_by_pause = ends_by_pause

    def listen_codes(self, listener: ScanListener) -> Callable[[], None]:
        """See ``Scanner.listen_codes``."""
        return self._codes.listen(listener)

    def expect(self, is_expected: bool) -> None:
        """Reads always, so that no code waits in the kernel for the next person; the core drops what it expects not."""

    def _turn(self, stopping: threading.Event) -> None:
        try:
            line = self._opener(time.monotonic() + RETRY_S)
        except TransportError as error:
            self._board.report([Reason.AWAY], str(error))
            stopping.wait(RETRY_S)
            return
        self._board.report([])
        try:
            self._read(line, stopping)
        except TransportError as error:
            self._board.report([Reason.AWAY], str(error))
            stopping.wait(RETRY_S)
        finally:
            line.close()

    def _read(self, line: SlipTransport, stopping: threading.Event) -> None:
        framer = Framer(ends_by_pause=self._ends_by_pause)
        while not stopping.is_set():
            data = line.read(time.monotonic() + POLL_S)
            for outcome in framer.feed(data, time.monotonic()):
                self._codes.tell(outcome)
            self._board.report([])
