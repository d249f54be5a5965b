"""The port of what prints documents and cards."""

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
