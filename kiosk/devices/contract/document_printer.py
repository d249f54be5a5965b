"""The port of what prints documents and cards."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kiosk.devices.contract.base import Device, Reason


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

    @property
    def is_known(self) -> bool:
        return self is not JobState.UNKNOWN


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
class ImageShift:
    """How far the picture is moved on the sheet, in millimetres: ``x_mm`` to the right, ``y_mm`` down."""

    x_mm: float = 0.0
    y_mm: float = 0.0


NO_SHIFT = ImageShift()


class ShiftMeans(StrEnum):
    """Who moves the picture: nobody can, the printer (PWG 5100.3 ``x-image-shift``), or our raster."""

    NONE = "none"
    PRINTER = "printer"
    RASTER = "raster"


class SheetBack(StrEnum):
    """PWG 5102.4 ``pwg-raster-document-sheet-back``: how the dots of a back come out as they should."""

    NORMAL = "normal"
    FLIPPED = "flipped"
    ROTATED = "rotated"
    MANUAL_TUMBLE = "manual-tumble"


@dataclass(frozen=True, slots=True)
class RasterForm:
    """What a printer wants of pages that come as dots: PWG 5102.4 at this resolution, on this paper, so far shifted.

    ``kind`` is its PWG word: ``sgray_8`` or ``srgb_8``. ``is_two_sided``: each second page goes on the back of the one
    before, turned over its long edge, and ``back`` says how this printer wants its dots.
    """

    kind: str
    x_dpi: int
    y_dpi: int
    width_mm: float
    height_mm: float
    shift: ImageShift = NO_SHIFT
    is_two_sided: bool = False
    back: SheetBack = SheetBack.NORMAL


class PageForm(StrEnum):
    """In which form the pages go: the verified bytes themselves, or a raster made from them; UNKNOWN: neither."""

    PDF = "pdf"
    RASTER = "raster"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrinterCapabilities:
    """Asked of the printer at start and after each return; empty before.

    ``page_counter`` is its life counter where it has one. ``media_ready`` is what lies in the trays, ``trays`` their
    ``media-source`` words. ``resolutions`` are dots an inch, across and down. ``is_queue``: a spooler stands between,
    and its *completed* means *sent*.
    """

    formats: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    has_create_job: bool = False
    has_impressions: bool = False
    page_counter: int | None = None
    make: str = ""
    media_ready: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ()
    trays: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    has_colour: bool = False
    resolutions: tuple[tuple[int, int], ...] = ()
    raster_types: tuple[str, ...] = ()
    page_form: PageForm = PageForm.UNKNOWN
    shift: ShiftMeans = ShiftMeans.NONE
    is_queue: bool = False


class DocumentPrinter(Device, Protocol):
    """Direct IPP, one document a job. The card printer is the same port with ID-1 media.

    ``create`` lets the caller journal the job id before a byte of the document goes; ``send`` starts the paper.
    """

    def capabilities(self) -> PrinterCapabilities: ...

    def set_shift(self, shift: ImageShift) -> None:
        """Move every later page by so much; ``capabilities().shift`` says whether and how it can be done."""
        ...

    def raster_form(self) -> RasterForm | None:
        """The dots to make of every page before ``send``; None where the verified bytes go as they are."""
        ...

    def create(self, name: str, pages: int, deadline_s: float) -> Job:
        """Create-Job at 100 % on the configured media. Raises DeviceError (away, refused, stopped, busy)."""
        ...

    def send(self, job: Job, document: bytes | Iterable[bytes], deadline_s: float) -> None:
        """Send-Document, last; an iterable is a raster that goes out while it is made.

        Raises DeviceError; after it the job may or may not print: poll to know.
        """
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

    def look(self, deadline_s: float = 2.0) -> PrinterCapabilities:
        """The capabilities with the page counter as it is at this moment; None there when it can't be asked."""
        ...
