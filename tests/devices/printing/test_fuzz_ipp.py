"""Answers and requests of noise, as many as one likes: ``FUZZ=300000 pytest tests/devices/printing/test_fuzz_ipp.py``.

No crash, no hang, no good news out of noise. Every run draws other noise; a failure names the seed that made it.
"""

import os
import random
import struct
import time
from collections.abc import Callable, Iterator

import pytest

from kiosk.devices.contract import Band, Job, JobState, PageForm
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.printing.ipp import LinkError, Operation, encode_request, parse_answer
from kiosk.devices.simulated.ipp_front import IppFront
from kiosk.devices.simulated.ipp_wire import BadMessageError, unpack
from kiosk.devices.simulated.printer_double import PrinterDouble
from kiosk.errors import DeviceError
from tests.devices.benches import A4
from tests.devices.papers import pdf

COUNT = int(os.environ.get("FUZZ", "4000"))
SEED = random.SystemRandom().randrange(1 << 32)
URI = "ipp://printer.invalid/ipp/print"
SLOW_S = 1.0

pytestmark = pytest.mark.timeout(60 + COUNT // 100)


def _samples() -> tuple[list[bytes], list[bytes]]:
    """Real requests and their real answers."""
    double = PrinterDouble()
    double.shift_range = (-1000, 1000)
    front = IppFront(double, URI)
    requests: list[bytes] = []
    answers: list[bytes] = []

    def post(body: bytes, deadline_s: float) -> bytes:
        requests.append(body)
        answers.append(front.post(body, deadline_s))
        return answers[-1]

    printer = IppPrinter(URI, A4, post=post, tray="main")
    job = printer.create("cetak-1", 1, 5)
    printer.send(job, pdf(1), 5)
    printer.poll(job)
    printer.look()
    printer.find("cetak-1")
    printer.cancel(job)
    printer.open_jobs()
    requests.append(encode_request(Operation.VALIDATE_JOB, {"printer-uri": URI}, {"copies": 1, "media": A4}, 3))
    double.close()
    return requests, answers


REQUESTS, ANSWERS = _samples()
HEAD = bytes.fromhex("0200000000000001") + b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"


def spoilt(draw: random.Random, samples: list[bytes]) -> bytes:
    """A sample with some bytes, lengths or pieces wrong, or plain noise."""
    kind = draw.random()
    if kind < 0.1:
        return draw.randbytes(draw.randrange(80))
    raw = bytearray(draw.choice(samples)[:6000])
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(raw))
        act = draw.random()
        if act < 0.5:
            raw[at] = draw.randrange(256)
        elif act < 0.7:
            raw[at : at + draw.randrange(12)] = b""
        elif act < 0.85:
            raw[at:at] = draw.randbytes(draw.randrange(8))
        else:
            other = draw.choice(samples)
            start = draw.randrange(len(other))
            raw[at:at] = other[start : start + draw.randrange(64)]
        if not raw:
            return b""
    return bytes(raw[: draw.randrange(len(raw) + 1)] if kind < 0.3 else raw)


def each(salt: int, samples: list[bytes]) -> Iterator[bytes]:
    draw = random.Random(SEED + salt)
    for _ in range(COUNT):
        yield spoilt(draw, samples)


def timed(raw: bytes, act: Callable[[], object]) -> None:
    began = time.thread_time()
    try:
        act()
    except Exception as error:
        raise AssertionError(f"seed {SEED}: {type(error).__name__} at {raw.hex()[:400]}") from error
    assert time.thread_time() - began < SLOW_S, f"seed {SEED}: {raw.hex()[:400]}"


def test_any_answer_is_read_or_refused() -> None:
    def read(raw: bytes) -> None:
        try:
            parse_answer(raw)
        except LinkError:
            return

    for raw in each(1, ANSWERS):
        timed(raw, lambda raw=raw: read(raw))  # type: ignore[misc]


def test_no_answer_of_noise_makes_a_printer_good_or_a_job_completed_of_another_name() -> None:
    def ask(raw: bytes) -> None:
        printer = IppPrinter(URI, A4, post=lambda *_: raw)
        status = printer._look(1)
        if status.band is Band.OK and printer.capabilities().formats:
            assert printer.capabilities().page_form is not PageForm.UNKNOWN
        printer.raster_form()
        report = printer._jobs.poll(Job(1, "p-never"), 1)
        assert report.state is not JobState.COMPLETED or b"job-name" not in raw or b"cetak-1" not in raw
        for act in (lambda: printer.find("p-never", 1), lambda: printer.open_jobs(1)):
            try:
                act()
            except DeviceError:
                continue

    for raw in each(2, ANSWERS):
        timed(raw, lambda raw=raw: ask(raw))  # type: ignore[misc]


def test_pure_noise_is_never_good() -> None:
    draw = random.Random(SEED)
    for _ in range(COUNT):
        raw = draw.randbytes(draw.randrange(120))
        printer = IppPrinter(URI, A4, post=lambda *_, raw=raw: raw)
        assert printer._look(1).band is not Band.OK, raw.hex()
        assert printer._jobs.poll(Job(1, "x"), 1).state is JobState.UNKNOWN, raw.hex()
        with pytest.raises(DeviceError):
            printer.create("x", 1, 1)


def attribute(tag: int, name: bytes, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value


def told(draw: random.Random) -> bytes:
    """A whole answer whose state and reasons are each right, of another kind, doubled, or missing."""
    states = [(0x23, struct.pack(">i", draw.choice((3, 3, 4, 5, 9)))), (0x41, b"idle"), (0x13, b""), (0x22, b"\1")]
    words = [(0x44, draw.choice((b"none", b"", b"media-jam", b"x-sad", b"\xff", b"none-report"))), (0x21, b"\0\0\0\3")]
    words += [(0x12, b""), (0x35, b"\0\2id\0\4none"), (0x30, b"none"), (0x22, b"\0")]
    out = HEAD + b"\x04" + attribute(0x49, b"document-format-supported", b"application/pdf")
    for name, values in ((b"printer-state", states), (b"printer-state-reasons", words)):
        for _ in range(draw.choice((0, 1, 1, 1, 2))):
            tag, value = values[0] if draw.random() < 0.6 else draw.choice(values)
            out += attribute(tag, name, value)
    return out + b"\x03"


def test_good_is_a_printer_that_says_so() -> None:
    """OK only from a state that is one, with reasons that are words and say "none"."""
    draw = random.Random(SEED + 5)
    good = 0
    for _ in range(COUNT // 4):
        raw = told(draw)
        printer = IppPrinter(URI, A4, post=lambda *_, raw=raw: raw)
        status = printer._look(1)
        if status.band is Band.OK:
            good += 1
            answer = parse_answer(raw).printer
            words = answer["printer-state-reasons"]
            assert answer["printer-state"] in (3, 4), f"seed {SEED}: {raw.hex()}"
            words = words if isinstance(words, list) else [words]
            named = [word for word in words if isinstance(word, str) and word]
            assert named, f"seed {SEED}: {raw.hex()}"
            assert all(word.startswith("none") for word in named), f"seed {SEED}: {raw.hex()}"
    assert good > COUNT // 200


@pytest.mark.parametrize("value", [attribute(0x44, b"", b"a"), attribute(0x34, b"", b"") + attribute(0x37, b"", b"")])
def test_a_megabyte_of_values_holds_nobody(value: bytes) -> None:
    """Neither the kiosk, which refuses it, nor the printer double, which took a minute for it."""
    raw = HEAD + b"\x04" + attribute(0x44, b"media", b"a") + value * (1_000_000 // len(value)) + b"\x03"
    began = time.thread_time()
    with pytest.raises(LinkError):
        parse_answer(raw)
    unpack(raw)
    assert time.thread_time() - began < 5


def test_any_request_is_answered_by_our_printer() -> None:
    double = PrinterDouble()
    front = IppFront(double, URI)

    def answer(raw: bytes) -> None:
        message = unpack(front.answer(raw))
        assert message.code <= 0x05FF
        if len(double.jobs) > 50:
            double.forget_jobs()

    try:
        for raw in each(3, REQUESTS):
            timed(raw, lambda raw=raw: answer(raw))  # type: ignore[misc]
    finally:
        double.close()


def test_any_request_is_read_or_refused_by_the_other_codec() -> None:
    for raw in each(4, REQUESTS):

        def read(raw: bytes = raw) -> None:
            try:
                unpack(raw)
            except BadMessageError:
                return

        timed(raw, read)
