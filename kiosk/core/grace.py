"""How long a fault must stand before a citizen's page speaks of it: a shorter one is a blip, and nobody is told."""

from collections.abc import Callable, Mapping

from kiosk.core.loop import Loop, Timer
from kiosk.devices.contract import Band, DeviceKind, Reason, Status
from kiosk.events import LogEvent, log

LOST_S = 1.5
"""The device is not heard of: a plug that wobbles, a service that restarts, a network that coughs."""
TOLD_S = 0.4
"""The device itself says what is wrong; with the adapters' own polling it stands on the screen within a second."""

_LOST = frozenset(
    {Reason.STARTING, Reason.AWAY, Reason.SILENT, Reason.SERVICE_AWAY, Reason.NO_READER, Reason.HELD_BY_ANOTHER}
)


def grace_s(shown: Status | None, heard: Status) -> float:
    """Seconds until ``heard`` may take the place of ``shown``; what serves again is shown at once."""
    if shown is None or not shown.is_usable or heard.is_usable:
        return 0.0
    is_lost = heard.band is Band.UNKNOWN or bool(_LOST & set(heard.reasons))
    return LOST_S if is_lost else TOLD_S


class DeviceNews:
    """What each device last said of itself. ``take`` gets all that pages may speak of; on the loop alone."""

    def __init__(
        self,
        loop: Loop,
        shown: Callable[[], Mapping[DeviceKind, Status]],
        take: Callable[[Mapping[DeviceKind, Status]], None],
    ) -> None:
        self._loop = loop
        self._shown = shown
        self._take = take
        self._heard: dict[DeviceKind, Status] = {}
        self._graces: dict[DeviceKind, Timer] = {}

    def heard(self, kind: DeviceKind) -> Status | None:
        """The last word of a device, shown or not yet."""
        return self._heard.get(kind)

    def hear(self, status: Status) -> bool:
        """One word of a device; whether it serves again after it did not."""
        log(LogEvent.DEVICE_CHANGED, device=status.kind, band=status.band, reason=",".join(status.reasons))
        kind = status.kind
        before, self._heard[kind] = self._heard.get(kind), status
        wait = grace_s(self._shown().get(kind), status)
        if not wait:
            waiting = self._graces.pop(kind, None)
            if waiting is not None:
                waiting.cancel()
            self._show(status)
        elif kind not in self._graces:
            self._graces[kind] = self._loop.after(wait, lambda: self._is_over(kind))
        return status.is_usable and before is not None and not before.is_usable

    def _is_over(self, kind: DeviceKind) -> None:
        del self._graces[kind]
        self._show(self._heard[kind])

    def _show(self, status: Status) -> None:
        devices = {**self._shown(), status.kind: status}
        self._take({kind: devices[kind] for kind in DeviceKind if kind in devices})
