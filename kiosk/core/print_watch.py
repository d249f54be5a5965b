"""One job at a printer, watched to its end, and what the evidence then allows to say of it."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from kiosk import api
from kiosk.devices.contract import Band, DeviceKind, DocumentPrinter, Job, JobReport, JobState, Reason
from kiosk.devices.reasons import TABLE
from kiosk.documents.verified import ExpectedSize
from kiosk.errors import DeviceError, ErrorCode
from kiosk.flows.outcomes import Printed, PrintFailed, PrintUnknown
from kiosk.settings import DevicesTable
from kiosk.store.prints import Evidence, PrinterName, Verdict

if TYPE_CHECKING:
    from kiosk.devices.build import Devices

POLL_S = 0.2
CANCEL_S = 10.0
"""How long a job may take to end after it was cancelled, before the printer counts as holding it."""
LOST_S = 15.0
"""How long a silent printer is asked again before the print is given up as unknown."""

PrintEnded = Printed | PrintFailed | PrintUnknown
OnProgress = Callable[[int, int, str], None]


class Clock(Protocol):
    """Time as printing needs it, so that a test needs none."""

    def monotonic(self) -> float: ...

    def now(self) -> datetime: ...

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait so long, or until the event is set."""
        ...


class SystemClock:
    """The machine's own."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, event: threading.Event, seconds: float) -> None:
        event.wait(seconds)


@dataclass(slots=True)
class PrinterBay:
    """One printer of the machine. ``evidence`` and ``job_s`` are those of ``settings.PrinterTable``."""

    device: DocumentPrinter
    size: ExpectedSize
    evidence: str = "impressions"
    job_s: float = 180.0
    busy: threading.Lock = field(default_factory=threading.Lock, repr=False)
    held: dict[str, Job] = field(default_factory=dict, repr=False)
    is_holding: bool = False
    """Whether the printer itself said at the last look that it still has a job of ``held``."""
    was_used: bool = False
    """Whether a job was made for the visit that is open."""
    is_unchecked: bool = False
    """Whether the printer must still say that it has nothing left of the last visit."""


@dataclass(slots=True)
class Watch:
    """What was seen of a job from the send to its end."""

    report: JobReport
    has_lost_link: bool = False
    has_send_failed: bool = False
    reason: Reason | None = None
    is_cancelled: bool = False
    has_timed_out: bool = False
    is_queue: bool = False
    """Whether a spooler stands between: what it calls completed was sent, and no more is known."""


def watch_job(
    bay: PrinterBay,
    job: Job,
    pages: int,
    on_progress: OnProgress,
    cancel: threading.Event,
    clock: Clock,
    *,
    is_to_end: bool = False,
    is_patient: bool = True,
) -> Watch:
    """Poll until the job is final, forgotten, or given up.

    It is cancelled at once for ``is_to_end``, when ``cancel`` is set, after ``job_s``, and, unless ``is_patient``, as
    soon as it stands still for want of somebody's hand.
    """
    watch = Watch(JobReport(JobState.UNKNOWN), is_queue=bay.device.capabilities().is_queue)
    deadline = clock.monotonic() + bay.job_s
    give_up: float | None = None
    lost_since: float | None = None
    shown: tuple[int, str] | None = None
    never = threading.Event()
    while True:
        now = clock.monotonic()
        is_stuck = watch.reason is not None and not is_patient
        # A spooler that was away may have died, and then prints the whole job again.
        is_again = watch.is_queue and watch.has_lost_link and lost_since is None
        if give_up is None and (is_to_end or is_stuck or is_again or cancel.is_set() or now >= deadline):
            watch.is_cancelled = is_to_end or is_stuck or is_again or cancel.is_set()
            watch.has_timed_out = not watch.is_cancelled
            give_up = now + CANCEL_S
            # When the printer cannot be asked, the next poll says so.
            with suppress(DeviceError):
                bay.device.cancel(job)
        report = bay.device.poll(job)
        watch.report = report
        if report.has_lost_link:
            watch.has_lost_link = True
            lost_since = now if lost_since is None else lost_since
        elif report.state.is_final or report.state is JobState.UNKNOWN:
            return watch
        else:
            lost_since = None
        watch.reason = next((reason for reason in report.reasons if TABLE[reason].band is Band.ERROR), None)
        seen = (min(report.impressions or 0, pages), watch.reason or "")
        if seen != shown and not report.has_lost_link:
            shown = seen
            on_progress(seen[0], pages, seen[1])
        if (give_up is not None and now >= give_up) or (lost_since is not None and now - lost_since >= LOST_S):
            return watch
        clock.wait(never if give_up is not None else cancel, POLL_S)


def judge(bay: PrinterBay, watch: Watch, pages: int, counter_before: int | None) -> Verdict:
    """What the evidence allows to say of a document that was, wholly or in part, sent.

    A link that broke while polling may hide a power cut, after which a printer's counts mean nothing: unknown. A break
    while sending leaves only "failed" open, and only when the printer still knows the job and counted no sheet.
    """
    report = watch.report
    counted = report.impressions
    is_sound = not watch.has_lost_link and not watch.has_send_failed and not watch.is_queue
    if report.state is JobState.COMPLETED and is_sound:
        if bay.evidence in (Evidence.IMPRESSIONS, Evidence.PAGE_COUNTER) and counted is not None:
            if counted == pages:
                return Verdict(api.PrintEnd.PRINTED, None, Evidence.IMPRESSIONS, counted)
        elif bay.evidence == Evidence.PAGE_COUNTER and counter_before is not None:
            # Asked now: the last look may be older than the last sheet.
            counter = bay.device.look().page_counter
            if counter is not None and counter - counter_before == pages:
                return Verdict(api.PrintEnd.PRINTED, None, Evidence.PAGE_COUNTER, pages)
    has_ended_empty = report.state in (JobState.CANCELED, JobState.ABORTED) and counted == 0 and not watch.is_queue
    if has_ended_empty and not watch.has_lost_link:
        return Verdict(api.PrintEnd.FAILED, _reason(watch, ErrorCode.PRINT_FAILED), Evidence.IMPRESSIONS, 0)
    return Verdict(api.PrintEnd.UNKNOWN, _reason(watch, ErrorCode.PRINT_UNKNOWN), Evidence.NONE, counted)


def outcome(verdict: Verdict, watch: Watch, kind: DeviceKind, pages: int) -> PrintEnded:
    """The verdict as the engine's outcome, with the code that says best why."""
    if verdict.end is api.PrintEnd.PRINTED:
        return Printed(pages)
    code = TABLE[watch.reason].code_for(kind) if watch.reason is not None else None
    if verdict.end is api.PrintEnd.FAILED:
        return PrintFailed(code or _code(watch, ErrorCode.PRINT_FAILED), verdict.pages_out or 0)
    return PrintUnknown(code or _code(watch, ErrorCode.PRINT_UNKNOWN), verdict.pages_out or 0)


def _reason(watch: Watch, otherwise: ErrorCode) -> str:
    return str(watch.reason) if watch.reason is not None else reason_slug(_code(watch, otherwise))


def _code(watch: Watch, otherwise: ErrorCode) -> ErrorCode:
    if watch.has_timed_out:
        return ErrorCode.PRINT_TIMED_OUT
    if watch.has_lost_link or watch.has_send_failed:
        return ErrorCode.PRINTER_AWAY
    if watch.is_cancelled:
        return ErrorCode.VISIT_ABANDONED
    if watch.is_queue and watch.report.state is JobState.COMPLETED:
        return ErrorCode.PRINT_SENT_ONLY
    return otherwise


def reason_slug(code: ErrorCode) -> str:
    """An error code as the settlement's reason."""
    return code.lower()


def build_bays(devices: "Devices", tables: DevicesTable) -> dict[PrinterName, PrinterBay]:
    """Both printers, each with the size of its paper and what its *printed* rests on."""
    a4, card = tables.document_printer, tables.card_printer
    return {
        PrinterName.A4: PrinterBay(devices.document_printer, ExpectedSize.A4, a4.evidence, a4.job_s),
        PrinterName.CARD: PrinterBay(devices.card_printer, ExpectedSize.ID_1, card.evidence, card.job_s),
    }
