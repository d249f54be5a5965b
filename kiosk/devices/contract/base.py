"""What all devices share: kinds, bands, reasons, a snapshot of the state, and the port itself."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class DeviceKind(StrEnum):
    CARD_READER = "card-reader"
    DOCUMENT_PRINTER = "document-printer"
    CARD_PRINTER = "card-printer"
    SLIP_PRINTER = "slip-printer"
    SCANNER = "scanner"
    FACE = "face"
    FINGER = "finger"
    KEYPAD = "keypad"
    AUDIO = "audio"
    POWER = "power"
    BOX = "box"


SURROUNDINGS = frozenset({DeviceKind.KEYPAD, DeviceKind.AUDIO, DeviceKind.POWER, DeviceKind.BOX})
"""What no service needs: their faults are for the technician and grey nothing."""


class Band(StrEnum):
    """OK and WARNING serve; ERROR and UNKNOWN do not."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a device is in its band; ``reasons.py`` says what people read and do for each."""

    NONE = "none"
    STARTING = "starting"
    AWAY = "away"
    SILENT = "silent"
    NOT_CONFIGURED = "not-configured"
    UNNAMED = "unnamed"
    # card reader
    SERVICE_AWAY = "service-away"
    NO_PERMISSION = "no-permission"
    HELD_BY_ANOTHER = "held-by-another"
    NO_READER = "no-reader"
    CARD_MUTE = "card-mute"
    CARD_FOREIGN = "card-foreign"
    CARD_SEVERAL = "card-several"
    # printers
    MEDIA_LOW = "media-low"
    MEDIA_EMPTY = "media-empty"
    MEDIA_JAM = "media-jam"
    COVER_OPEN = "cover-open"
    MARKER_LOW = "marker-low"
    MARKER_EMPTY = "marker-empty"
    RIBBON_LOW = "ribbon-low"
    RIBBON_EMPTY = "ribbon-empty"
    CARDS_LOW = "cards-low"
    CARDS_EMPTY = "cards-empty"
    BLANKS_UNCHECKED = "blanks-unchecked"
    REJECT_FULL = "reject-full"
    ENCODER_AWAY = "encoder-away"
    OUTPUT_NEAR_FULL = "output-near-full"
    OUTPUT_FULL = "output-full"
    SPOOL_FULL = "spool-full"
    STOPPED = "stopped"
    PAUSED = "paused"
    CUTTER_FAULT = "cutter-fault"
    OVERHEATED = "overheated"
    OFFLINE = "offline"
    FEED_BUTTON = "feed-button"
    BROKEN = "broken"
    PORT_FORBIDDEN = "port-forbidden"
    PORT_BUSY = "port-busy"
    NO_PDF = "no-pdf"
    NO_TRAY = "no-tray"
    SERVICE_DUE = "service-due"
    QUEUE_UNSAFE = "queue-unsafe"
    QUEUE_UNCHECKED = "queue-unchecked"
    # power and box
    ON_BATTERY = "on-battery"
    BATTERY_LOW = "battery-low"
    BATTERY_OLD = "battery-old"
    OVERLOADED = "overloaded"
    DOOR_OPEN = "door-open"
    TOO_WARM = "too-warm"
    TOO_HOT = "too-hot"


@dataclass(frozen=True, slots=True)
class Status:
    """A snapshot. ``since`` is monotonic seconds of the last change; ``detail`` is for staff only."""

    kind: DeviceKind
    band: Band
    reasons: tuple[Reason, ...]
    since: float
    detail: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether services that need the device may start."""
        return self.band in (Band.OK, Band.WARNING)


StatusListener = Callable[[Status], None]


class Device(Protocol):
    """What all devices share. ``start`` and ``stop`` are idempotent; ``stop`` joins the thread within 5 s."""

    kind: DeviceKind
    name: str

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def status(self) -> Status: ...

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        """Call ``listener`` on each change, and once at once; the result ends it."""
        ...
