"""The document printer and the card printer by direct IPP: one document a job, and the printer's own word on its end.

Measured reasons for doing without a spooler stand in ``docs/devices.md``: a spooler says *completed* for a sheet that
never came, and prints a whole job again after a crash.
"""

import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from kiosk.devices.contract import (
    NO_SHIFT,
    Band,
    DeviceKind,
    ImageShift,
    Job,
    JobReport,
    JobState,
    PrinterCapabilities,
    Reason,
    Status,
    StatusListener,
)
from kiosk.devices.printing.ipp import IppAnswer, IppClient, IppStatus, LinkError, Operation, Post
from kiosk.devices.printing.ipp_reasons import printer_state, reasons_of
from kiosk.devices.printing.ipp_values import listed, number
from kiosk.devices.printing.media import is_other_tray, is_same_media
from kiosk.devices.reasons import TABLE, band_of, worst_first
from kiosk.devices.status import Clock, StatusBoard
from kiosk.devices.watching import keep_watching
from kiosk.errors import DeviceError, ErrorCode

USER = "anjungan"
BUSY_POLL_S = 0.5
IDLE_POLL_S = 2.0
CALL_S = 1.0
MISSES_UNTIL_AWAY = 2

_STATE_ATTRIBUTES = ["printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "media-ready"]
_STATE_ATTRIBUTES += ["printer-input-tray", "printer-impressions-completed"]
_ALL_ATTRIBUTES = [
    *_STATE_ATTRIBUTES,
    "document-format-supported",
    "media-supported",
    "operations-supported",
    "print-scaling-supported",
    "sides-supported",
    "job-creation-attributes-supported",
    "job-impressions-supported",
    "ipp-features-supported",
    "printer-make-and-model",
]
_JOB_ATTRIBUTES = ["job-id", "job-uri", "job-name", "job-state", "job-state-reasons", "job-impressions-completed"]

_JOB_STATES = {
    3: JobState.PENDING,
    4: JobState.HELD,
    5: JobState.PROCESSING,
    6: JobState.STOPPED,
    7: JobState.CANCELED,
    8: JobState.ABORTED,
    9: JobState.COMPLETED,
}


class IppPrinter:
    """A printer at an ``ipp://`` address. All operations may be called from any thread."""

    def __init__(
        self,
        uri: str,
        media: str,
        kind: DeviceKind = DeviceKind.DOCUMENT_PRINTER,
        clock: Clock = time.monotonic,
        post: Post | None = None,
    ) -> None:
        self.kind = kind
        self.name = uri
        self._media = media
        self._client = IppClient(uri, post)
        self._board = StatusBoard(kind, clock)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._active: set[str] = set()
        self._misses = 0
        self._capabilities = PrinterCapabilities()
        self._scaling: str | None = None
        self._has_sides = False
        self._takes_impressions = False
        self._printed: dict[str, Job] = {}
        self._shift = NO_SHIFT

    # --- life -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to watch. A second call does nothing."""
        with self._lock:
            if self._thread is not None:
                return
            self._stopping = threading.Event()
            self._thread = threading.Thread(
                target=self._watch, args=(self._stopping,), name=f"{self.kind.value} watch", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the watch; at most one call's deadline."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._stopping.set()
            self._wake.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)
            self._board.report([Reason.STARTING], "stopped")

    def status(self) -> Status:
        """The last snapshot."""
        return self._board.status()

    def listen(self, listener: StatusListener) -> Any:
        """See ``Device.listen``."""
        return self._board.listen(listener)

    def capabilities(self) -> PrinterCapabilities:
        """What the printer said when it was last found; empty before."""
        return self._capabilities

    def set_shift(self, shift: ImageShift) -> None:
        """See ``DocumentPrinter.set_shift``."""
        self._shift = shift

    def _watch(self, stopping: threading.Event) -> None:
        def turn() -> None:
            self._wake.clear()
            self._look(CALL_S)
            is_calm = self._board.status().band is Band.OK and not self._active and not self._misses
            if not stopping.is_set():
                self._wake.wait(IDLE_POLL_S if is_calm else BUSY_POLL_S)

        keep_watching(self._board, stopping, turn)

    def _look(self, deadline_s: float) -> Status:
        """Ask the printer for its state and put it on the board."""
        wanted = _STATE_ATTRIBUTES if self._capabilities.formats else _ALL_ATTRIBUTES
        try:
            answer = self._client.call(
                Operation.GET_PRINTER_ATTRIBUTES, deadline_s, _asking({"requested-attributes": wanted})
            )
        except LinkError as error:
            return self._missed(Reason.SILENT if error.was_reached else Reason.AWAY, error.detail)
        if not answer.is_ok:
            return self._missed(Reason.SILENT, f"status {answer.status:#06x}")
        self._misses = 0
        if wanted is _ALL_ATTRIBUTES:
            self._learn(answer.printer)
        counter = number(answer.printer.get("printer-impressions-completed"))
        if counter != self._capabilities.page_counter:
            self._capabilities = replace(self._capabilities, page_counter=counter)
        band, reasons, detail = printer_state(answer.printer, self.kind)
        if is_other_tray(answer.printer, self._media):
            lower = {Reason.MEDIA_EMPTY: Reason.MEDIA_LOW, Reason.CARDS_EMPTY: Reason.CARDS_LOW}
            reasons = [lower.get(reason, reason) for reason in reasons]
            band, detail = band_of(reasons), "another tray is empty"
        ready = listed(answer.printer.get("media-ready"))
        if ready and not any(is_same_media(self._media, name) for name in ready):
            reasons.append(Reason.CARDS_EMPTY if self.kind is DeviceKind.CARD_PRINTER else Reason.MEDIA_EMPTY)
            detail = f"loaded: {', '.join(ready[:4])}; wanted: {self._media}"
            band = Band.ERROR if band is not Band.UNKNOWN else band
        if self._capabilities.formats and "application/pdf" not in self._capabilities.formats:
            reasons.append(Reason.NO_PDF)
            band = Band.ERROR if band is not Band.UNKNOWN else band
        return self._board.report(reasons, detail, band)

    def _missed(self, reason: Reason, detail: str) -> Status:
        """One miss may be a blip, the second is a fact. What comes back may be another printer."""
        self._misses += 1
        if self._misses < MISSES_UNTIL_AWAY and self._board.status().is_usable:
            return self._board.status()
        self._capabilities = PrinterCapabilities()
        return self._board.report([reason], detail)

    def _learn(self, printer: Mapping[str, Any]) -> None:
        operations = printer.get("operations-supported")
        numbers = operations if isinstance(operations, list) else [operations]
        self._scaling = next(
            (word for word in ("none",) if word in listed(printer.get("print-scaling-supported"))), None
        )
        self._has_sides = "one-sided" in listed(printer.get("sides-supported"))
        self._takes_impressions = "job-impressions-supported" in printer
        counter = number(printer.get("printer-impressions-completed"))
        self._capabilities = PrinterCapabilities(
            formats=tuple(listed(printer.get("document-format-supported"))),
            media=tuple(listed(printer.get("media-supported"))),
            has_create_job=Operation.CREATE_JOB in numbers and Operation.SEND_DOCUMENT in numbers,
            has_impressions="ipp-everywhere" in listed(printer.get("ipp-features-supported")) or counter is not None,
            page_counter=counter,
            make=next(iter(listed(printer.get("printer-make-and-model"))), ""),
        )

    # --- jobs -----------------------------------------------------------------------------------------------------

    def create(self, name: str, pages: int, deadline_s: float) -> Job:
        """See ``DocumentPrinter.create``. Id 0 where the printer has no Create-Job: then ``send`` makes the job."""
        end = time.monotonic() + deadline_s
        status = self._look(min(CALL_S, deadline_s))
        if not status.is_usable:
            code = TABLE[status.reasons[0]].code_for(self.kind) if status.reasons else None
            words = ", ".join(reason.value for reason in status.reasons)
            raise DeviceError(code or ErrorCode.PRINTER_STOPPED, f"{words} {status.detail}".strip())
        self._set_active(name, True)
        if not self._capabilities.has_create_job:
            return Job(0, name)
        with self._failing(name, ErrorCode.PRINTER_AWAY):
            answer = self._client.call(
                Operation.CREATE_JOB,
                end - time.monotonic(),
                _asking({"job-name": name, **self._pages_attribute(pages)}),
                self._job_template(),
            )
            _require(answer)
        job = _job(answer, name)
        if {"media", "print-scaling"} & answer.unsupported.keys():
            # It would print on another paper or at another size, and still call it done.
            self.cancel(job)
            raise DeviceError(ErrorCode.PRINTER_REFUSED, f"will not take {', '.join(sorted(answer.unsupported))}")
        return job

    def send(self, job: Job, document: bytes, deadline_s: float) -> None:
        """See ``DocumentPrinter.send``. PRINT_UNKNOWN when the link broke after bytes went out."""
        self._set_active(job.name, True)
        attributes: dict[str, Any] = {"document-name": job.name, "document-format": _format_of(document)}
        with self._failing(job.name, ErrorCode.PRINT_UNKNOWN):
            if job.id:
                head = {"job-id": job.id, **_asking({}), **attributes, "last-document": True}
                _require(self._client.call(Operation.SEND_DOCUMENT, deadline_s, head, None, document))
                return
            head = _asking({"job-name": job.name, **attributes})
            answer = self._client.call(Operation.PRINT_JOB, deadline_s, head, self._job_template(), document)
            _require(answer)
            with self._lock:
                self._printed[job.name] = _job(answer, job.name)

    def poll(self, job: Job, deadline_s: float = 2.0) -> JobReport:
        """See ``DocumentPrinter.poll``; never raises."""
        end = time.monotonic() + deadline_s
        known = job if job.id else self._printed.get(job.name)
        try:
            if known is None:
                found = self.find(job.name, deadline_s)
                return found[1] if found else JobReport(JobState.UNKNOWN, detail="no job of that name")
            answer = self._client.call(
                Operation.GET_JOB_ATTRIBUTES,
                deadline_s,
                {"job-id": known.id, **_asking({"requested-attributes": _JOB_ATTRIBUTES})},
            )
        except LinkError as error:
            return JobReport(JobState.UNKNOWN, has_lost_link=True, detail=error.detail)
        except DeviceError as error:
            return JobReport(JobState.UNKNOWN, has_lost_link=True, detail=error.detail)
        if not answer.is_ok or not answer.jobs:
            return JobReport(JobState.UNKNOWN, detail=f"status {answer.status:#06x}")
        attributes = answer.jobs[0]
        its_name = attributes.get("job-name")
        if isinstance(its_name, str) and its_name and its_name != job.name:
            # A printer that lost its history counts from one again: this id is somebody else's paper.
            return JobReport(JobState.UNKNOWN, detail="the id belongs to another job")
        report = self._report(attributes)
        if report.state.is_final:
            self._set_active(job.name, False)
            return report
        status = self._look(max(0.05, min(CALL_S, end - time.monotonic())))
        merged = worst_first((*report.reasons, *(r for r in status.reasons if r is not Reason.STARTING)))
        return JobReport(report.state, report.impressions, merged, False, report.detail or status.detail)

    def find(self, name: str, deadline_s: float = 5.0) -> tuple[Job, JobReport] | None:
        """See ``DocumentPrinter.find``; the youngest when the printer holds several of that name."""
        end = time.monotonic() + deadline_s
        matches: list[tuple[Job, JobReport]] = []
        for which in ("not-completed", "completed"):
            for attributes in self._jobs(which, end - time.monotonic()):
                job_id = number(attributes.get("job-id"))
                if attributes.get("job-name") == name and job_id:
                    uri = attributes.get("job-uri")
                    job = Job(job_id, name, uri if isinstance(uri, str) else "")
                    matches.append((job, self._report(attributes)))
        return max(matches, key=lambda match: match[0].id, default=None)

    def cancel(self, job: Job, deadline_s: float = 5.0) -> bool:
        """See ``DocumentPrinter.cancel``; False also when the printer does not know the job or does not answer."""
        end = time.monotonic() + deadline_s
        known = job if job.id else self._printed.get(job.name)
        try:
            if known is None:
                found = self.find(job.name, deadline_s)
                if found is None:
                    self._set_active(job.name, False)
                    return True
                known = found[0]
            self._client.call(Operation.CANCEL_JOB, end - time.monotonic(), {"job-id": known.id, **_asking({})})
        except (LinkError, DeviceError):
            return False
        pause = threading.Event()
        while (left := end - time.monotonic()) > 0:
            report = self.poll(known, left)
            if report.state.is_final:
                return True
            if report.state is JobState.UNKNOWN and not report.has_lost_link:
                self._set_active(job.name, False)
                return False
            pause.wait(min(0.1, left))
        return False

    def open_jobs(self, deadline_s: float = 5.0) -> list[Job]:
        """See ``DocumentPrinter.open_jobs``; whoever's they are."""
        jobs: list[Job] = []
        for attributes in self._jobs("not-completed", deadline_s):
            job_id = number(attributes.get("job-id"))
            if job_id and not self._report(attributes).state.is_final:
                name, uri = attributes.get("job-name"), attributes.get("job-uri")
                jobs.append(Job(job_id, name if isinstance(name, str) else "", uri if isinstance(uri, str) else ""))
        with self._lock:
            # A job that nobody polled to its end is active only as long as the printer holds it.
            self._active &= {job.name for job in jobs}
        return jobs

    # --- parts ----------------------------------------------------------------------------------------------------

    def _jobs(self, which: str, deadline_s: float) -> list[Mapping[str, Any]]:
        try:
            answer = self._client.call(
                Operation.GET_JOBS,
                deadline_s,
                _asking({"which-jobs": which, "my-jobs": False, "requested-attributes": _JOB_ATTRIBUTES}),
            )
        except LinkError as error:
            code = ErrorCode.PRINT_UNKNOWN if error.was_reached else ErrorCode.PRINTER_AWAY
            raise DeviceError(code, error.detail) from error
        if answer.status == IppStatus.NOT_FOUND:
            return []
        _require(answer)
        return list(answer.jobs)

    def _report(self, attributes: Mapping[str, Any]) -> JobReport:
        state = _JOB_STATES.get(number(attributes.get("job-state")) or 0, JobState.UNKNOWN)
        words = listed(attributes.get("job-state-reasons"))
        reasons = [] if state.is_final else [r for r in reasons_of(words, self.kind)[0] if r is not Reason.UNNAMED]
        impressions = number(attributes.get("job-impressions-completed"))
        return JobReport(state, impressions, tuple(reasons), False, ", ".join(word for word in words if word != "none"))

    def _job_template(self) -> dict[str, Any]:
        template: dict[str, Any] = {"media": self._media, "copies": 1}
        if self._has_sides:
            template["sides"] = "one-sided"
        if self._scaling:
            template["print-scaling"] = self._scaling
        return template

    def _pages_attribute(self, pages: int) -> dict[str, Any]:
        return {"job-impressions": pages} if self._takes_impressions and pages > 0 else {}

    def _set_active(self, name: str, is_active: bool) -> None:
        """While a job runs the state is asked for twice a second."""
        with self._lock:
            if is_active:
                self._active.add(name)
            else:
                self._active.discard(name)
        if is_active:
            self._wake.set()

    @contextmanager
    def _failing(self, name: str, lost: ErrorCode) -> Any:
        """Turn a broken link into the DeviceError that says whether bytes can have arrived."""
        try:
            yield
        except LinkError as error:
            self._set_active(name, error.was_reached)
            raise DeviceError(lost if error.was_reached else ErrorCode.PRINTER_AWAY, error.detail) from error
        except DeviceError:
            self._set_active(name, False)
            raise


def _asking(attributes: dict[str, Any]) -> dict[str, Any]:
    return {"requesting-user-name": USER, **attributes}


def _require(answer: IppAnswer) -> None:
    if answer.is_ok:
        return
    code = {IppStatus.BUSY: ErrorCode.PRINTER_BUSY}.get(IppStatus(answer.status)) if _is_known(answer.status) else None
    raise DeviceError(code or ErrorCode.PRINTER_REFUSED, f"status {answer.status:#06x}")


def _is_known(status: int) -> bool:
    return status in IppStatus._value2member_map_


def _job(answer: IppAnswer, name: str) -> Job:
    attributes = answer.jobs[0] if answer.jobs else {}
    job_id, uri = number(attributes.get("job-id")), attributes.get("job-uri")
    if not job_id or job_id < 0:
        raise DeviceError(ErrorCode.PRINT_UNKNOWN, "the printer gave no job id")
    return Job(job_id, name, uri if isinstance(uri, str) else "")


def _format_of(document: bytes) -> str:
    if document.startswith(b"%PDF-"):
        return "application/pdf"
    if document.startswith(b"RaS2"):
        return "image/pwg-raster"
    return "application/octet-stream"
