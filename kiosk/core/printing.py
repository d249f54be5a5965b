"""Printing, exactly once: intent, grant, fetch, verify, job id, bytes, poll, settlement; each durable before the next.

``PrintService`` is called on the core's workers and blocks; it never prints anything again by itself. ``Printed`` rests
on evidence, ``PrintFailed`` on the printer's word that nothing moved, and all the rest is ``PrintUnknown``.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from kiosk import api
from kiosk.backend.contract import Office
from kiosk.core.prepared_print import PreparedPrint, has_run_out
from kiosk.core.print_watch import (
    Clock,
    OnProgress,
    PrintEnded,
    PrinterBay,
    SystemClock,
    judge,
    outcome,
    reason_slug,
    watch_job,
)
from kiosk.devices.contract import Job
from kiosk.documents.verified import ExpectedSize, VerifiedDocument
from kiosk.errors import BackendError, DeviceError, DocumentError, ErrorCode, KioskError, StoreError
from kiosk.events import LogEvent, log, place_of
from kiosk.flows.outcomes import PrintFailed, PrintUnknown
from kiosk.store.prints import PrinterName, Verdict

if TYPE_CHECKING:
    from kiosk.core.card_station import CardStation
    from kiosk.store.journal import Journal

CREATE_S = 10.0
SEND_S = 30.0
PREFIX = "p-"
"""Job names of ours begin so; recovery clears what it finds under it."""
_UNHEARD = frozenset(
    {ErrorCode.OFFICE_OFFLINE, ErrorCode.OFFICE_SLOW, ErrorCode.OFFICE_FAULT, ErrorCode.OFFICE_BAD_ANSWER}
)
"""The office may have done what was asked; only its answer did not come."""


class DocumentVerifier(Protocol):
    """``kiosk.documents.verify.Verifier``, which is slow to import."""

    def verify(self, pdf: bytes, *, expected_sha256: str | None, size: ExpectedSize) -> VerifiedDocument: ...


class PrintService:
    """Documents to paper. ``on_settled`` is called after each settlement (it wakes the outbox)."""

    def __init__(
        self,
        journal: "Journal",
        printers: Mapping[PrinterName, PrinterBay],
        office: Office,
        verifier: DocumentVerifier,
        clock: Clock | None = None,
        on_settled: Callable[[], None] = lambda: None,
        station: "CardStation | None" = None,
        tell: Callable[[str], None] = lambda grant_id: None,
    ) -> None:
        self._station = station
        self._tell = tell
        """Delivers what the outbox holds of one grant, now."""
        self._journal = journal
        self._printers = printers
        self._office = office
        self._verifier = verifier
        self._clock = clock or SystemClock()
        self._on_settled = on_settled
        self._unsettled: dict[str, Verdict] = {}
        self._unheard: dict[str, str] = {}
        """Of this visit: the key under which a document was asked for when no answer came, by document."""
        self._given_back: dict[str, str] = {}
        """Of this visit: the grant that was given back last, by document."""

    # --- before the paper ---------------------------------------------------------------------------------------

    def prepare(self, token: str, document_id: str, *, is_card: bool, cancel: threading.Event) -> PreparedPrint:
        """Grant, fetch and verify one document; on any failure the grant is settled as failed and free again.

        Raises BackendError, DocumentError, DeviceError (no such printer, or it still holds a job), StoreError, or
        KioskError (VISIT_ABANDONED) when ``cancel`` was set.
        """
        name = PrinterName.CARD if is_card else PrinterName.A4
        bay = self._free_bay(name)
        print_id = PREFIX + secrets.token_hex(16)
        self._journal.intend(print_id, name, self._clock.now())
        asked_at = self._clock.monotonic()
        try:
            grant = self._granted(token, document_id, print_id)
            if grant.printed_already or self._journal.has_grant(grant.id):
                # Or it stands here for another print: an answer of old, and its paper may be out.
                raise BackendError(ErrorCode.DOCUMENT_TAKEN, "settled as printed before")
            self._journal.granted(print_id, grant.id, self._clock.now())
        except Exception as error:
            code = error.code if isinstance(error, KioskError) else ErrorCode.INTERNAL
            self._close_unreported(print_id, code)
            raise
        try:
            if grant.document_id != document_id:
                raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, "a grant for another document")
            if has_run_out(grant, asked_at, self._clock):
                # It was given this moment: the office is an older one, which tells no seconds, and a clock is wrong.
                detail = "a grant had run out when it came"
                log(LogEvent.MACHINE_LACKS, name="clock", detail=detail)
                raise BackendError(ErrorCode.OFFICE_VISIT_EXPIRED, detail)
            return self._verified(token, print_id, name, bay, grant, cancel).counted_from(asked_at)
        except Exception as error:
            code = error.code if isinstance(error, KioskError) else ErrorCode.INTERNAL
            self._settle(print_id, Verdict(api.PrintEnd.FAILED, reason_slug(code), pages_out=0))
            self._given_back[document_id] = grant.id
            raise

    def _granted(self, token: str, document_id: str, print_id: str) -> api.Grant:
        """Ask for the grant. After an answer that never came, under the same key: it may have been given already."""
        key = self._unheard.setdefault(document_id, print_id)
        given_back = self._given_back.pop(document_id, "")
        if given_back:
            # Who tries again at once must not hear that the document is taken: by themselves, a moment ago.
            self._tell(given_back)
        try:
            grant = self._office.grant(token, document_id, key)
        except BackendError as error:
            if error.code not in _UNHEARD:
                self._unheard.pop(document_id, None)
            raise
        self._unheard.pop(document_id, None)
        return grant

    def _verified(
        self, token: str, print_id: str, name: PrinterName, bay: PrinterBay, grant: api.Grant, cancel: threading.Event
    ) -> PreparedPrint:
        _refuse_abandoned(cancel)
        data = self._office.fetch(token, grant.id)
        document = self._verifier.verify(data, expected_sha256=grant.sha256, size=bay.size)
        if document.pages != grant.pages:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, f"{document.pages} pages, granted {grant.pages}")
        self._journal.verified(print_id, pages=document.pages, sha256=document.sha256, at=self._clock.now())
        _refuse_abandoned(cancel)
        return PreparedPrint(print_id, name, document, grant)

    def sheet(self, prepared: PreparedPrint, page: int, width_px: int) -> bytes:
        """PNG of one page (from 0) for the preview. Raises DocumentError, or ValueError when there is no such page."""
        from kiosk.documents.preview import render_page

        return render_page(prepared.document.data, page, width_px)

    def release(self, prepared: PreparedPrint) -> None:
        """Give back a grant that will not be printed. Does nothing once it was printed or released."""
        if prepared.take():
            prepared.forget()
            verdict = Verdict(api.PrintEnd.FAILED, reason_slug(ErrorCode.VISIT_ABANDONED), pages_out=0)
            self._settle(prepared.print_id, verdict)
            self._given_back[prepared.document_id] = prepared.grant_id

    # --- to the paper -------------------------------------------------------------------------------------------

    def print(self, prepared: PreparedPrint, on_progress: OnProgress, cancel: threading.Event) -> PrintEnded:
        """Print once what was prepared and settle it; blocks at most the profile's ``job_s`` and some seconds.

        ``on_progress(done, total, reason)`` comes on this thread at each change; ``reason`` is the ``Reason`` why the
        printer stands still, or empty.
        """
        if not prepared.take():
            return PrintFailed(ErrorCode.INTERNAL)
        data = prepared.forget()
        if prepared.is_expired(self._clock):
            return self._fail(prepared.print_id, ErrorCode.OFFICE_VISIT_EXPIRED)
        ended = self._run(prepared.print_id, prepared.printer, data, prepared.document.pages, on_progress, cancel)
        if isinstance(ended, PrintFailed):
            # Nothing came out, and who tries again at once finds the document free.
            self._given_back[prepared.document_id] = prepared.grant_id
        return ended

    def print_own(
        self, pdf: bytes, on_progress: OnProgress, cancel: threading.Event, *, is_card: bool = False
    ) -> PrintEnded:
        """Print a sheet that the kiosk drew itself (data sheet, test page): journaled, but no grant and no settlement.

        Raises DeviceError (no such printer, or it still holds a job), DocumentError, StoreError.
        """
        import hashlib

        from kiosk.documents.preview import page_sizes_mm

        name = PrinterName.CARD if is_card else PrinterName.A4
        self._free_bay(name)
        pages = len(page_sizes_mm(pdf))
        print_id = PREFIX + secrets.token_hex(16)
        self._journal.intend(print_id, name, self._clock.now())
        sha256 = hashlib.sha256(pdf).hexdigest()
        self._journal.verified(print_id, pages=pages, sha256=sha256, at=self._clock.now())
        return self._run(print_id, name, pdf, pages, on_progress, cancel)

    def _run(
        self,
        print_id: str,
        name: PrinterName,
        data: bytes,
        pages: int,
        on_progress: OnProgress,
        cancel: threading.Event,
    ) -> PrintEnded:
        bay = self._printers[name]
        with bay.busy:
            if cancel.is_set():
                return self._fail(print_id, ErrorCode.VISIT_ABANDONED)
            self._find_left(bay)
            if bay.held or bay.is_unchecked:
                return self._fail(print_id, ErrorCode.PRINTER_BUSY if bay.held else ErrorCode.PRINTER_AWAY)
            if name is PrinterName.CARD and self._station is not None:
                try:
                    self._station.make_ready(print_id, bay.job_s, cancel)
                except Exception as error:  # noqa: BLE001 - an encoder's own library may raise anything
                    return self._fail(print_id, _code_of(error))
            try:
                bay.was_used = True
                job = bay.device.create(print_id, pages, CREATE_S)
                # Create asks the printer anew, and no sheet moves before the document goes.
                counter = bay.device.capabilities().page_counter
            except Exception as error:  # noqa: BLE001 - no byte has gone: whatever it is, nothing came out
                self._clear_named(bay, print_id)
                return self._fail(print_id, _code_of(error))
            try:
                self._journal.created(
                    print_id, job_id=job.id, job_uri=job.uri, counter_before=counter, at=self._clock.now()
                )
            except StoreError as error:
                # Without the job id on the disk not a byte goes out.
                self._end_and_hold(bay, job)
                return self._fail(print_id, error.code)
            try:
                return self._send_and_watch(bay, print_id, job, data, pages, counter, on_progress, cancel)
            except Exception:  # noqa: BLE001 - whatever it is, the job must end and the grant be settled
                log(LogEvent.BUG, where="print")
                self._end_and_hold(bay, job)
                self._settle(print_id, Verdict(api.PrintEnd.UNKNOWN, reason_slug(ErrorCode.INTERNAL)))
                return PrintUnknown(ErrorCode.INTERNAL)

    def _send_and_watch(
        self,
        bay: PrinterBay,
        print_id: str,
        job: Job,
        data: bytes,
        pages: int,
        counter: int | None,
        on_progress: OnProgress,
        cancel: threading.Event,
    ) -> PrintEnded:
        has_send_failed = False
        raster_sha256 = None
        try:
            raster_sha256 = self._send(bay, job, data)
        except (DeviceError, DocumentError):
            has_send_failed = True
        else:
            try:
                self._journal.sent(print_id, self._clock.now(), raster_sha256=raster_sha256)
            except StoreError as error:
                # CREATED says as much: from there on bytes may have gone.
                log(LogEvent.PRINT_NOT_JOURNALED, code=error.code, state="sent")
        watch = watch_job(bay, job, pages, on_progress, cancel, self._clock, is_to_end=has_send_failed)
        watch.has_send_failed = has_send_failed
        verdict = judge(bay, watch, pages, counter)
        if not watch.report.state.is_final:
            self._end_and_hold(bay, job)
        self._settle(print_id, verdict)
        return outcome(verdict, watch, bay.device.kind, pages)

    def _send(self, bay: PrinterBay, job: Job, data: bytes) -> str | None:
        """The verified bytes as they are, or the dots made from them; then the SHA-256 of what went."""
        form = bay.device.raster_form()
        if form is None:
            bay.device.send(job, data, SEND_S)
            return None
        import hashlib

        from kiosk.documents.raster import pwg_raster

        went = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            for piece in pwg_raster(data, form):
                went.update(piece)
                yield piece

        bay.device.send(job, pieces(), SEND_S)
        return went.hexdigest()

    # --- ends ---------------------------------------------------------------------------------------------------

    def hold_reason(self) -> ErrorCode | None:
        """Why no new visit may open: a printer still holds a job of the last one. Never blocks."""
        return ErrorCode.PRINTER_BUSY if any(bay.is_holding for bay in self._printers.values()) else None

    def visit_ended(self) -> None:
        """Nobody's paper may come out in the next visit: every printer that was used, and every queue, is to say that
        it has nothing of ours left (``clear_holds`` asks, and goes on asking one that is away). Never blocks."""
        self._unheard.clear()
        self._given_back.clear()
        for bay in self._printers.values():
            bay.is_unchecked = bay.is_unchecked or bay.was_used or bay.device.capabilities().is_queue
            bay.was_used = False

    @property
    def is_to_be_cleared(self) -> bool:
        """Whether ``clear_holds`` has something to do. Never blocks."""
        return any(bay.held or bay.is_unchecked for bay in self._printers.values())

    def clear_holds(self) -> None:
        """Ask the printers to let go of old jobs, and settle what the store refused before; for a worker, blocks.

        Call it every few seconds while ``hold_reason`` stands and whenever a printer comes back.
        """
        self._settle_late()
        for bay in self._printers.values():
            if (bay.held or bay.is_unchecked) and bay.busy.acquire(blocking=False):
                try:
                    self._find_left(bay)
                    for job in list(bay.held.values()):
                        self._end_and_hold(bay, job)
                finally:
                    bay.busy.release()

    def _find_left(self, bay: PrinterBay) -> None:
        """Hold what the printer still has of ours after a visit; one that cannot be asked stays to be asked."""
        if bay.is_unchecked:
            with suppress(DeviceError):
                bay.held.update({job.name: job for job in bay.device.open_jobs() if self._is_ours(job)})
                bay.is_unchecked = False

    def _is_ours(self, job: Job) -> bool:
        if not job.name.startswith(PREFIX):
            return False
        try:
            self._journal.record(job.name)
        except (KeyError, StoreError):
            return False
        return True

    def _end_and_hold(self, bay: PrinterBay, job: Job) -> None:
        """Cancel the job and make sure; what the printer keeps, or cannot be asked about, is held."""
        is_known = True
        try:
            bay.device.cancel(job)
            is_open = any(other.name == job.name for other in bay.device.open_jobs())
        except DeviceError:
            is_open, is_known = True, False
        if is_open:
            bay.held[job.name] = job
        else:
            bay.held.pop(job.name, None)
        bay.is_holding = bool(bay.held) and is_known

    def _clear_named(self, bay: PrinterBay, print_id: str) -> None:
        """After a Create-Job of unknown end: an empty job of ours may stand at the printer, though it cannot print."""
        try:
            found = bay.device.find(print_id)
        except DeviceError:
            return
        if found is not None and not found[1].state.is_final:
            self._end_and_hold(bay, found[0])

    def _settle_late(self) -> None:
        for print_id, verdict in list(self._unsettled.items()):
            del self._unsettled[print_id]
            self._settle(print_id, verdict)

    def _free_bay(self, name: PrinterName) -> PrinterBay:
        self._settle_late()
        bay = self._printers.get(name)
        if bay is None:
            raise DeviceError(ErrorCode.PRINTER_AWAY, f"no printer for {name}")
        if bay.held or bay.is_unchecked:
            self.clear_holds()
        if bay.held:
            raise DeviceError(ErrorCode.PRINTER_BUSY, f"{name} still holds a job")
        return bay

    def _fail(self, print_id: str, code: ErrorCode) -> PrintFailed:
        self._settle(print_id, Verdict(api.PrintEnd.FAILED, reason_slug(code), pages_out=0))
        return PrintFailed(code)

    def _close_unreported(self, print_id: str, code: ErrorCode) -> None:
        try:
            self._journal.close_unreported(print_id, reason_slug(code), self._clock.now())
        except StoreError as error:
            # The first cause wins; recovery closes the entry at the next start.
            log(LogEvent.PRINT_NOT_JOURNALED, code=error.code, state="closed")

    def _settle(self, print_id: str, verdict: Verdict) -> None:
        try:
            self._journal.settle(print_id, verdict, self._clock.now())
        except StoreError as error:
            # Kept for the next print; after a restart recovery asks the printer instead.
            self._unsettled[print_id] = verdict
            log(LogEvent.PRINT_NOT_JOURNALED, code=error.code, state="settled")
            return
        if self._station is not None:
            self._station.refresh()
        self._on_settled()


def _code_of(error: Exception) -> ErrorCode:
    """What the person hears of it; a bug also stands in the log."""
    if isinstance(error, KioskError):
        return error.code
    log(LogEvent.BUG, error=type(error).__name__, where=place_of(error))
    return ErrorCode.INTERNAL


def _refuse_abandoned(cancel: threading.Event) -> None:
    if cancel.is_set():
        raise KioskError(ErrorCode.VISIT_ABANDONED)
