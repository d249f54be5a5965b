"""The loop of every adapter's thread: it outlives what nobody expected, and says so instead of showing an old OK."""

import threading
import time
from collections.abc import Callable

from kiosk.devices.contract import DeviceKind, Reason, Status, StatusListener
from kiosk.devices.status import Clock, StatusBoard
from kiosk.events import LogEvent, log

RECOVERY_S = 1.0
JOIN_S = 5.0


def keep_watching(board: StatusBoard, stopping: threading.Event, turn: Callable[[], None]) -> None:
    """Run ``turn`` (one look and its pause) until ``stopping``. A turn that raises leaves the device SILENT."""
    while not stopping.is_set():
        try:
            turn()
        except Exception as error:  # noqa: BLE001 (whatever it was, an old OK must not stand)
            name = type(error).__name__
            log(LogEvent.DEVICE_CRASHED, device=board.kind.value, error=name)
            board.report([Reason.SILENT], f"the adapter failed ({name})")
            stopping.wait(RECOVERY_S)


class WatchedDevice:
    """What adapters with a thread of their own share: start, stop, status and listeners.

    An adapter gives ``_turn``: one look at its machine and the pause behind it, on the watch's thread.
    """

    def __init__(self, kind: DeviceKind, name: str, clock: Clock = time.monotonic) -> None:
        self.kind = kind
        self.name = name
        self._board = StatusBoard(kind, clock)
        self._life_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to watch. A second call does nothing."""
        with self._life_lock:
            if self._thread is not None:
                return
            stopping = self._stopping = threading.Event()
            self._opened()

            def watch() -> None:
                keep_watching(self._board, stopping, lambda: self._turn(stopping))

            self._thread = threading.Thread(target=watch, name=f"{self.kind.value} watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the watch, at most ``JOIN_S`` later; nobody knows the state afterwards."""
        with self._life_lock:
            thread, self._thread = self._thread, None
            self._stopping.set()
        if thread is not None and thread is not threading.current_thread():
            self._interrupt()
            thread.join(JOIN_S)
            self._board.report([Reason.STARTING], "stopped")
        self._closed()

    def status(self) -> Status:
        """The last snapshot."""
        return self._board.status()

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        """See ``Device.listen``."""
        return self._board.listen(listener)

    def _turn(self, stopping: threading.Event) -> None:
        """One look and its pause; what it raises leaves the device SILENT for ``RECOVERY_S``."""
        raise NotImplementedError

    def _opened(self) -> None:
        """Before the thread starts."""

    def _interrupt(self) -> None:
        """Let a turn that waits come to its end; called on the stopping thread."""

    def _closed(self) -> None:
        """After the thread ended, also where none ran: give back lines and sockets."""
