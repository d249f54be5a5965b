"""What every device adapter promises, real or simulated.

Status words follow XFS4IoT (CWA 17852) where it has one. An adapter owns its thread; ``status()`` never blocks and may
be called from any thread; listeners are called on the adapter's thread and must return at once. Operations block at
most for their deadline, may be cancelled from another thread, and return a typed outcome; they raise ``DeviceError``
only for what the caller did wrong. Unknown is a value of its own: silence is never good news.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from typing import Protocol


class DeviceKind(StrEnum):
    CARD_READER = "card-reader"
    DOCUMENT_PRINTER = "document-printer"
    CARD_PRINTER = "card-printer"
    SLIP_PRINTER = "slip-printer"
    SCANNER = "scanner"


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
    OUTPUT_FULL = "output-full"
    SPOOL_FULL = "spool-full"
    STOPPED = "stopped"
    PAUSED = "paused"
    CUTTER_FAULT = "cutter-fault"
    OVERHEATED = "overheated"
    OFFLINE = "offline"
    NO_PDF = "no-pdf"


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


# --- card reader ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Presence:
    """``insertion`` rises with each card that is laid on; a fast swap shows as a jump."""

    is_present: bool
    insertion: int


class CardReadKind(StrEnum):
    READ = "read"
    NO_CARD = "no-card"
    MUTE = "mute"
    FOREIGN = "foreign"
    SEVERAL = "several"
    PULLED = "pulled"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    READER_AWAY = "reader-away"


@dataclass(frozen=True, slots=True)
class CardRead:
    """What a tap told. ``uid`` is empty unless READ or FOREIGN; it finds an account and opens none.

    ``is_uid_stable`` is False where the identifier changes at each tap (type B pseudo identifiers, or the random range
    of ISO/IEC 14443-3: four bytes beginning with 08): such a one is never bound.
    """

    kind: CardReadKind
    insertion: int = 0
    uid: bytes = b""
    is_uid_stable: bool = False
    detail: str = ""

    def __repr__(self) -> str:
        return f"CardRead({self.kind}, insertion={self.insertion}, uid=<{len(self.uid)} bytes>)"


class CardReader(Device, Protocol):
    def presence(self) -> Presence: ...

    def listen_cards(self, listener: Callable[[Presence], None]) -> Callable[[], None]:
        """Call ``listener`` when a card comes or goes; the result ends it."""
        ...

    def read(self, deadline_s: float, cancel: Event) -> CardRead:
        """Wait for a card, then UID and SELECT of the KTP-el application; nothing is retried on a handle."""
        ...

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool:
        """Whether the very card of ``read`` still lies there: insertion counter and identifier asked again."""
        ...


# --- printers ---------------------------------------------------------------------------------------------------


class JobState(StrEnum):
    """RFC 8011 5.3.7 in words; UNKNOWN where the printer no longer knows the job or cannot be asked."""

    PENDING = "pending"
    HELD = "held"
    PROCESSING = "processing"
    STOPPED = "stopped"
    CANCELED = "canceled"
    ABORTED = "aborted"
    COMPLETED = "completed"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        return self in (JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED)


@dataclass(frozen=True, slots=True)
class Job:
    """A job at the printer: ``id`` is the printer's, ``name`` is ours and unique (the journal's print id)."""

    id: int
    name: str
    uri: str = ""


@dataclass(frozen=True, slots=True)
class JobReport:
    """One poll. ``impressions`` is None where the printer does not count; ``has_lost_link`` when asking failed."""

    state: JobState
    impressions: int | None = None
    reasons: tuple[Reason, ...] = ()
    has_lost_link: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PrinterCapabilities:
    """Asked of the printer at start and after each return. ``page_counter`` is its life counter where it has one."""

    formats: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    has_create_job: bool = False
    has_impressions: bool = False
    page_counter: int | None = None
    make: str = ""


class DocumentPrinter(Device, Protocol):
    """Direct IPP, one document a job. The card printer is the same port with ID-1 media.

    ``create`` lets the caller journal the job id before a byte of the document goes; ``send`` starts the paper.
    """

    def capabilities(self) -> PrinterCapabilities: ...

    def create(self, name: str, pages: int, deadline_s: float) -> Job:
        """Create-Job at 100 % on the configured media. Raises DeviceError (away, refused, stopped, busy)."""
        ...

    def send(self, job: Job, document: bytes, deadline_s: float) -> None:
        """Send-Document, last. Raises DeviceError; after it the job may or may not print: poll to know."""
        ...

    def poll(self, job: Job, deadline_s: float = 2.0) -> JobReport: ...

    def find(self, name: str, deadline_s: float = 5.0) -> tuple[Job, JobReport] | None:
        """The job of that name among all that the printer remembers, or None. Raises DeviceError when it can't say."""
        ...

    def cancel(self, job: Job, deadline_s: float = 5.0) -> bool:
        """Ask for an end; True when the job is final afterwards."""
        ...

    def open_jobs(self, deadline_s: float = 5.0) -> list[Job]:
        """Jobs that are not final. Raises DeviceError."""
        ...


class SlipEnd(StrEnum):
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SlipOutcome:
    """PRINTED only when the printer answered that it stands ready after the cut."""

    end: SlipEnd
    reason: Reason = Reason.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SlipBitmap:
    """A slip as one bit a dot: ``rows`` of ``width_dots / 8`` bytes, most significant bit left, 1 is black."""

    width_dots: int
    height_dots: int
    rows: bytes = field(repr=False)


class SlipPrinter(Device, Protocol):
    width_dots: int

    def print_slip(self, slip: SlipBitmap, deadline_s: float) -> SlipOutcome:
        """Send, cut, and ask for the state afterwards."""
        ...


class Scanner(Device, Protocol):
    def listen_codes(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call ``listener`` with each cleaned code; the result ends it."""
        ...
