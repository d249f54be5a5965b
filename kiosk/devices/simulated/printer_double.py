"""The double of the document and the card printer: a tray, a paper path, jobs, and faults that strike at a sheet.

Sheets move on a thread of its own at ``sheet_s`` each (0: at once, in the caller's thread). Thread-safe.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from kiosk.devices.contract import DeviceKind


class Trouble(StrEnum):
    """What can be wrong; the values are the printer-state-reasons of RFC 8011."""

    MEDIA_EMPTY = "media-empty"
    MEDIA_JAM = "media-jam"
    COVER_OPEN = "cover-open"
    MARKER_LOW = "marker-supply-low"
    MARKER_EMPTY = "marker-supply-empty"
    TONER_LOW = "toner-low"
    TONER_EMPTY = "toner-empty"
    MEDIA_LOW = "media-low"
    OUTPUT_FULL = "output-area-full"
    SPOOL_FULL = "spool-area-full"
    PAUSED = "paused"
    RIBBON_LOW = "marker-print-ribbon-almost-empty"
    RIBBON_EMPTY = "marker-print-ribbon-empty"
    REJECT_FULL = "reject-tray-full"
    """Told as output-area-full, as printers do; that it is the reject tray stands in printer-output-tray alone."""
    UNHEARD_OF = "x-flux-capacitor-cold"
    SPEECHLESS = "none"
    """Stands still and names no reason."""


MAX_COPIES = 99

_RASTER_PAGES_AT = 456
"""TotalPageCount of the first page header, behind the four bytes of the sync word."""

CARD_RIBBON, CARD_FEEDER, REJECT_TRAY = 250, 100, 20
"""What a fresh ribbon, a full feeder and an empty reject tray of the card printer hold, in cards."""

_HARMLESS = {Trouble.MARKER_LOW, Trouble.RIBBON_LOW, Trouble.TONER_LOW, Trouble.MEDIA_LOW, Trouble.UNHEARD_OF}


class JobPhase(IntEnum):
    """RFC 8011 job-state."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


@dataclass(slots=True)
class DoubleJob:
    """A job as the printer keeps it; ``document`` holds the bytes as they came."""

    id: int
    name: str
    user: str
    phase: JobPhase
    created_s: float
    document: bytes = field(default=b"", repr=False)
    format: str = ""
    sheets: int = 0
    done: int = 0
    reason: str = "job-data-insufficient"
    media: str = ""
    tray: str = ""
    paper_type: str = ""
    shift: tuple[int, int] = (0, 0)
    copies: int = 1
    started_s: float | None = None
    ended_s: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is canceled, aborted or completed."""
        return self.phase >= JobPhase.CANCELED


def count_sheets(document: bytes) -> int:
    """Pages of a PDF or PWG raster; 1 for anything else, also for what can't be read: real ones print an error page."""
    if document.startswith(b"RaS2"):
        return min(1000, max(1, int.from_bytes(document[_RASTER_PAGES_AT : _RASTER_PAGES_AT + 4], "big")))
    if not document.startswith(b"%PDF-"):
        return 1
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(document)
    except pypdfium2.PdfiumError:
        return 1
    try:
        return max(1, len(pdf))
    finally:
        pdf.close()


class PrinterDouble:
    """One printer. ``is_on`` and ``is_silent`` are obeyed by its fronts; everything else is here."""

    def __init__(
        self,
        kind: DeviceKind = DeviceKind.DOCUMENT_PRINTER,
        media: str = "iso_a4_210x297mm",
        sheet_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.kind = kind
        self.media = media
        self.media_loaded = media
        self.clock = clock
        self.born_s = clock()
        self.sheet_s = sheet_s
        self.formats = ["application/pdf", "image/pwg-raster", "image/jpeg", "application/octet-stream"]
        self.trays = ["main"]
        self.shift_range: tuple[int, int] | None = None
        self.raster_dpi = (300, 300)
        self.raster_kinds = ["sgray_8", "srgb_8"]
        self.sheet_back = "normal"
        self.has_create_job = True
        self.has_impressions = True
        self.counts_jobs = True
        """False: it counts its life, but no single job, as many office printers do."""
        self.is_on = True
        self.is_silent = False
        self.counter = 0
        self.tray: list[bytes] = []
        """The whole documents that came out, until somebody takes them; no power cut empties it."""
        self.has_flipper = True
        self.ribbon_left, self.cards_left, self.rejects = CARD_RIBBON, CARD_FEEDER, 0
        self.jobs: dict[int, DoubleJob] = {}
        self.on_power: Callable[[], None] = lambda: None
        self.on_exchange: Callable[[], None] = lambda: None
        """Called before each request is answered: where tests pull, stall or count."""
        self._troubles: dict[Trouble, int] = {}
        self._aborts_at: int | None = None
        self._cuts_power_at: int | None = None
        self._changed = threading.Condition()
        self._next_id = 1
        self._thread: threading.Thread | None = None
        self._is_closed = False

    # --- hands on the machine ---------------------------------------------------------------------------------------

    def fault(self, trouble: Trouble, at_sheet: int = 0) -> None:
        """Bring trouble: now, or when sheet ``at_sheet`` (1 is the first) of the next or running job is due."""
        with self._changed:
            self._troubles[trouble] = at_sheet
            self._changed.notify_all()

    def takes(self, formats: list[str] | None = None, trays: list[str] | None = None) -> None:
        """It is another printer now: these formats, these trays."""
        with self._changed:
            self.formats = list(formats) if formats else self.formats
            self.trays = list(trays) if trays else self.trays

    def abort(self, at_sheet: int = 1) -> None:
        """Let the next job end as aborted when that sheet is due."""
        with self._changed:
            self._aborts_at = at_sheet

    def cut_power(self, at_sheet: int = 1) -> None:
        """Switch off, losing all jobs, when that sheet of the next job is due."""
        with self._changed:
            self._cuts_power_at = at_sheet

    def clear(self) -> None:
        """Put everything right: a stopped job goes on."""
        with self._changed:
            self._troubles.clear()
            self._aborts_at = self._cuts_power_at = None
            self.is_silent = False
            self.media_loaded = self.media
            self.ribbon_left, self.cards_left, self.rejects = CARD_RIBBON, CARD_FEEDER, 0
            self._changed.notify_all()

    def switch(self, is_on: bool) -> None:
        """Power. Off loses every job and its history; ids then begin again."""
        with self._changed:
            self.is_on = is_on
            if not is_on:
                self._forget()
            self._changed.notify_all()
        self.on_power()

    def forget_jobs(self) -> None:
        """Lose the job history, as printers with little memory do."""
        with self._changed:
            self._forget()

    def _forget(self) -> None:
        self.jobs.clear()
        self._next_id = 1

    def close(self) -> None:
        """End the sheet thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)

    # --- what it shows ----------------------------------------------------------------------------------------------

    def reasons(self) -> list[str]:
        """printer-state-reasons; a trouble that waits for its sheet isn't told."""
        with self._changed:
            words = [trouble.value for trouble, at in self._troubles.items() if at == 0]
            told = [Trouble.OUTPUT_FULL.value if word == Trouble.REJECT_FULL else word for word in words]
            return list(dict.fromkeys(told)) or ["none"]

    def is_reject_full(self) -> bool:
        """Whether no spoiled card has room any more."""
        with self._changed:
            return self.rejects >= REJECT_TRAY or self._troubles.get(Trouble.REJECT_FULL) == 0

    def is_stopped(self) -> bool:
        """Whether paper can't move."""
        with self._changed:
            return self._is_blocked()

    def _is_blocked(self) -> bool:
        return any(at == 0 and trouble not in _HARMLESS for trouble, at in self._troubles.items())

    def running(self) -> DoubleJob | None:
        """The job on the paper path."""
        with self._changed:
            return self._running()

    def _running(self) -> DoubleJob | None:
        return next((j for j in self.jobs.values() if j.phase in (JobPhase.PROCESSING, JobPhase.STOPPED)), None)

    def take_paper(self) -> list[bytes]:
        """Empty the tray."""
        with self._changed:
            paper, self.tray = self.tray, []
            return paper

    def printed(self) -> list[DoubleJob]:
        """Completed jobs, oldest first."""
        with self._changed:
            return [job for job in self.jobs.values() if job.phase is JobPhase.COMPLETED]

    # --- jobs -------------------------------------------------------------------------------------------------------

    def create_job(self, name: str, user: str, media: str) -> DoubleJob:
        """A job that waits for its document."""
        with self._changed:
            job = DoubleJob(self._next_id, name, user, JobPhase.HELD, self.clock(), media=media)
            self._next_id += 1
            self.jobs[job.id] = job
            return job

    def take_document(self, job: DoubleJob, document: bytes, document_format: str) -> None:
        """The document's bytes; the paper starts."""
        sheets = count_sheets(document) * min(MAX_COPIES, max(1, job.copies))
        with self._changed:
            job.document, job.format, job.sheets = document, document_format, sheets
            job.phase, job.reason = JobPhase.PENDING, "none"
            if self.sheet_s > 0:
                self._ensure_thread()
                self._changed.notify_all()
                return
            self._ensure_thread_for_faults(job)

    def cancel(self, job: DoubleJob) -> bool:
        """True when it could be canceled."""
        with self._changed:
            if job.is_over:
                return False
            self._end(job, JobPhase.CANCELED, "job-canceled-by-user")
            self._changed.notify_all()
            return True

    def _ensure_thread(self) -> None:
        if self._thread is None and not self._is_closed:
            self._thread = threading.Thread(target=self._move_paper, name=f"{self.kind.value} paper", daemon=True)
            self._thread.start()

    def _ensure_thread_for_faults(self, job: DoubleJob) -> None:
        """Without latency the sheets move here and now; the thread only carries on what got stuck."""
        while not job.is_over and self._running() in (None, job) and job.id in self.jobs:
            if not self._step(job):
                self._ensure_thread()
                return

    def _move_paper(self) -> None:
        with self._changed:
            while not self._is_closed:
                job = self._running() or next((j for j in self.jobs.values() if j.phase is JobPhase.PENDING), None)
                if job is None or not self._step(job):
                    self._changed.wait()
                elif self.sheet_s > 0 and not job.is_over:
                    self._rest(job)

    def _rest(self, job: DoubleJob) -> None:
        """The time that a sheet takes; a cancel or a fault does not shorten it."""
        until = self.clock() + self.sheet_s
        while not self._is_closed and not job.is_over and job.id in self.jobs:
            left = until - self.clock()
            if left <= 0:
                return
            self._changed.wait(left)

    def _step(self, job: DoubleJob) -> bool:
        """Begin the job or finish one sheet; False when it is stuck."""
        if job.started_s is None:
            job.started_s = self.clock()
        due = job.done + 1
        is_first_look = job.phase is JobPhase.PENDING
        if self._strike(job, due):
            return True
        if self._is_blocked():
            job.phase, job.reason = JobPhase.STOPPED, "printer-stopped"
            return False
        job.phase, job.reason = JobPhase.PROCESSING, "job-printing"
        if is_first_look and self.sheet_s > 0:
            return True
        if self.kind is DeviceKind.CARD_PRINTER and job.done == 0:
            self.cards_left = max(0, self.cards_left - 1)
            self.ribbon_left = max(0, self.ribbon_left - 1)
        job.done += 1
        self.counter += 1
        if job.done >= job.sheets:
            self.tray.append(job.document)
            self._end(job, JobPhase.COMPLETED, "job-completed-successfully")
        return True

    def _strike(self, job: DoubleJob, due: int) -> bool:
        """Let what waited for this sheet happen; True when it ended the job."""
        for trouble, at in self._troubles.items():
            if at == due:
                self._troubles[trouble] = 0
        if self._aborts_at == due:
            self._aborts_at = None
            self._end(job, JobPhase.ABORTED, "aborted-by-system")
            return True
        if self._cuts_power_at == due:
            self._cuts_power_at = None
            self._end(job, JobPhase.ABORTED, "aborted-by-system")
            self.is_on = False
            self._forget()
            threading.Thread(target=self.on_power, daemon=True).start()
            return True
        return False

    def _end(self, job: DoubleJob, phase: JobPhase, reason: str) -> None:
        if self.kind is DeviceKind.CARD_PRINTER and phase is not JobPhase.COMPLETED and 0 < job.done < job.sheets:
            # Half a card: it falls into the reject tray.
            self.rejects += 1
        job.phase, job.reason, job.ended_s = phase, reason, self.clock()
