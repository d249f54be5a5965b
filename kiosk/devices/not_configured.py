"""Devices that this machine does not have: they say so, and every operation ends at once."""

import time
from collections.abc import Callable, Iterable
from threading import Event

from kiosk.devices.contract import (
    BoxReading,
    CardRead,
    CardReadKind,
    DeviceKind,
    ImageShift,
    Job,
    JobReport,
    JobState,
    MatchEnd,
    MatchReport,
    PowerReading,
    Presence,
    PrinterCapabilities,
    RasterForm,
    Reason,
    ScanListener,
    SlipBitmap,
    SlipEnd,
    SlipOutcome,
    Status,
    StatusListener,
)
from kiosk.devices.status import Clock, StatusBoard
from kiosk.errors import DeviceError, ErrorCode


def _nothing() -> None:
    """Ends a listening that never was."""


class _Missing:
    """UNKNOWN, not configured, for ever."""

    name = "none"

    def __init__(self, kind: DeviceKind, clock: Clock = time.monotonic) -> None:
        self.kind = kind
        self._board = StatusBoard(kind, clock)
        self._board.report([Reason.NOT_CONFIGURED])

    def start(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""

    def status(self) -> Status:
        """UNKNOWN with NOT_CONFIGURED."""
        return self._board.status()

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        """See ``Device.listen``."""
        return self._board.listen(listener)


class MissingCardReader(_Missing):
    """No card reader."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.CARD_READER, clock)

    def presence(self) -> Presence:
        """Never a card."""
        return Presence(False, 0)

    def listen_cards(self, listener: Callable[[Presence], None]) -> Callable[[], None]:
        """Never called."""
        del listener
        return _nothing

    def read(self, deadline_s: float, cancel: Event) -> CardRead:
        """READER_AWAY at once."""
        del deadline_s, cancel
        return CardRead(CardReadKind.READER_AWAY, detail=Reason.NOT_CONFIGURED.value)

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool:
        """Never."""
        del read, deadline_s
        return False


class MissingPrinter(_Missing):
    """No document or card printer; everything that would need one raises DeviceError PRINTER_AWAY."""

    def __init__(self, kind: DeviceKind = DeviceKind.DOCUMENT_PRINTER, clock: Clock = time.monotonic) -> None:
        super().__init__(kind, clock)

    def capabilities(self) -> PrinterCapabilities:
        """None at all."""
        return PrinterCapabilities()

    def set_shift(self, shift: ImageShift) -> None:
        """Nothing prints, so nothing moves."""
        del shift

    def raster_form(self) -> RasterForm | None:
        """None."""
        return None

    def look(self, deadline_s: float = 2.0) -> PrinterCapabilities:
        """None at all."""
        del deadline_s
        return PrinterCapabilities()

    def create(self, name: str, pages: int, deadline_s: float) -> Job:
        """Raises DeviceError."""
        del name, pages, deadline_s
        raise self._error()

    def send(self, job: Job, document: bytes | Iterable[bytes], deadline_s: float) -> None:
        """Raises DeviceError."""
        del job, document, deadline_s
        raise self._error()

    def poll(self, job: Job, deadline_s: float = 2.0) -> JobReport:
        """UNKNOWN."""
        del job, deadline_s
        return JobReport(JobState.UNKNOWN, detail=Reason.NOT_CONFIGURED.value)

    def find(self, name: str, deadline_s: float = 5.0) -> tuple[Job, JobReport] | None:
        """Raises DeviceError: what a printer that was taken away once printed can't be told."""
        del name, deadline_s
        raise self._error()

    def cancel(self, job: Job, deadline_s: float = 5.0) -> bool:
        """Nothing can be ended."""
        del job, deadline_s
        return False

    def open_jobs(self, deadline_s: float = 5.0) -> list[Job]:
        """None: there is no printer that could hold one."""
        del deadline_s
        return []

    def _error(self) -> DeviceError:
        return DeviceError(ErrorCode.PRINTER_AWAY, Reason.NOT_CONFIGURED.value)


class MissingSlipPrinter(_Missing):
    """No slip printer."""

    def __init__(self, width_dots: int, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.SLIP_PRINTER, clock)
        self.width_dots = width_dots

    def print_slip(self, slip: SlipBitmap, deadline_s: float) -> SlipOutcome:
        """FAILED at once."""
        del slip, deadline_s
        return SlipOutcome(SlipEnd.FAILED, Reason.NOT_CONFIGURED)


class MissingScanner(_Missing):
    """No scanner."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.SCANNER, clock)

    def listen_codes(self, listener: ScanListener) -> Callable[[], None]:
        """Never called."""
        del listener
        return _nothing

    def expect(self, is_expected: bool) -> None:
        """Nothing looks."""


class MissingKeypad(_Missing):
    """No keypad."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.KEYPAD, clock)


class MissingAudio(_Missing):
    """Nobody watches the headphone socket."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.AUDIO, clock)

    def has_headphones(self) -> bool | None:
        """Nobody knows."""
        return None

    def listen_headphones(self, listener: Callable[[bool], None]) -> Callable[[], None]:
        """Never called."""
        del listener
        return _nothing


class MissingPower(_Missing):
    """No UPS that speaks."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.POWER, clock)

    def reading(self) -> PowerReading | None:
        """Nobody knows."""
        return None


class MissingBox(_Missing):
    """A cabinet without probes."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        super().__init__(DeviceKind.BOX, clock)

    def reading(self) -> BoxReading:
        """Nobody knows."""
        return BoxReading()


class MissingMatcher(_Missing):
    """No comparison of faces or fingers: off, as it is unless somebody switches it on."""

    def match(self, reference: bytes | None, deadline_s: float, cancel: Event) -> MatchReport:
        """NO_DEVICE at once."""
        del reference, deadline_s, cancel
        return MatchReport(MatchEnd.NO_DEVICE)
