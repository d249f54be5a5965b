"""Whatever a device answers: no crash, no hang, and never good news out of noise."""

import time
from contextlib import suppress
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.devices.card.link import CardFault, CardFaultError, CardSession, LinkState, LinkView
from kiosk.devices.card.reader import CardReader
from kiosk.devices.card.socket_link import SocketLink
from kiosk.devices.contract import Band, CardReadKind, DeviceKind, Job, JobState, SlipEnd
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.printing.ipp import LinkError, Operation, encode_request, parse_answer
from kiosk.devices.simulated.ipp_front import IppFront
from kiosk.devices.simulated.ipp_wire import BadMessageError, unpack
from kiosk.devices.simulated.printer_double import PrinterDouble
from kiosk.devices.simulated.slip_double import SlipDouble, SlipLine
from kiosk.devices.slip.commands import command_length
from kiosk.devices.slip.decoder import decode
from kiosk.devices.slip.encoder import warm_up
from kiosk.devices.slip.printer import EscPosPrinter, reasons_of_answers
from tests.devices.benches import A4
from tests.devices.papers import noise_slip, pdf
from tests.devices.waiting import until

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
warm_up()
slow = settings(quick, max_examples=60)


def _good_answers() -> list[bytes]:
    """Real answers of the double, to be spoilt."""
    double = PrinterDouble()
    front = IppFront(double, "ipp://printer.invalid/ipp/print")
    seen: list[bytes] = []

    def post(body: bytes, deadline_s: float) -> bytes:
        seen.append(front.post(body, deadline_s))
        return seen[-1]

    printer = IppPrinter("ipp://printer.invalid/ipp/print", A4, post=post)
    job = printer.create("cetak-1", 1, 5)
    printer.send(job, pdf(1), 5)
    printer.poll(job)
    printer.find("cetak-1")
    double.close()
    return seen


GOOD = _good_answers()


@quick
@given(st.binary(max_size=200))
def test_noise_is_no_ipp_answer(raw: bytes) -> None:
    try:
        parse_answer(raw)
    except LinkError:
        return
    assert b"\x03" in raw[8:], "taken for an answer without an end"


@quick
@given(st.sampled_from(GOOD), st.data())
def test_a_spoilt_answer_never_crashes_the_printer(good: bytes, data: st.DataObject) -> None:
    spoilt = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spoilt) - 1))
        spoilt[at] = data.draw(st.integers(0, 255))
    cut = bytes(spoilt[: data.draw(st.integers(0, len(spoilt)))])
    for answer in (bytes(spoilt), cut):
        printer = IppPrinter("ipp://printer.invalid/ipp/print", A4, post=lambda *_, answer=answer: answer)
        report = printer.poll(Job(1, "cetak-1"), 1)
        assert isinstance(report.state, JobState)
        assert printer.cancel(Job(1, "cetak-1"), 0.05) in (True, False)


@quick
@given(st.binary(max_size=120))
def test_noise_for_a_status_is_never_ok(raw: bytes) -> None:
    printer = IppPrinter("ipp://printer.invalid/ipp/print", A4, post=lambda *_: raw)
    status = printer._look(1)
    assert status.band is not Band.OK
    assert printer.poll(Job(1, "x"), 1).state is JobState.UNKNOWN


def test_lengths_that_run_backwards_do_not_hang() -> None:
    head = b"\x02\x00\x00\x00\x00\x00\x00\x01\x01"
    for body in (b"\x44\x00\x01a\xff\xfb", b"\x44\xff\xfba\x00\x00", b"\x34\x00\x01a\x00\x00" * 40):
        began = time.monotonic()
        try:
            parse_answer(head + body + b"\x03")
        except LinkError:
            pass
        else:
            raise AssertionError("taken for an answer")
        assert time.monotonic() - began < 1


@quick
@given(st.binary(max_size=300))
def test_noise_does_not_break_the_printer_double(raw: bytes) -> None:
    with suppress(BadMessageError):
        unpack(raw)
    double = PrinterDouble()
    assert IppFront(double, "ipp://printer.invalid/ipp/print").answer(raw)


@given(st.text(min_size=1, max_size=60), st.integers(0, 2**31 - 1))
def test_both_codecs_agree(name: str, job_id: int) -> None:
    """The kiosk's and the double's were written apart; a request must read back as it was meant."""
    raw = encode_request(Operation.PRINT_JOB, {"printer-uri": "ipp://a/b", "job-name": name, "job-id": job_id}, None, 9)
    message = unpack(raw + b"%PDF-")
    assert message.value("job-name") == name
    assert message.value("job-id") == job_id
    assert (message.code, message.request_id, message.data) == (Operation.PRINT_JOB, 9, b"%PDF-")


class _Noise:
    """A line that answers each question with what the test drew."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers = answers

    def write(self, data: bytes, deadline: float) -> None:
        del data, deadline

    def read(self, deadline: float) -> bytes:
        del deadline
        return self.answers.pop(0) if self.answers else b""

    def drain(self, deadline: float) -> None:
        del deadline

    def close(self) -> None:
        self.answers = []


@slow
@given(st.lists(st.binary(min_size=1, max_size=3), max_size=12))
def test_noise_on_the_slip_line_is_never_printed(answers: list[bytes]) -> None:
    printer = EscPosPrinter(lambda _: _Noise(list(answers)), "noise")
    outcome = printer.print_slip(noise_slip(8), 0.05)
    good = [byte for answer in answers for byte in answer if byte & 0x93 == 0x12]
    assert outcome.end is not SlipEnd.PRINTED or len(good) >= 8


@given(*[st.integers(0, 255)] * 4)
def test_any_four_bytes_are_some_state(one: int, two: int, three: int, four: int) -> None:
    reasons = reasons_of_answers(one, two, three, four)
    if (one & 0x08) or (two & 0x64) or (three & 0x6C) or (four & 0x60):
        assert reasons


@quick
@given(st.binary(max_size=600))
def test_the_decoder_takes_any_bytes(data: bytes) -> None:
    try:
        slips = decode(data)
    except ValueError:
        return
    assert all(slip.image.width == 576 for slip in slips)


@given(st.binary(min_size=1, max_size=80), st.integers(0, 79))
def test_commands_move_on(data: bytes, at: int) -> None:
    at %= len(data)
    length = command_length(data, at)
    assert length is None or 0 < length <= len(data) - at


@quick
@given(st.binary(max_size=400), st.lists(st.integers(1, 50), max_size=20))
def test_pieces_make_no_difference_to_the_slip_double(data: bytes, sizes: list[int]) -> None:
    def answers(pieces: list[bytes]) -> bytes:
        line = SlipLine(SlipDouble())
        return b"".join(line.feed(piece) for piece in pieces)

    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    assert answers([*pieces, data[at:]]) == answers([data])


class _NoiseSession:
    atr = b"\x3b\x80"

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers

    def transmit(self, apdu: bytes) -> bytes:
        del apdu
        if not self._answers:
            raise CardFaultError(CardFault.PULLED)
        return self._answers.pop(0)

    def close(self) -> None:
        self._answers = []


class _NoiseLink:
    name = "noise"

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers
        self._told = Event()
        self._woken = Event()

    def open(self) -> None: ...

    def close(self) -> None: ...

    def wait(self, timeout_s: float) -> LinkView:
        if self._told.is_set():
            self._woken.wait(timeout_s)
        self._told.set()
        return LinkView(LinkState.READY, True, 1)

    def interrupt(self) -> None:
        self._woken.set()

    def connect(self) -> CardSession:
        return _NoiseSession(list(self._answers))


@slow
@given(st.lists(st.binary(max_size=20), max_size=6))
def test_noise_from_a_card_is_no_ktp_el(answers: list[bytes]) -> None:
    reader = CardReader(_NoiseLink(answers))
    reader.start()
    try:
        result = reader.read(2, Event())
        assert isinstance(result.kind, CardReadKind)
        if result.kind is CardReadKind.READ:
            assert any(answer[-2:] == b"\x90\x00" or answer[-2:-1] == b"\x61" for answer in answers)
        if not result.uid:
            assert not result.is_uid_stable
    finally:
        reader.stop()


@quick
@given(st.binary(max_size=200))
def test_noise_on_the_reader_line_shows_no_card(data: bytes) -> None:
    link = SocketLink("127.0.0.1:1")
    for line in data.split(b"\n"):
        link._take(line)
    view = link.wait(0)
    assert view.state is not LinkState.READY
    assert not view.is_present


@pytest.mark.parametrize("number", ["[1]", '{"a": 1}', "null", "true", "1.0", '"1"', "1e400"])
def test_a_number_of_another_kind_answers_nothing(number: str) -> None:
    """The line's thread outlives what no dictionary can look up."""
    link = SocketLink("127.0.0.1:1")
    link._answers[1] = None
    assert link._take(f'{{"id": {number}, "answer": "9000"}}'.encode())
    assert link._answers == {1: None}


def test_a_printer_of_another_kind_has_a_kind() -> None:
    printer = IppPrinter("ipp://printer.invalid/ipp/print", A4, DeviceKind.CARD_PRINTER, post=lambda *_: GOOD[0])
    printer.start()
    until(lambda: printer.status().kind is DeviceKind.CARD_PRINTER, "its kind")
    printer.stop()
