"""A scripted printer, an office that counts, and a clock that needs no time: what printing is tested against."""

import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from kiosk import api
from kiosk.backend.contract import Reachability
from kiosk.devices.contract import (
    Band,
    DeviceKind,
    ImageShift,
    Job,
    JobReport,
    JobState,
    PrinterCapabilities,
    RasterForm,
    Reason,
    Status,
    StatusListener,
)
from kiosk.documents.verified import ExpectedSize, VerifiedDocument
from kiosk.errors import DeviceError, DocumentError, ErrorCode

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class FakeClock:
    """Waiting is instant and moves the clock; an event that is set moves it by nothing."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.on_wait: Callable[[], None] = lambda: None

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds - 1000.0)

    def wait(self, event: threading.Event, seconds: float) -> None:
        self.on_wait()
        if not event.is_set():
            self.seconds += seconds


class Fault(StrEnum):
    """What can strike at a point of a print."""

    LINK = "link"  # the printer does not answer this once
    SILENT = "silent"  # it does not answer from now on
    POWER = "power"  # it loses its jobs, and with them what it was about to print
    ABORT = "abort"  # the engine gives up the job
    JAM = "jam"  # it stands still until somebody comes; nobody does
    EMPTY = "empty"  # paper is out for a while, then refilled
    REFUSE = "refuse"  # this request is answered with an error
    CANCEL = "cancel"  # the visit ends


@dataclass
class PaperJob:
    id: int
    name: str
    pages: int
    state: JobState = JobState.HELD
    has_data: bool = False
    out: int = 0


@dataclass
class FakePrinter:
    """A printer of paper: ``sheets`` is what truly came out, by job name, whatever the printer says.

    ``script`` names the fault that strikes at the n-th call from outside; one sheet moves with each call.
    """

    script: dict[int, Fault] = field(default_factory=dict)
    counts: bool = True
    cancel_event: threading.Event = field(default_factory=threading.Event)
    kind: DeviceKind = DeviceKind.DOCUMENT_PRINTER
    name: str = "fake"
    sheets: dict[str, int] = field(default_factory=dict)
    documents: dict[str, list[bytes]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    is_silent: bool = False
    is_jammed: bool = False
    empty_for: int = 0
    jobs: dict[int, PaperJob] = field(default_factory=dict)
    counter: int = 500
    next_id: int = 1
    refuses_cancel: bool = False
    on_call: Callable[[str], None] = lambda _call: None

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def status(self) -> Status:
        return Status(self.kind, Band.OK, (), 0.0)

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        listener(self.status())
        return lambda: None

    def capabilities(self) -> PrinterCapabilities:
        return PrinterCapabilities(
            ("application/pdf",), ("iso_a4_210x297mm",), True, self.counts, None if self.counts else self.counter
        )

    def set_shift(self, shift: ImageShift) -> None:
        pass

    def raster_form(self) -> RasterForm | None:
        return None

    def look(self, deadline_s: float = 2.0) -> PrinterCapabilities:
        return self.capabilities()

    def _call(self, name: str) -> None:
        """Count the call, let the paper move, and let the scripted fault strike. Raises DeviceError."""
        fault = self.script.get(len(self.calls))
        self.calls.append(name)
        self.on_call(name)
        if fault is Fault.SILENT:
            self.is_silent = True
        elif fault is Fault.POWER:
            self.jobs.clear()
            self.next_id = 1
        elif fault is Fault.ABORT:
            for job in self.jobs.values():
                if not job.state.is_final:
                    job.state = JobState.ABORTED
        elif fault is Fault.JAM:
            self.is_jammed = True
        elif fault is Fault.EMPTY:
            self.empty_for = 4
        elif fault is Fault.CANCEL:
            self.cancel_event.set()
        self.advance()
        if self.is_silent or fault is Fault.LINK:
            raise DeviceError(ErrorCode.PRINTER_AWAY)
        if fault is Fault.REFUSE:
            raise DeviceError(ErrorCode.PRINTER_REFUSED)

    def advance(self) -> None:
        """One sheet of time."""
        if self.empty_for:
            self.empty_for -= 1
            return
        if self.is_jammed:
            return
        for job in self.jobs.values():
            if job.has_data and job.state in (JobState.PENDING, JobState.PROCESSING):
                if job.out == job.pages:
                    job.state = JobState.COMPLETED
                    continue
                job.state = JobState.PROCESSING
                job.out += 1
                self.counter += 1
                self.sheets[job.name] = self.sheets.get(job.name, 0) + 1

    def _report(self, job: PaperJob) -> JobReport:
        reasons: tuple[Reason, ...] = ()
        if not job.state.is_final and self.is_jammed:
            reasons = (Reason.MEDIA_JAM,)
        elif not job.state.is_final and self.empty_for:
            reasons = (Reason.MEDIA_EMPTY,)
        return JobReport(job.state, job.out if self.counts else None, reasons)

    def create(self, name: str, pages: int, deadline_s: float) -> Job:
        self._call("create")
        job = PaperJob(self.next_id, name, pages)
        self.jobs[job.id] = job
        self.next_id += 1
        return Job(job.id, name)

    def send(self, job: Job, document: bytes | Iterable[bytes], deadline_s: float) -> None:
        here = self.jobs.get(job.id)
        if here is not None and here.name == job.name:
            # The bytes arrive even when the answer to them is then lost.
            here.has_data, here.state = True, JobState.PENDING
            data = document if isinstance(document, bytes) else b"".join(document)
            self.documents.setdefault(job.name, []).append(data)
        try:
            self._call("send")
        except DeviceError as error:
            if error.code is ErrorCode.PRINTER_REFUSED and here is not None:
                here.state = JobState.ABORTED
            raise
        if here is None or here.name != job.name:
            raise DeviceError(ErrorCode.PRINTER_REFUSED)

    def poll(self, job: Job, deadline_s: float = 2.0) -> JobReport:
        try:
            self._call("poll")
        except DeviceError:
            return JobReport(JobState.UNKNOWN, has_lost_link=True)
        here = self.jobs.get(job.id)
        return self._report(here) if here is not None and here.name == job.name else JobReport(JobState.UNKNOWN)

    def find(self, name: str, deadline_s: float = 5.0) -> tuple[Job, JobReport] | None:
        self._call("find")
        for job in self.jobs.values():
            if job.name == name:
                return Job(job.id, job.name), self._report(job)
        return None

    def cancel(self, job: Job, deadline_s: float = 5.0) -> bool:
        try:
            self._call("cancel")
        except DeviceError:
            return False
        here = self.jobs.get(job.id)
        if here is None or here.name != job.name or self.refuses_cancel:
            return False
        if not here.state.is_final:
            here.state = JobState.CANCELED
        return True

    def open_jobs(self, deadline_s: float = 5.0) -> list[Job]:
        self._call("open-jobs")
        return [Job(job.id, job.name) for job in self.jobs.values() if not job.state.is_final]


class FakeOffice:
    """Grants, documents and what was posted. Methods that printing does not use are not there."""

    def __init__(self, document: bytes = b"%PDF-signed", pages: int = 2, began: datetime = START) -> None:
        """``began``: what its grants' lifetime counts from; the present where the service has the machine's clock."""
        self.began = began
        self.document = document
        self.pages = pages
        self.sha256 = hashlib.sha256(document).hexdigest()
        self.medium = api.Medium.A4
        self.grants: dict[str, api.Grant] = {}
        self.printed_already = False
        self.grant_error: Exception | None = None
        self.fetch_error: Exception | None = None
        self.post_errors: list[Exception] = []
        self.posted: list[tuple[str, bytes, str]] = []
        self.listeners: list[Callable[[Reachability], None]] = []
        self.lifetime = timedelta(minutes=10)
        self.expires_in_s: int | None = None

    def grant(self, token: str, document_id: str, key: str) -> api.Grant:
        if self.grant_error is not None:
            raise self.grant_error
        if key not in self.grants:
            self.grants[key] = api.Grant(
                id=f"grant-{len(self.grants):06d}",
                document_id=document_id,
                kind=api.DocumentKind.KK,
                pages=self.pages,
                medium=self.medium,
                sha256=self.sha256,
                expires_at=self.began + self.lifetime,
                expires_in_s=self.expires_in_s,
                printed_already=self.printed_already,
            )
        return self.grants[key]

    def fetch(self, token: str, grant_id: str) -> bytes:
        if self.fetch_error is not None:
            raise self.fetch_error
        return self.document

    def post(self, kind: str, body: bytes, key: str) -> None:
        if self.post_errors:
            raise self.post_errors.pop(0)
        self.posted.append((kind, body, key))

    def listen(self, listener: Callable[[Reachability], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


class FakeVerifier:
    """Believes what hashes right; the real gate has its own tests."""

    def __init__(self, pages: int = 2) -> None:
        self.pages = pages

    def verify(self, pdf: bytes, *, expected_sha256: str | None, size: ExpectedSize) -> VerifiedDocument:
        sha256 = hashlib.sha256(pdf).hexdigest()
        if expected_sha256 is not None and sha256 != expected_sha256:
            raise DocumentError(ErrorCode.SIGNATURE_BROKEN)
        return VerifiedDocument(pdf, sha256, self.pages, "Kepala Dinas Contoh", START, 297.0, 210.0)
