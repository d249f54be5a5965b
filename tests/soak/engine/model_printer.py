"""A printer in memory: what truly came out stands in ``sheets``, whatever anybody was told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kiosk.devices.contract import (
    Band,
    DeviceKind,
    Job,
    JobReport,
    JobState,
    PrinterCapabilities,
    Reason,
    Status,
)
from kiosk.errors import DeviceError, ErrorCode
from tests.soak.engine.faults import Fates, Place, Strike
from tests.soak.engine.models import SHEETS_PER_CALL


@dataclass(slots=True)
class PaperJob:
    id: int
    name: str
    pages: int
    state: JobState = JobState.HELD
    has_data: bool = False
    out: int = 0


@dataclass
class ModelPrinter:
    """``sheets``: what truly came out, by job name; ``documents``: what bytes were taken for it."""

    kind: DeviceKind
    fates: Fates
    counts: bool = True
    is_queue: bool = False
    sheets: dict[str, int] = field(default_factory=dict)
    documents: dict[str, list[bytes]] = field(default_factory=dict)
    jobs: dict[int, PaperJob] = field(default_factory=dict)
    counter: int = 500
    next_id: int = 1
    is_silent: bool = False
    is_jammed: bool = False
    keeps_for: int = 0
    empty_for: int = 0
    on_sheet: Callable[[str], None] = lambda name: None
    name: str = "model"

    def status(self) -> Status:
        return Status(self.kind, Band.OK, (), 0.0)

    def capabilities(self) -> PrinterCapabilities:
        counter = None if self.counts else self.counter
        return PrinterCapabilities(has_create_job=True, page_counter=counter, is_queue=self.is_queue)

    def look(self, deadline_s: float = 2.0) -> PrinterCapabilities:
        return self.capabilities()

    def raster_form(self) -> None:
        return None

    def _before(self) -> Strike | None:
        """The request is on its way. Raises DeviceError when it does not arrive."""
        strike = self.fates.at(Place.PRINTER)
        if strike is not None:
            self._struck(strike)
        self.advance()
        if self.is_silent or strike is Strike.LINK_BEFORE:
            raise DeviceError(ErrorCode.PRINTER_AWAY)
        if strike is Strike.REFUSE:
            raise DeviceError(ErrorCode.PRINTER_REFUSED)
        return strike

    def _after(self, strike: Strike | None) -> None:
        """The answer is on its way back."""
        if strike is Strike.LINK_AFTER:
            raise DeviceError(ErrorCode.PRINTER_AWAY)
        self.fates.at(Place.PRINTER)

    def _struck(self, strike: Strike) -> None:
        if strike is Strike.SILENT:
            self.is_silent = True
        elif strike is Strike.POWER:
            self.lose_power()
        elif strike is Strike.ABORT:
            for job in self.jobs.values():
                if not job.state.is_final:
                    job.state = JobState.ABORTED
        elif strike is Strike.JAM:
            self.is_jammed = True
        elif strike is Strike.EMPTY:
            self.empty_for = 4
        elif strike is Strike.KEEPS:
            self.keeps_for = 3

    def lose_power(self) -> None:
        """Every job is forgotten, and ids begin again."""
        self.jobs.clear()
        self.next_id = 1

    def repair(self) -> None:
        """Staff has been there."""
        self.is_silent = self.is_jammed = False
        self.empty_for = self.keeps_for = 0

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
                job.out += SHEETS_PER_CALL
                self.counter += SHEETS_PER_CALL
                self.sheets[job.name] = self.sheets.get(job.name, 0) + SHEETS_PER_CALL
                self.on_sheet(job.name)
                return

    def _report(self, job: PaperJob) -> JobReport:
        reasons: tuple[Reason, ...] = ()
        if not job.state.is_final and self.is_jammed:
            reasons = (Reason.MEDIA_JAM,)
        elif not job.state.is_final and self.empty_for:
            reasons = (Reason.MEDIA_EMPTY,)
        return JobReport(job.state, job.out if self.counts else None, reasons)

    def create(self, name: str, pages: int, deadline_s: float) -> Job:
        strike = self._before()
        job = PaperJob(self.next_id, name, pages)
        self.jobs[job.id] = job
        self.next_id += 1
        self._after(strike)
        return Job(job.id, name)

    def send(self, job: Job, document: bytes | Iterable[bytes], deadline_s: float) -> None:
        strike = self._before()
        here = self._known(job)
        if here is None or here.has_data or here.state.is_final:
            raise DeviceError(ErrorCode.PRINTER_REFUSED)
        here.has_data, here.state = True, JobState.PENDING
        data = document if isinstance(document, bytes) else b"".join(document)
        self.documents.setdefault(job.name, []).append(data)
        here.pages = data[5]
        self._after(strike)

    def poll(self, job: Job, deadline_s: float = 2.0) -> JobReport:
        try:
            strike = self._before()
            here = self._known(job)
            report = self._report(here) if here is not None else JobReport(JobState.UNKNOWN)
            self._after(strike)
        except DeviceError:
            return JobReport(JobState.UNKNOWN, has_lost_link=True)
        return report

    def find(self, name: str, deadline_s: float = 5.0) -> tuple[Job, JobReport] | None:
        strike = self._before()
        found = next((job for job in self.jobs.values() if job.name == name), None)
        self._after(strike)
        return None if found is None else (Job(found.id, found.name), self._report(found))

    def cancel(self, job: Job, deadline_s: float = 5.0) -> bool:
        try:
            strike = self._before()
            here = self._known(job)
            if self.keeps_for:
                self.keeps_for -= 1
                here = None
            elif here is not None and not here.state.is_final:
                here.state = JobState.CANCELED
            self._after(strike)
        except DeviceError:
            return False
        return here is not None

    def open_jobs(self, deadline_s: float = 5.0) -> list[Job]:
        strike = self._before()
        found = [Job(job.id, job.name) for job in self.jobs.values() if not job.state.is_final]
        self._after(strike)
        return found

    def _known(self, job: Job) -> PaperJob | None:
        here = self.jobs.get(job.id)
        return here if here is not None and here.name == job.name else None
