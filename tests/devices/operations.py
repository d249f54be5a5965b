"""What can be asked of each kind of device: the table behind the conformance checks of operations.

An adapter of a kind that stands here is checked without a line of its own: the name of its bench tells the kind.
"""

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kiosk.devices.contract import (
    CardRead,
    CardReadKind,
    DeviceKind,
    Job,
    JobReport,
    JobState,
    SlipEnd,
    SlipOutcome,
)
from kiosk.devices.contract.scanner import ScanOutcome
from kiosk.errors import DeviceError
from tests.devices.bench import Bench
from tests.devices.papers import noise_slip, pdf
from tests.devices.waiting import until

AnyBench = Bench[Any, Any]

JOB_MARK = "uji-"
"""Begins the name of every job of these checks: nobody else's is ever cancelled."""
POLL_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Operation:
    """``run(bench, device, prepared, deadline_s)`` answers with one of ``outcomes`` or raises DeviceError.

    ``is_good`` holds for what a device in order answers; ``moves_paper`` when a good end is one more piece of paper,
    which ``bench.count_output`` must agree with.
    """

    name: str
    prepare: Callable[[AnyBench, Any], Any]
    run: Callable[[AnyBench, Any, Any, float], object]
    outcomes: tuple[type, ...]
    is_good: Callable[[Any], bool]
    moves_paper: bool = False


def tidy(bench: AnyBench, device: Any) -> None:
    """Leave nothing for the next check: our open jobs are cancelled, the card is taken off."""
    if device.kind in (DeviceKind.DOCUMENT_PRINTER, DeviceKind.CARD_PRINTER):
        with suppress(DeviceError):
            for job in device.open_jobs(2.0):
                if job.name.startswith(JOB_MARK):
                    device.cancel(job, 2.0)
    if bench.take_back is not None:
        bench.take_back()
    if device.kind is DeviceKind.CARD_READER and bench.take_back is not None:
        # Two cards within one look are a swap, and a swap is rightly no same card.
        until(lambda: not device.status().is_usable or not device.presence().is_present, "the card gone")


# --- card reader ----------------------------------------------------------------------------------------------------


def _give(bench: AnyBench) -> None:
    assert bench.give is not None, "a bench of this kind needs give: it lays a card on, or shows a code"
    bench.give()


def _lay_card(bench: AnyBench, device: Any) -> None:
    _give(bench)


def _read(bench: AnyBench, device: Any, prepared: Any, deadline_s: float) -> CardRead:
    read: CardRead = device.read(deadline_s, threading.Event())
    return read


def _lay_and_read(bench: AnyBench, device: Any) -> CardRead:
    _give(bench)
    read = _read(bench, device, None, 5.0)
    assert read.kind is CardReadKind.READ, f"the card could not be read: {read.kind} {read.detail}"
    return read


def _is_same(bench: AnyBench, device: Any, prepared: CardRead, deadline_s: float) -> bool:
    return bool(device.is_same_card(prepared, deadline_s))


# --- printers -------------------------------------------------------------------------------------------------------


def new_name() -> str:
    """A job name that no printer has seen."""
    return f"{JOB_MARK}{uuid.uuid4().hex[:12]}"


def _nothing(bench: AnyBench, device: Any) -> str:
    return new_name()


def _created(bench: AnyBench, device: Any) -> Job:
    job: Job = device.create(new_name(), 1, 5.0)
    return job


def _sent(bench: AnyBench, device: Any) -> Job:
    job = _created(bench, device)
    device.send(job, pdf(1), 5.0)
    return job


def _create(bench: AnyBench, device: Any, prepared: str, deadline_s: float) -> object:
    return device.create(prepared, 1, deadline_s)


def _send(bench: AnyBench, device: Any, prepared: Job, deadline_s: float) -> object:
    return device.send(prepared, pdf(1), deadline_s)


def _poll(bench: AnyBench, device: Any, prepared: Job, deadline_s: float) -> object:
    return device.poll(prepared, deadline_s)


def _find(bench: AnyBench, device: Any, prepared: Job, deadline_s: float) -> object:
    return device.find(prepared.name, deadline_s)


def _cancel(bench: AnyBench, device: Any, prepared: Job, deadline_s: float) -> object:
    return device.cancel(prepared, deadline_s)


def _open_jobs(bench: AnyBench, device: Any, prepared: Any, deadline_s: float) -> object:
    return device.open_jobs(deadline_s)


def _print(bench: AnyBench, device: Any, prepared: str, deadline_s: float) -> JobReport:
    """As the kiosk prints: create, send, and poll to the end or the deadline."""
    return print_document(device, prepared, pdf(1), 1, deadline_s)


def print_document(device: Any, name: str, document: bytes, pages: int, deadline_s: float) -> JobReport:
    """The last report of a whole print. Raises DeviceError."""
    from time import monotonic

    end = monotonic() + deadline_s
    job = device.create(name, pages, deadline_s)
    device.send(job, document, max(0.05, end - monotonic()))
    pause = threading.Event()
    report = JobReport(JobState.UNKNOWN)
    while (left := end - monotonic()) > 0:
        report = device.poll(job, left)
        if report.state.is_final:
            break
        pause.wait(POLL_PAUSE_S)
    return report


# --- slip printer and scanner ---------------------------------------------------------------------------------------


def _print_slip(bench: AnyBench, device: Any, prepared: Any, deadline_s: float) -> object:
    return device.print_slip(noise_slip(120, 384), deadline_s)


def _scan(bench: AnyBench, device: Any, prepared: Any, deadline_s: float) -> str:
    """Show a code and wait for it; empty when none came, or one that was rejected."""
    codes: list[ScanOutcome] = []
    came = threading.Event()

    def take(code: ScanOutcome) -> None:
        codes.append(code)
        came.set()

    end = device.listen_codes(take)
    device.expect(True)
    try:
        _give(bench)
        came.wait(deadline_s)
    finally:
        device.expect(False)
        end()
    return codes[0].text if codes else ""


_PRINTING = (
    Operation("create", _nothing, _create, (Job,), lambda job: isinstance(job, Job)),
    Operation("send", _created, _send, (type(None),), lambda nothing: nothing is None),
    Operation("poll", _sent, _poll, (JobReport,), lambda report: report.state is not JobState.UNKNOWN),
    Operation("find", _sent, _find, (tuple, type(None)), lambda found: found is not None),
    Operation("cancel", _created, _cancel, (bool,), lambda is_over: is_over is True),
    Operation("open_jobs", _nothing, _open_jobs, (list,), lambda jobs: isinstance(jobs, list)),
    Operation("print", _nothing, _print, (JobReport,), lambda report: report.state is JobState.COMPLETED, True),
)

OPERATIONS: dict[DeviceKind, tuple[Operation, ...]] = {
    DeviceKind.CARD_READER: (
        Operation("read", _lay_card, _read, (CardRead,), lambda read: read.kind is CardReadKind.READ),
        Operation("is_same_card", _lay_and_read, _is_same, (bool,), lambda is_same: is_same is True),
    ),
    DeviceKind.DOCUMENT_PRINTER: _PRINTING,
    DeviceKind.CARD_PRINTER: _PRINTING,
    DeviceKind.SLIP_PRINTER: (
        Operation(
            "print_slip",
            lambda bench, device: None,
            _print_slip,
            (SlipOutcome,),
            lambda outcome: outcome.end is SlipEnd.PRINTED,
            True,
        ),
    ),
    DeviceKind.SCANNER: (Operation("scan", lambda bench, device: None, _scan, (str,), lambda code: code != ""),),
}


def kind_of(bench_name: str) -> DeviceKind | None:
    """By the name of the bench, which begins with its kind; None for a kind of its own."""
    if bench_name.startswith("queue"):
        return DeviceKind.DOCUMENT_PRINTER
    return next((kind for kind in DeviceKind if bench_name.startswith(kind.value)), None)


def operations_of(bench_name: str) -> tuple[Operation, ...]:
    """What the checks ask of that bench."""
    kind = kind_of(bench_name)
    return OPERATIONS.get(kind, ()) if kind is not None else ()


def answer_of(operation: Operation, bench: AnyBench, device: Any, prepared: Any, deadline_s: float) -> object:
    """The outcome, or the DeviceError; anything else that is raised fails the check, and so does a strange type."""
    try:
        outcome = operation.run(bench, device, prepared, deadline_s)
    except DeviceError as error:
        return error
    assert isinstance(outcome, operation.outcomes), f"{operation.name} answered with a {type(outcome).__name__}"
    return outcome
