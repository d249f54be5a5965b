"""One thread that has something to do with the office, round after round, and at once when the office is back."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

from kiosk.backend.contract import Office, Reachability
from kiosk.errors import StoreError
from kiosk.events import LogEvent, log, place_of

JOIN_S = 3.0
LEAST_S = 0.05
"""Between two rounds, also where a clock that stands still says that there is no time to wait."""


class OfficeWorker(ABC):
    """A round that raises is logged, and the next one comes ``idle_s`` later: nothing ends the thread but ``stop``."""

    def __init__(self, name: str, office: Office, idle_s: float) -> None:
        self._name = name
        self._office = office
        self._idle_s = idle_s
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._is_back = threading.Event()
        self._thread: threading.Thread | None = None
        self._unlisten: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin. A second call does nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
            self._unlisten = self._office.listen(self._office_moved)

    def stop(self) -> None:
        """End the thread; a call under way is not waited for longer than 3 s, and loses nothing. Idempotent."""
        unlisten, self._unlisten = self._unlisten, lambda: None
        unlisten()
        self._stopping.set()
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(JOIN_S)

    def wake(self) -> None:
        """There may be something to do. From any thread; never blocks."""
        self._wake.set()

    @abstractmethod
    def _round(self) -> float:
        """Everything that is due, on this thread; seconds until the next round. May raise StoreError."""

    @abstractmethod
    def _office_is_back(self) -> None:
        """What waited for it need wait no more; on this thread, before the round. May raise StoreError."""

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            wait = self._idle_s
            try:
                if self._is_back.is_set():
                    self._is_back.clear()
                    self._office_is_back()
                wait = self._round()
            except StoreError as error:
                log(LogEvent.STORE_REFUSED, code=error.code, name=self._name)
            except Exception as error:  # noqa: BLE001 - a fault of the program must not end the thread
                log(LogEvent.BUG, error=type(error).__name__, where=place_of(error))
            if not self._stopping.is_set():
                self._wake.wait(max(wait, LEAST_S))

    def _office_moved(self, reachability: Reachability) -> None:
        if reachability is Reachability.ONLINE:
            self._is_back.set()
            self._wake.set()
