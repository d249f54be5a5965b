"""Tells the office every so often how this kiosk is, with jitter so that a city's kiosks don't beat together."""

import random
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk import __version__, api
from kiosk.backend.contract import Office
from kiosk.errors import BackendError, StoreError
from kiosk.events import LogEvent, log
from kiosk.settings import Settings

if TYPE_CHECKING:
    from kiosk.core.issues import Issues
    from kiosk.devices.build import Devices
    from kiosk.store.outbox import OutboxStore


class Heart:
    """Own thread; ``stop`` ends it within a call's deadline."""

    def __init__(
        self,
        settings: Settings,
        office: Office,
        devices: "Devices",
        outbox: "OutboxStore",
        issues: "Issues",
        *,
        is_store_lost: bool,
    ) -> None:
        self._settings = settings
        self._office = office
        self._devices = devices
        self._outbox = outbox
        self._issues = issues
        self._is_store_lost = is_store_lost
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def beat(self) -> api.Heartbeat:
        """How this kiosk is, right now."""
        devices = []
        for device in self._devices:
            status = device.status()
            reason = status.reasons[0].value if status.reasons else None
            devices.append(api.DeviceReport(device=status.kind.value, band=status.band.value, reason=reason))
        return api.Heartbeat(
            kiosk=self._settings.kiosk.id,
            version=__version__,
            at=datetime.now(UTC),
            devices=devices,
            open_issues=[issue.slug for issue in self._issues.open()],
            outbox_size=self._outbox.size(),
            is_store_lost=self._is_store_lost,
        )

    def _run(self) -> None:
        while True:
            try:
                self._office.heartbeat(self.beat())
                self._is_store_lost = False
            except (BackendError, StoreError) as error:
                log(LogEvent.HEARTBEAT_FAILED, code=error.code)
            except Exception as error:  # noqa: BLE001 - see below
                # A heart that stops for good would tell the office that the machine is dead.
                log(LogEvent.BUG, detail=type(error).__name__, where="heartbeat")
            wait = self._settings.office.heartbeat_s * random.uniform(0.7, 1.3)  # noqa: S311 - jitter, no secret
            if self._stop.wait(wait):
                return
