"""The document printer by direct IPP: one document a job, and the printer's own word on its end.

Measured reasons for doing without a spooler stand in ``docs/devices.md``: a spooler says *completed* for a sheet that
never came, and prints a whole job again after a crash.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from kiosk.devices.contract import (
    Band,
    DeviceKind,
    ImageShift,
    Job,
    JobReport,
    PageForm,
    PrinterCapabilities,
    RasterForm,
    Reason,
    Status,
)
from kiosk.devices.printing.capabilities import (
    BOTH_FACES,
    ONE_SIDED,
    PDF,
    RASTER,
    STRICT,
    Probe,
    Wish,
    probe,
    raster_form,
    ticket,
    tray_fault,
)
from kiosk.devices.printing.ipp import IppClient, LinkError, Operation, Post
from kiosk.devices.printing.ipp_reasons import printer_state
from kiosk.devices.printing.ipp_values import listed, number
from kiosk.devices.printing.media import is_other_tray, is_same_media
from kiosk.devices.printing.printer_jobs import PrinterJobs, asking, job_of, require
from kiosk.devices.reasons import TABLE, band_of, severity, worst_first
from kiosk.devices.status import Clock
from kiosk.devices.watching import WatchedDevice
from kiosk.errors import DeviceError, ErrorCode

BUSY_POLL_S = 0.3
IDLE_POLL_S = 0.7
"""A fault is known within a second: this pause, and the answer."""
CALL_S = 1.0
MISSES_UNTIL_AWAY = 2

_STATE_ATTRIBUTES = ["printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "media-ready"]
_STATE_ATTRIBUTES += ["printer-input-tray", "printer-impressions-completed"]
_ALL_ATTRIBUTES = [
    *_STATE_ATTRIBUTES,
    "color-supported",
    "document-format-supported",
    "ipp-features-supported",
    "job-impressions-supported",
    "media-col-ready",
    "media-col-supported",
    "media-source-supported",
    "media-supported",
    "media-type-supported",
    "operations-supported",
    "print-scaling-supported",
    "printer-error-policy",
    "printer-make-and-model",
    "printer-resolution-supported",
    "pwg-raster-document-resolution-supported",
    "pwg-raster-document-sheet-back",
    "pwg-raster-document-type-supported",
    "sides-supported",
    "x-image-shift-supported",
    "y-image-shift-supported",
]


class IppPrinter(WatchedDevice):
    """A printer at an ``ipp://`` address. All operations may be called from any thread.

    ``tray`` is one of the printer's ``media-source`` words, or empty for its own choice.
    """

    is_queue = False

    def __init__(
        self,
        uri: str,
        media: str,
        kind: DeviceKind = DeviceKind.DOCUMENT_PRINTER,
        clock: Clock = time.monotonic,
        post: Post | None = None,
        *,
        tray: str = "",
        shift: ImageShift | None = None,
    ) -> None:
        super().__init__(kind, uri, clock)
        # A card's two faces are one card; a document's pages are sheets of their own.
        sides = BOTH_FACES if kind is DeviceKind.CARD_PRINTER else ONE_SIDED
        self._wish = Wish(media, tray, shift=shift or ImageShift(), sides=sides)
        self._client = IppClient(uri, post)
        self._jobs = PrinterJobs(self._client, kind, counts_sheets=not self.is_queue)
        self._wake = threading.Event()
        self._jobs.on_active = self._wake.set
        self._misses = 0
        self._probe = Probe()

    # --- life -----------------------------------------------------------------------------------------------------

    def _opened(self) -> None:
        self._client.open()

    def _interrupt(self) -> None:
        self._wake.set()

    def _closed(self) -> None:
        self._client.close()

    def _turn(self, stopping: threading.Event) -> None:
        self._wake.clear()
        self._look(CALL_S)
        is_calm = self._board.status().band is Band.OK and not self._jobs.active and not self._misses
        if not stopping.is_set():
            self._wake.wait(IDLE_POLL_S if is_calm else BUSY_POLL_S)

    def capabilities(self) -> PrinterCapabilities:
        """What the printer said when it was last found; empty before."""
        return self._probe.capabilities

    def set_shift(self, shift: ImageShift) -> None:
        """See ``DocumentPrinter.set_shift``."""
        self._wish = replace(self._wish, shift=shift)

    def raster_form(self) -> RasterForm | None:
        """See ``DocumentPrinter.raster_form``."""
        return raster_form(self._probe, self._wish)

    def look(self, deadline_s: float = 2.0) -> PrinterCapabilities:
        """See ``DocumentPrinter.look``."""
        self._look(deadline_s)
        found = self._probe.capabilities
        return found if self._misses == 0 else replace(found, page_counter=None)

    def _look(self, deadline_s: float) -> Status:
        """Ask the printer for its state and put it on the board."""
        is_known = bool(self._probe.capabilities.formats)
        wanted = _STATE_ATTRIBUTES if is_known else _ALL_ATTRIBUTES
        try:
            answer = self._client.call(
                Operation.GET_PRINTER_ATTRIBUTES, deadline_s, asking({"requested-attributes": wanted})
            )
        except LinkError as error:
            return self._missed(Reason.SILENT if error.was_reached else Reason.AWAY, error.detail)
        if not answer.is_ok:
            return self._missed(Reason.SILENT, f"status {answer.status & 0xFFFF:#06x}")
        was_missed, self._misses = self._misses > 0, 0
        if not is_known:
            self._learn(answer.printer)
        self._answered(was_missed)
        counter = number(answer.printer.get("printer-impressions-completed"))
        ready = tuple(listed(answer.printer.get("media-ready")))
        known = self._probe.capabilities
        if (counter, ready) != (known.page_counter, known.media_ready):
            fresh = replace(known, page_counter=counter, media_ready=ready)
            self._probe = replace(self._probe, capabilities=fresh)
        band, reasons, detail = self._state(answer.printer)
        return self._board.report(reasons, detail, band)

    def _learn(self, printer: Mapping[str, Any]) -> None:
        """The printer was found, or found again: it may be another one now."""
        found = probe(printer)
        self._probe = replace(found, capabilities=replace(found.capabilities, is_queue=self.is_queue))

    def _answered(self, was_missed: bool) -> None:
        """After each answer; ``was_missed`` when the one before did not come."""

    def _state(self, printer: Mapping[str, Any]) -> tuple[Band, list[Reason], str]:
        """What the printer says, and what of it does not fit this kiosk."""
        band, reasons, detail = printer_state(printer, self.kind)
        if is_other_tray(printer, self._wish.media):
            lower = {Reason.MEDIA_EMPTY: Reason.MEDIA_LOW, Reason.CARDS_EMPTY: Reason.CARDS_LOW}
            reasons = [lower.get(reason, reason) for reason in reasons]
            band, detail = band_of(reasons), "another tray is empty"
        misfits = list(self._misfits(printer))
        for reason, words in misfits:
            reasons.append(reason)
            detail = words or detail
        if misfits and band is not Band.UNKNOWN:
            band = Band.UNKNOWN if band_of(reasons) is Band.UNKNOWN else max(band, band_of(reasons), key=severity)
        return band, reasons, detail

    def _misfits(self, printer: Mapping[str, Any]) -> Iterator[tuple[Reason, str]]:
        """Reasons of our own: other paper than wished, no form of pages that we can give, no such tray."""
        ready = listed(printer.get("media-ready"))
        if ready and not any(is_same_media(self._wish.media, name) for name in ready):
            empty = Reason.CARDS_EMPTY if self.kind is DeviceKind.CARD_PRINTER else Reason.MEDIA_EMPTY
            yield empty, f"loaded: {', '.join(ready[:4])}; wanted: {self._wish.media}"
        if self._probe.capabilities.formats:
            if self._probe.capabilities.page_form is PageForm.UNKNOWN:
                yield Reason.NO_PDF, ""
            fault = tray_fault(self._probe, self._wish)
            if fault:
                yield Reason.NO_TRAY, fault

    def _missed(self, reason: Reason, detail: str) -> Status:
        """One miss may be a blip, the second is a fact. What comes back may be another printer."""
        self._misses += 1
        if self._misses < MISSES_UNTIL_AWAY and self._board.status().is_usable:
            return self._board.status()
        self._probe = Probe()
        return self._board.report([reason], detail)

    # --- jobs -----------------------------------------------------------------------------------------------------

    def create(self, name: str, pages: int, deadline_s: float) -> Job:
        """See ``DocumentPrinter.create``. Id 0 where the printer has no Create-Job: then ``send`` makes the job."""
        end = time.monotonic() + deadline_s
        status = self._look(min(CALL_S, deadline_s))
        if not status.is_usable:
            code = TABLE[status.reasons[0]].code_for(self.kind) if status.reasons else None
            words = ", ".join(reason.value for reason in status.reasons)
            raise DeviceError(code or ErrorCode.PRINTER_STOPPED, f"{words} {status.detail}".strip())
        self._jobs.set_active(name, True)
        if not self._probe.capabilities.has_create_job:
            return Job(0, name)
        counted = {"job-impressions": pages} if self._probe.takes_impressions and pages > 0 else {}
        with self._failing(name, ErrorCode.PRINTER_AWAY):
            answer = self._client.call(
                Operation.CREATE_JOB,
                end - time.monotonic(),
                asking({"job-name": name, **counted}),
                ticket(self._probe, self._wish),
            )
            require(answer)
        job = job_of(answer, name)
        ignored = STRICT & answer.unsupported.keys()
        if ignored:
            # It would print on another paper or at another size, and still call it done.
            self.cancel(job)
            raise DeviceError(ErrorCode.PRINTER_REFUSED, f"will not take {', '.join(sorted(ignored))}")
        return job

    def send(self, job: Job, document: bytes | Iterable[bytes], deadline_s: float) -> None:
        """See ``DocumentPrinter.send``. PRINT_UNKNOWN when the link broke after bytes went out."""
        self._jobs.set_active(job.name, True)
        attributes = {"document-name": job.name, "document-format": _format_of(document)}
        with self._failing(job.name, ErrorCode.PRINT_UNKNOWN):
            if job.id:
                head = {"job-id": job.id, **asking(attributes), "last-document": True}
                require(self._client.call(Operation.SEND_DOCUMENT, deadline_s, head, None, document))
                return
            head = asking({"job-name": job.name, **attributes})
            template = ticket(self._probe, self._wish)
            answer = self._client.call(Operation.PRINT_JOB, deadline_s, head, template, document)
            require(answer)
            self._jobs.remember(job_of(answer, job.name))

    def poll(self, job: Job, deadline_s: float = 2.0) -> JobReport:
        """See ``DocumentPrinter.poll``; never raises."""
        end = time.monotonic() + deadline_s
        report = self._jobs.poll(job, deadline_s)
        if report.state.is_final or report.has_lost_link or not report.state.is_known:
            return report
        status = self._look(max(0.05, min(CALL_S, end - time.monotonic())))
        merged = worst_first((*report.reasons, *(r for r in status.reasons if r is not Reason.STARTING)))
        return JobReport(report.state, report.impressions, merged, False, report.detail or status.detail)

    def find(self, name: str, deadline_s: float = 5.0) -> tuple[Job, JobReport] | None:
        """See ``DocumentPrinter.find``."""
        return self._jobs.find(name, deadline_s)

    def cancel(self, job: Job, deadline_s: float = 5.0) -> bool:
        """See ``DocumentPrinter.cancel``."""
        return self._jobs.cancel(job, deadline_s)

    def open_jobs(self, deadline_s: float = 5.0) -> list[Job]:
        """See ``DocumentPrinter.open_jobs``."""
        return self._jobs.open_jobs(deadline_s)

    @contextmanager
    def _failing(self, name: str, lost: ErrorCode) -> Iterator[None]:
        """Turn a broken link into the DeviceError that says whether bytes can have arrived."""
        try:
            yield
        except LinkError as error:
            self._jobs.set_active(name, error.was_reached)
            raise DeviceError(lost if error.was_reached else ErrorCode.PRINTER_AWAY, error.detail) from error
        except DeviceError:
            self._jobs.set_active(name, False)
            raise


def _format_of(document: bytes | Iterable[bytes]) -> str:
    if not isinstance(document, bytes) or document.startswith(b"RaS2"):
        return RASTER
    return PDF if document.startswith(b"%PDF-") else "application/octet-stream"
