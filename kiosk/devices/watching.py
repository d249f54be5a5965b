"""The loop of every adapter's thread: it outlives what nobody expected, and says so instead of showing an old OK."""

import threading
from collections.abc import Callable

from kiosk.devices.contract import Reason
from kiosk.devices.status import StatusBoard
from kiosk.events import LogEvent, log

RECOVERY_S = 1.0


def keep_watching(board: StatusBoard, stopping: threading.Event, turn: Callable[[], None]) -> None:
    """Run ``turn`` (one look and its pause) until ``stopping``. A turn that raises leaves the device SILENT."""
    while not stopping.is_set():
        try:
            turn()
        except Exception as error:  # noqa: BLE001 (whatever it was, an old OK must not stand)
            name = type(error).__name__
            log(LogEvent.DEVICE_CRASHED, device=board.kind.value, detail=name)
            board.report([Reason.SILENT], f"the adapter failed ({name})")
            stopping.wait(RECOVERY_S)
