"""A camera as a scanner: frames come from a ``GreySource`` and are decoded only while a page waits for a code."""

import threading
import time
from collections.abc import Callable

from kiosk.devices.contract import DeviceKind, Reason, Rejection, ScanListener, ScanOutcome
from kiosk.devices.scan.codes import CodeListeners
from kiosk.devices.scan.frames import FrameError, GreyFrame, GreySource
from kiosk.devices.status import Clock
from kiosk.devices.watching import WatchedDevice

FRAME_S = 0.15
"""Between two looks; six a second are enough for a hand that holds a phone."""

REST_FACTOR = 2.0
"""The rest after a decoding, in its own lengths: at most a third of a core goes into decoding."""

SILENT_S = 3.0
RETRY_S = 1.0

Decoder = Callable[[GreyFrame], list[ScanOutcome]]


def _zxing(frame: GreyFrame) -> list[ScanOutcome]:
    from kiosk.devices.scan.decoder import codes_in

    return codes_in(frame)


class CameraScanner(WatchedDevice):
    """Tells each code once and then not again for ``again_s``, however long it is held to the camera.

    AWAY while there is no source, SILENT when one that sent frames sends none. Frames are thrown away as they come
    while nobody expects a code: nothing is kept, and nothing of a person who walks by is decoded.
    """

    def __init__(
        self,
        source: GreySource,
        again_s: float = 3.0,
        clock: Clock = time.monotonic,
        decode: Decoder = _zxing,
    ) -> None:
        super().__init__(DeviceKind.SCANNER, source.name, clock)
        self._source = source
        self._source_lock = threading.Lock()
        self._again_s = again_s
        self._decode = decode
        self._codes = CodeListeners()
        self._is_expected = threading.Event()
        self._told: dict[int, float] = {}
        """Hash of an outcome (salted by the process) and when it was last seen: what somebody showed is not kept."""
        self._frame_at = 0.0

    def listen_codes(self, listener: ScanListener) -> Callable[[], None]:
        """See ``Scanner.listen_codes``."""
        return self._codes.listen(listener)

    def expect(self, is_expected: bool) -> None:
        """See ``Scanner.expect``."""
        if is_expected:
            self._is_expected.set()
        else:
            self._is_expected.clear()

    def _turn(self, stopping: threading.Event) -> None:
        # One thread at a time has the source, also while one life ends and the next begins, and gives it back itself.
        with self._source_lock:
            self._frame_at = time.monotonic()
            try:
                while not stopping.is_set():
                    self._watch(stopping)
            finally:
                self._source.close()

    def _watch(self, stopping: threading.Event) -> None:
        began = time.monotonic()
        try:
            frame = self._source.frame(began + FRAME_S)
        except FrameError as error:
            self._frame_at = began
            self._board.report([Reason.AWAY], str(error))
            stopping.wait(RETRY_S)
            return
        if frame is None:
            # A source that waits for files has none to give and is well; a stream that gives none has fallen silent.
            if not self._source.is_stream:
                self._board.report([])
            elif time.monotonic() - self._frame_at > SILENT_S:
                self._board.report([Reason.SILENT], "no frames")
        else:
            self._frame_at = time.monotonic()
            self._board.report([])
            if self._is_expected.is_set():
                self._look(frame)
        spent = time.monotonic() - (self._frame_at if frame is not None else began)
        stopping.wait(max(FRAME_S - spent, REST_FACTOR * spent if frame is not None else 0.01))

    def _look(self, frame: GreyFrame) -> None:
        found = self._decode(frame)
        now = time.monotonic()
        self._told = {mark: at for mark, at in self._told.items() if now - at < self._again_s}
        if len(found) > 1:
            found = [ScanOutcome(rejection=Rejection.SEVERAL)]
        for outcome in found:
            is_new = hash(outcome) not in self._told
            self._told[hash(outcome)] = now
            if is_new and self._is_expected.is_set():
                self._codes.tell(outcome)
