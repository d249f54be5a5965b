"""The watch on a UPS, whichever way it is asked."""

import threading
import time

from kiosk.devices.contract import DeviceKind, PowerReading, Reason
from kiosk.devices.status import Clock
from kiosk.devices.surroundings.ups_links import UpsAwayError, UpsLink, UpsSilentError
from kiosk.devices.watching import WatchedDevice

POLL_S = 2.0
DEADLINE_S = 2.0


class UpsWatch(WatchedDevice):
    """ON_BATTERY warns, BATTERY_LOW is an error; no answer is AWAY or SILENT, and never "the mains are there"."""

    def __init__(self, link: UpsLink, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.POWER, link.name, clock)
        self._link = link
        self._reading: PowerReading | None = None

    def reading(self) -> PowerReading | None:
        """See ``PowerSupply.reading``."""
        return self._reading

    def _turn(self, stopping: threading.Event) -> None:
        try:
            reading = self._link.ask(time.monotonic() + DEADLINE_S)
        except UpsAwayError as error:
            self._reading = None
            self._board.report([Reason.AWAY], str(error))
        except UpsSilentError as error:
            self._reading = None
            self._board.report([Reason.SILENT], str(error))
        else:
            self._reading = reading
            self._board.report(reasons_of(reading), reading.words)
        stopping.wait(POLL_S)

    def _closed(self) -> None:
        self._reading = None


def reasons_of(reading: PowerReading) -> list[Reason]:
    """What a reading means for the machine."""
    facts = (
        (reading.is_battery_low, Reason.BATTERY_LOW),
        (reading.is_on_battery, Reason.ON_BATTERY),
        (reading.needs_battery, Reason.BATTERY_OLD),
        (reading.is_overloaded, Reason.OVERLOADED),
    )
    return [reason for is_so, reason in facts if is_so]
