"""The jobs at one printer: asked for by id or by name, ended, and read without trust."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from kiosk.devices.contract import DeviceKind, Job, JobReport, JobState, Reason
from kiosk.devices.printing.ipp import IppAnswer, IppClient, IppStatus, LinkError, Operation
from kiosk.devices.printing.ipp_reasons import reasons_of
from kiosk.devices.printing.ipp_values import listed, number
from kiosk.devices.status import MAX_DETAIL
from kiosk.errors import DeviceError, ErrorCode

USER = "anjungan"
CANCEL_POLL_S = 0.1
OWN_NAME = re.compile(r"p-[0-9a-f]{32}")
"""What a kiosk names its jobs: any kiosk."""

JOB_ATTRIBUTES = ["job-id", "job-uri", "job-name", "job-state", "job-state-reasons", "job-impressions-completed"]

_JOB_STATES = {
    3: JobState.PENDING,
    4: JobState.HELD,
    5: JobState.PROCESSING,
    6: JobState.STOPPED,
    7: JobState.CANCELED,
    8: JobState.ABORTED,
    9: JobState.COMPLETED,
}


def asking(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a request in our name."""
    return {"requesting-user-name": USER, **attributes}


def require(answer: IppAnswer) -> None:
    """Raises DeviceError on a refusal."""
    if not answer.is_ok:
        code = ErrorCode.PRINTER_BUSY if answer.status == IppStatus.BUSY else ErrorCode.PRINTER_REFUSED
        raise DeviceError(code, f"status {answer.status & 0xFFFF:#06x}")


def job_of(answer: IppAnswer, name: str) -> Job:
    """The job that an answer speaks of. Raises DeviceError (PRINT_UNKNOWN) when it names none."""
    attributes = answer.jobs[0] if answer.jobs else {}
    job_id = number(attributes.get("job-id"))
    if not job_id or job_id < 0:
        raise DeviceError(ErrorCode.PRINT_UNKNOWN, "the printer gave no job id")
    return Job(job_id, name, _text(attributes.get("job-uri")))


class PrinterJobs:
    """Thread-safe. ``counts_sheets`` is False behind a spooler: its count says what it passed on, not what came out."""

    def __init__(self, client: IppClient, kind: DeviceKind, *, counts_sheets: bool = True) -> None:
        self._client = client
        self._kind = kind
        self._counts_sheets = counts_sheets
        self._lock = threading.Lock()
        self._active: set[str] = set()
        self._printed: dict[str, Job] = {}
        self.on_active: Callable[[], None] = lambda: None

    # --- which of ours run ----------------------------------------------------------------------------------------

    @property
    def active(self) -> frozenset[str]:
        """Names of jobs that were begun and are not known to be over."""
        with self._lock:
            return frozenset(self._active)

    def set_active(self, name: str, is_active: bool) -> None:
        """While a job runs the printer's state is asked for more often."""
        with self._lock:
            if is_active:
                self._active.add(name)
            else:
                self._active.discard(name)
        if is_active:
            self.on_active()

    def remember(self, job: Job) -> None:
        """A Print-Job was answered: its id belongs to the name that we know it by."""
        with self._lock:
            self._printed = {job.name: job}

    def _known(self, job: Job) -> Job | None:
        return job if job.id else self._printed.get(job.name)

    # --- asking ---------------------------------------------------------------------------------------------------

    def poll(self, job: Job, deadline_s: float) -> JobReport:
        """How the job stands; never raises."""
        known = self._known(job)
        try:
            if known is None:
                found = self.find(job.name, deadline_s)
                return found[1] if found else JobReport(JobState.UNKNOWN, detail="no job of that name")
            answer = self._client.call(
                Operation.GET_JOB_ATTRIBUTES,
                deadline_s,
                {"job-id": known.id, **asking({"requested-attributes": JOB_ATTRIBUTES})},
            )
        except (LinkError, DeviceError) as error:
            return JobReport(JobState.UNKNOWN, has_lost_link=True, detail=error.detail)
        if not answer.is_ok or not answer.jobs:
            return JobReport(JobState.UNKNOWN, detail=f"status {answer.status & 0xFFFF:#06x}")
        attributes = answer.jobs[0]
        its_name = attributes.get("job-name")
        if its_name not in (None, "") and its_name != job.name:
            # A printer that lost its history counts from one again: this id is somebody else's paper.
            return JobReport(JobState.UNKNOWN, detail="the id belongs to another job")
        report = self._report(attributes)
        if report.state is JobState.COMPLETED and its_name != job.name:
            # RFC 8011 makes every printer name its jobs: an answer without the name proves no print.
            return JobReport(JobState.UNKNOWN, detail="the answer names no job")
        if report.state.is_final:
            self.set_active(job.name, False)
        return _believed(report, attributes)

    def find(self, name: str, deadline_s: float) -> tuple[Job, JobReport] | None:
        """See ``DocumentPrinter.find``; the youngest when the printer holds several of that name."""
        end = time.monotonic() + deadline_s
        matches: list[tuple[Job, JobReport]] = []
        for which in ("not-completed", "completed"):
            for attributes in self._list(which, end - time.monotonic()):
                job_id = number(attributes.get("job-id"))
                if attributes.get("job-name") == name and job_id:
                    report = _believed(self._report(attributes), attributes)
                    matches.append((Job(job_id, name, _text(attributes.get("job-uri"))), report))
        return max(matches, key=lambda match: match[0].id, default=None)

    def open_jobs(self, deadline_s: float) -> list[Job]:
        """See ``DocumentPrinter.open_jobs``; whoever's they are."""
        jobs: list[Job] = []
        for attributes in self._list("not-completed", deadline_s):
            job_id = number(attributes.get("job-id"))
            if job_id and not self._report(attributes).state.is_final:
                jobs.append(Job(job_id, _text(attributes.get("job-name")), _text(attributes.get("job-uri"))))
        with self._lock:
            # A job that nobody polled to its end is active only as long as the printer holds it.
            self._active &= {job.name for job in jobs}
        return jobs

    # --- ending ---------------------------------------------------------------------------------------------------

    def cancel(self, job: Job, deadline_s: float) -> bool:
        """See ``DocumentPrinter.cancel``; False also when the printer does not know the job or does not answer."""
        end = time.monotonic() + deadline_s
        known = self._known(job)
        try:
            if known is None:
                found = self.find(job.name, deadline_s)
                if found is None:
                    self.set_active(job.name, False)
                    return True
                known = found[0]
            self._client.call(Operation.CANCEL_JOB, end - time.monotonic(), {"job-id": known.id, **asking({})})
        except (LinkError, DeviceError):
            return False
        pause = threading.Event()
        while (left := end - time.monotonic()) > 0:
            report = self.poll(known, left)
            if report.state.is_final:
                return True
            if report.state is JobState.UNKNOWN and not report.has_lost_link:
                self.set_active(job.name, False)
                return False
            pause.wait(min(CANCEL_POLL_S, left))
        return False

    # --- parts ----------------------------------------------------------------------------------------------------

    def _list(self, which: str, deadline_s: float) -> list[Mapping[str, Any]]:
        wanted = {"which-jobs": which, "my-jobs": False, "requested-attributes": JOB_ATTRIBUTES}
        try:
            answer = self._client.call(Operation.GET_JOBS, deadline_s, asking(wanted))
        except LinkError as error:
            code = ErrorCode.PRINT_UNKNOWN if error.was_reached else ErrorCode.PRINTER_AWAY
            raise DeviceError(code, error.detail) from error
        if answer.status == IppStatus.NOT_FOUND:
            return []
        require(answer)
        return list(answer.jobs)

    def _report(self, attributes: Mapping[str, Any]) -> JobReport:
        state = _JOB_STATES.get(number(attributes.get("job-state")) or 0, JobState.UNKNOWN)
        words = listed(attributes.get("job-state-reasons"))
        reasons = [] if state.is_final else [r for r in reasons_of(words, self._kind)[0] if r is not Reason.UNNAMED]
        counted = number(attributes.get("job-impressions-completed")) if self._counts_sheets else None
        detail = ", ".join(word for word in words if word != "none")[:MAX_DETAIL]
        return JobReport(state, counted, tuple(reasons), False, detail)


_SPOILT = re.compile(
    r"error|cancel|abort|interrupted|unprintable|not-supported|queued-in-device|unsupported-(?!attributes-or-values)"
)
"""Words among ``job-state-reasons`` (RFC 8011 5.3.8, PWG 5100.7) beside which *completed* is no proof of our pages.
What of a ticket must not be ignored is asked before the document goes."""


def _believed(report: JobReport, attributes: Mapping[str, Any]) -> JobReport:
    """UNKNOWN for a *completed* whose own reasons speak against it: sheets moved, but a printer that chokes on a page
    prints one that says so."""
    if report.state is not JobState.COMPLETED:
        return report
    spoilt = [word for word in listed(attributes.get("job-state-reasons")) if _SPOILT.search(word.lower())]
    if not spoilt:
        return report
    return JobReport(JobState.UNKNOWN, report.impressions, detail=f"completed, {', '.join(spoilt)}"[:MAX_DETAIL])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
