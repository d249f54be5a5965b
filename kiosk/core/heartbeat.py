"""Tells the office every so often how this kiosk is, with jitter so that a city's kiosks don't beat together."""

import random
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
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


KEEP_AFTER = 10
"""Beats in vain before one of them goes into the outbox."""
KEEP_EVERY_S = 600.0


@dataclass(frozen=True, slots=True)
class StoreLoss:
    """A store that began anew, ``at`` seconds since 1970; ``on_told`` notes durably that the office heard of it."""

    at: float
    on_told: Callable[[], None] = lambda: None


class Heart:
    """Own thread; ``stop`` ends it within a call's deadline."""

    def __init__(
        self,
        settings: Settings,
        office: Office,
        devices: "Devices",
        outbox: "OutboxStore",
        issues: "Issues",
        loss: StoreLoss | None,
        hear_time: Callable[[datetime], None] = lambda at: None,
    ) -> None:
        self._settings = settings
        self._office = office
        self._devices = devices
        self._outbox = outbox
        self._issues = issues
        self._loss = loss
        self._hear_time = hear_time
        self._missed = 0
        self._kept_at = float("-inf")
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
            missed=self._missed,
            is_store_lost=self._loss is not None,
            store_age_s=None if self._loss is None else max(0, round(time.time() - self._loss.at)),
        )

    def _run(self) -> None:
        while True:
            try:
                beat = self.beat()
                answer = self._office.heartbeat(beat)
                self._issues.is_audit_refused = answer.is_audit_refused
                self._issues.clock_off_s = time.time() - answer.time.timestamp()
                self._hear_time(answer.time)
                self._missed = 0
                if self._loss is not None and beat.is_store_lost:
                    self._loss.on_told()
                    self._loss = None
            except (BackendError, StoreError) as error:
                log(LogEvent.HEARTBEAT_FAILED, code=error.code)
                self._miss()
            except Exception as error:  # noqa: BLE001 - see below
                # A heart that stops for good would tell the office that the machine is dead.
                log(LogEvent.BUG, error=type(error).__name__, where="heartbeat")
            wait = self._settings.office.heartbeat_s * random.uniform(0.7, 1.3)  # noqa: S311 - jitter, no secret
            if self._stop.wait(wait):
                return

    def _miss(self) -> None:
        """Nobody heard this one. Of all that go by unheard the outbox keeps the newest, which says how many they are.

        Not each time: weeks without a network are not to cost the disk a write every half minute.
        """
        self._missed += 1
        now = time.monotonic()
        if self._missed < KEEP_AFTER or now < self._kept_at + KEEP_EVERY_S:
            return
        self._kept_at = now
        try:
            beat = self.beat()
            key = f"beat-{beat.at.timestamp():.0f}-{secrets.token_hex(4)}"
            body = beat.model_dump_json().encode()
            self._outbox.add(kind="heartbeat", subject="heartbeat", key=key, body=body, at=time.time())
        except StoreError as error:
            log(LogEvent.HEARTBEAT_FAILED, code=error.code)
