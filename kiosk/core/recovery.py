"""After a start: every print that the journal holds open is looked up at its printer and settled truthfully.

Nothing is ever printed here. A print without a journaled job id cannot have moved paper; every other one is asked for
by its name, which is unique, since a printer that lost its history counts its job ids from one again.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk import api
from kiosk.core.print_watch import Clock, PrinterBay, SystemClock, Watch, judge, watch_job
from kiosk.core.printing import PREFIX
from kiosk.core.situation import Recovered
from kiosk.devices.contract import Job, JobState
from kiosk.errors import DeviceError
from kiosk.events import LogEvent, log
from kiosk.store.prints import PrinterName, PrintRecord, Verdict

if TYPE_CHECKING:
    from kiosk.store.journal import Journal

PATIENCE_S = 90.0
"""How long a printer that is away may stay away: after a power cut it wakes later than the kiosk."""
ASK_AGAIN_S = 1.0
REASON = "core-restarted"
_OWN_NAME = re.compile(re.escape(PREFIX) + "[0-9a-f]{32}")
"""What a kiosk names its jobs: any kiosk."""


@dataclass(frozen=True, slots=True)
class RecoveredPrint:
    """What became of one print that was cut off. ``was_granted`` is False for the kiosk's own sheets."""

    print_id: str
    printer: PrinterName
    end: api.PrintEnd
    was_granted: bool


def what_came_out(journal: "Journal", found: list[RecoveredPrint], since: float) -> tuple[Recovered, ...]:
    """What a visit that was cut off must be told, without repeats: of the prints that were ``found`` open, and of those
    that it had finished since it began (seconds since 1970). Raises StoreError."""
    ends = [record.end for record in found]
    told = {record.print_id for record in found}
    for record in journal.settled_since(since):
        verdict = record.verdict
        if verdict is not None and record.print_id not in told and verdict.end is not api.PrintEnd.FAILED:
            ends.append(verdict.end)
    return tuple(Recovered(end.value) for end in dict.fromkeys(ends))


def recover(
    journal: "Journal",
    printers: Mapping[PrinterName, PrinterBay],
    cancel: threading.Event,
    *,
    clock: Clock | None = None,
    patience_s: float = PATIENCE_S,
    on_settled: Callable[[], None] = lambda: None,
) -> list[RecoveredPrint]:
    """Settle all open prints; blocks until done, cancelled (the rest stays open), or patience ends in unknown.

    To be run once on a worker at the start, before a visit may open. Raises StoreError.
    """
    clock = clock or SystemClock()
    deadline = clock.monotonic() + patience_s
    waiting = journal.open_prints()
    recovered: list[RecoveredPrint] = []
    while waiting and not cancel.is_set():
        is_last = clock.monotonic() >= deadline
        for record in list(waiting):
            verdict = _look_up(record, printers.get(record.printer), cancel, clock, is_last=is_last)
            if verdict is None:
                continue
            waiting.remove(record)
            journal.settle(record.print_id, verdict, clock.now())
            on_settled()
            log(LogEvent.PRINT_RECOVERED, state=record.state, ending=verdict.end, evidence=verdict.evidence)
            recovered.append(RecoveredPrint(record.print_id, record.printer, verdict.end, record.grant_id is not None))
        if waiting:
            clock.wait(cancel, ASK_AGAIN_S)
    for bay in printers.values():
        clear_printer(journal, bay)
    return recovered


def clear_printer(journal: "Journal", bay: PrinterBay) -> None:
    """Cancel every job of this kiosk that still stands at the printer; what stays is held against new visits.

    A printer that can't be asked is asked before it prints again: what waits there would come out with the next person.
    Kiosks may share a printer, so a name like ours is not enough: the journal must know it. Raises StoreError.
    """
    try:
        for job in _own_jobs(journal, bay):
            bay.device.cancel(job)
        left = _own_jobs(journal, bay)
    except DeviceError:
        bay.is_unchecked = True
        return
    bay.held.update({job.name: job for job in left})
    bay.is_holding = bool(bay.held)


def _own_jobs(journal: "Journal", bay: PrinterBay) -> list[Job]:
    return [job for job in bay.device.open_jobs() if _OWN_NAME.fullmatch(job.name) and _knows(journal, job.name)]


def _knows(journal: "Journal", print_id: str) -> bool:
    try:
        journal.record(print_id)
    except KeyError:
        return False
    return True


def _look_up(
    record: PrintRecord, bay: PrinterBay | None, cancel: threading.Event, clock: Clock, *, is_last: bool
) -> Verdict | None:
    """How the print ended, or None while its printer cannot say and there is still patience."""
    if not record.may_have_moved_paper:
        # No job id was journaled, so no byte was sent. An empty job of ours may stand there: clear_printer ends it.
        return Verdict(api.PrintEnd.FAILED, REASON, pages_out=0)
    unknown = Verdict(api.PrintEnd.UNKNOWN, REASON)
    if bay is None:
        return unknown
    try:
        found = bay.device.find(record.print_id)
    except DeviceError:
        return unknown if is_last else None
    if found is None:
        return unknown
    job, report = found
    watch = Watch(report)
    if not report.state.is_final:
        # A sheet that is moving may finish: its owner stands there. What waits or stands still is cancelled at once.
        is_moving = report.state is JobState.PROCESSING
        watch = watch_job(
            bay, job, record.pages, lambda *_: None, cancel, clock, is_to_end=not is_moving, is_patient=False
        )
    verdict = judge(bay, watch, record.pages, record.counter_before)
    return Verdict(verdict.end, verdict.reason and REASON, verdict.evidence, verdict.pages_out)
