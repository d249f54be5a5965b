"""What each effect does to devices, office and printing, with all of them in memory."""

import time
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image

from kiosk.core import handlers
from kiosk.core.paper import SlipStory
from kiosk.devices.contract import CardRead, CardReadKind, Presence, Reason, SlipEnd, SlipOutcome
from kiosk.documents.test_page import RulerFacts, draw_test_page
from kiosk.errors import BackendError, DeviceError, DocumentError, ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.store.numbers import Given
from kiosk.texts import Texts

from .hands import Bench, HandDocument, HandPrepared, bench
from .stand import DOCUMENTS, FAMILY, NOW, PERSON, SOMEBODY, UID


@pytest.fixture
def at() -> Bench:
    return bench()


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """A page that can be drawn."""
    facts = RulerFacts("anjungan-demo-01", datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    return draw_test_page(Texts("id"), facts)


def proved(at: Bench) -> Bench:
    assert isinstance(at.do(fx.Prove(1, fx.ProofKind.NIK, nik=PERSON["nik"], pin=SOMEBODY.pin)), out.Proved)
    return at


# --- cards


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CardReadKind.MUTE, ErrorCode.CARD_MUTE),
        (CardReadKind.FOREIGN, ErrorCode.CARD_FOREIGN),
        (CardReadKind.SEVERAL, ErrorCode.CARD_SEVERAL),
        (CardReadKind.PULLED, ErrorCode.CARD_PULLED),
        (CardReadKind.TIMED_OUT, ErrorCode.CARD_SLOW),
        (CardReadKind.NO_CARD, ErrorCode.CARD_PULLED),
    ],
)
def test_each_trouble_with_a_card_has_its_code(at: Bench, kind: CardReadKind, code: ErrorCode) -> None:
    at.reader.result = CardRead(kind, 4)
    at.reader.here = Presence(is_present=True, insertion=4)
    assert at.do(fx.ReadCard(1)) == out.CardTrouble(code)
    assert at.session.card is None
    assert at.session.troubled_insertion == 4


def test_a_reading_that_was_cancelled_is_no_fault_of_the_card(at: Bench) -> None:
    at.reader.result = CardRead(CardReadKind.CANCELLED)
    assert at.do(fx.ReadCard(1)) == out.Failed(ErrorCode.CARD_READER_AWAY)


def test_a_reader_that_is_away_is_waited_for_and_the_card_is_read_when_it_is_back(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [CardRead(CardReadKind.READER_AWAY)] * 3 + [CardRead(CardReadKind.READ, 1, UID, is_uid_stable=True)]
    monkeypatch.setattr(handlers, "AWAY_PAUSE_S", 0.0)
    monkeypatch.setattr(at.reader, "read", lambda deadline_s, cancel: answers.pop(0))
    assert at.do(fx.ReadCard(1)) == out.CardSeen(UID, is_stable=True)
    assert answers == []


@pytest.mark.parametrize("is_stable", [True, False])
def test_a_card_that_was_read_is_kept_for_the_proof(at: Bench, is_stable: bool) -> None:
    at.reader.result = CardRead(CardReadKind.READ, 1, UID, is_uid_stable=is_stable)
    assert at.do(fx.ReadCard(1)) == out.CardSeen(UID, is_stable=is_stable)
    assert at.session.card is at.reader.result


def test_a_card_that_gave_trouble_is_not_read_again_before_it_was_moved(
    at: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.session.troubled_insertion = 1
    waits: list[float] = []
    seconds = [0.0]

    def wait(step: float) -> bool:
        waits.append(step)
        seconds[0] += step
        assert "read" not in at.reader.asked
        if len(waits) == 3:
            at.reader.here = Presence(is_present=True, insertion=2)
        return False

    monkeypatch.setattr(at.cancel, "wait", wait)
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    assert isinstance(at.do(fx.ReadCard(1)), out.CardSeen)
    assert len(waits) == 3


def test_it_is_read_again_after_a_while_all_the_same(at: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    at.session.troubled_insertion = 1
    seconds = [0.0]

    def wait(step: float) -> bool:
        seconds[0] += step
        return False

    monkeypatch.setattr(at.cancel, "wait", wait)
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    at.do(fx.ReadCard(1))
    assert 2.0 <= seconds[0] < 2.2


def test_an_office_knows_a_card_or_does_not(at: Bench) -> None:
    assert at.do(fx.FindCard(1, UID)) == out.CardFound()
    assert at.do(fx.FindCard(2, b"\x04stranger")) == out.CardStranger()


# --- proofs


def test_a_card_proof_asks_the_reader_before_the_office(at: Bench) -> None:
    at.do(fx.ReadCard(1))
    at.reader.is_same = False
    prove = fx.Prove(2, fx.ProofKind.CARD, uid=UID, pin=SOMEBODY.pin)
    assert at.do(prove) == out.CardTrouble(ErrorCode.CARD_SWAPPED)
    at.reader.here = Presence(is_present=False, insertion=1)
    assert at.do(prove) == out.CardTrouble(ErrorCode.CARD_PULLED)
    at.session.card = None
    at.reader.here = Presence(is_present=True, insertion=1)
    assert at.do(prove) == out.CardTrouble(ErrorCode.CARD_PULLED)
    assert at.office.calls["prove"] == 0, "no PIN left the kiosk"
    assert at.session.token == ""


@pytest.mark.parametrize("kind", list(fx.ProofKind))
def test_each_proof_opens_the_account_and_keeps_the_token_in_the_core(at: Bench, kind: fx.ProofKind) -> None:
    at.do(fx.ReadCard(1))
    shown = SOMEBODY.print_code if kind is fx.ProofKind.CODE else SOMEBODY.qr_token
    effect = fx.Prove(2, kind, uid=UID, nik=PERSON["nik"], pin=SOMEBODY.pin, token=shown)
    outcome = at.do(effect)
    assert isinstance(outcome, out.Proved)
    assert outcome.can_bind_card == (kind is fx.ProofKind.NIK)
    assert at.session.token
    assert at.session.token not in repr(outcome)


def test_wrong_proofs_count_down_and_lock(at: Bench) -> None:
    wrong = fx.Prove(1, fx.ProofKind.NIK, nik=PERSON["nik"], pin="000000")
    assert [at.do(wrong) for _ in range(3)] == [out.Wrong(2), out.Wrong(1), out.Locked(900)]
    assert at.do(fx.Prove(1, fx.ProofKind.QR, token="worn-out")) == out.Wrong(None)
    code = fx.Prove(1, fx.ProofKind.CODE, token=SOMEBODY.print_code)
    assert [type(at.do(code)) for _ in range(2)] == [out.Proved, out.Wrong], "once"
    at.do(fx.ReadCard(2))
    assert at.do(fx.Prove(3, fx.ProofKind.CARD, uid=b"\x04stranger", pin="0")) == out.CardStranger()


def test_an_account_opened_for_a_visit_that_is_over_is_closed_at_once(at: Bench) -> None:
    at.session.wipe()
    at.do(fx.Prove(1, fx.ProofKind.NIK, nik=PERSON["nik"], pin=SOMEBODY.pin))
    assert at.session.token == ""
    assert at.office.calls["end_visit"] == 1


def test_a_card_is_bound_only_while_it_lies_there(at: Bench) -> None:
    proved(at)
    at.do(fx.ReadCard(1))
    at.reader.is_same = False
    assert at.do(fx.BindCard(2, UID)) == out.Failed(ErrorCode.CARD_SWAPPED, is_retryable=False)
    assert at.office.calls["bind_card"] == 0
    at.reader.is_same = True
    assert at.do(fx.BindCard(3, UID)) == out.Done()
    assert at.office.calls["bind_card"] == 1


# --- data


@pytest.mark.parametrize(
    ("what", "value"), [(fx.What.PERSON, PERSON), (fx.What.FAMILY, FAMILY), (fx.What.DOCUMENTS, DOCUMENTS)]
)
def test_what_is_fetched_is_kept_for_the_sheet_and_told_to_the_flow(at: Bench, what: fx.What, value: object) -> None:
    proved(at)
    assert at.do(fx.Fetch(1, what)) == out.Fetched(what, value)
    assert at.session.fetched == {what.value: value}


def test_what_arrives_after_the_end_is_not_kept(at: Bench) -> None:
    proved(at)
    at.session.is_over = True
    at.do(fx.Fetch(1, fx.What.PERSON))
    assert at.session.fetched == {}


def test_a_failing_office_is_left_to_the_runner(at: Bench) -> None:
    proved(at)
    at.office.fault = ErrorCode.OFFICE_SLOW
    with pytest.raises(BackendError):
        at.do(fx.Fetch(1, fx.What.PERSON))


# --- documents


def test_a_document_is_prepared_shown_printed_and_gone(at: Bench, pdf: bytes) -> None:
    at.prints.pdf = pdf
    assert at.do(fx.Prepare(1, fx.Source.OFFICE, "doc", is_card=True)) == out.Prepared(1)
    assert at.prints.calls[0] == ("prepare", ("", "doc", True))
    ((name, width, height, png),) = at.pictures
    assert (name, width) == ("preview-0", 900)
    assert height == round(900 * 297 / 210)
    assert png.startswith(b"\x89PNG")
    assert at.do(fx.ShowSheet(2, 0)) == out.Done()
    assert at.do(fx.Print(3)) == out.Printed(1)
    assert at.prints.names() == ["prepare", "print"]
    with pytest.raises(DeviceError):
        at.do(fx.Print(4))
    assert at.prints.names() == ["prepare", "print"]


def test_a_document_that_cannot_be_shown_is_not_printed_and_its_grant_goes_back(at: Bench) -> None:
    at.prints.pdf = b"no pdf"
    with pytest.raises(Exception):  # noqa: B017 - whatever the renderer raises
        at.do(fx.Prepare(1, fx.Source.OFFICE, "doc"))
    assert at.prints.names() == ["prepare", "release"]
    assert at.session.take_prepared() is None


@pytest.mark.parametrize("way", ["cancelled", "over"])
def test_a_document_prepared_too_late_is_given_back(at: Bench, pdf: bytes, way: str) -> None:
    at.prints.pdf = pdf
    at.prints.during_prepare = at.cancel.set if way == "cancelled" else lambda: at.session.wipe() and None
    assert at.do(fx.Prepare(1, fx.Source.OFFICE, "doc")) == out.Failed(ErrorCode.VISIT_ABANDONED)
    assert at.prints.names() == ["prepare", "release"]
    assert at.pictures == []
    assert at.session.take_prepared() is None


def test_release_gives_back_once_and_forgets_the_sheet(at: Bench) -> None:
    at.session.keep_prepared(HandPrepared(HandDocument(b"", 1)))  # type: ignore[arg-type]
    at.session.sheet = b"sheet"
    assert at.do(fx.Release(1)) == out.Done()
    assert at.do(fx.Release(2)) == out.Done()
    assert at.prints.names() == ["release"]
    assert at.session.sheet == b""


def test_the_kiosks_own_sheet_is_drawn_shown_and_printed(at: Bench) -> None:
    at.session.fetched |= {"person": PERSON, "family": FAMILY}
    assert at.do(fx.Prepare(1, fx.Source.KIOSK, "")) == out.Prepared(1)
    assert at.session.sheet.startswith(b"%PDF")
    sheet = at.session.sheet
    assert len(at.pictures) == 1
    assert at.do(fx.Print(2)) == out.Printed(1)
    assert at.prints.calls == [("print-own", sheet)]


def test_a_sheet_that_was_printed_is_not_printed_for_the_next_document(at: Bench, pdf: bytes) -> None:
    at.session.fetched |= {"person": PERSON, "family": FAMILY}
    at.do(fx.Prepare(1, fx.Source.KIOSK, ""))
    at.do(fx.Print(2))
    at.prints.pdf = pdf
    at.do(fx.Prepare(3, fx.Source.OFFICE, "doc"))
    at.do(fx.Print(4))
    assert at.prints.names() == ["print-own", "prepare", "print"]


def test_nothing_prepared_shows_nothing(at: Bench) -> None:
    with pytest.raises(DocumentError):
        at.do(fx.ShowSheet(1, 0))
    assert at.pictures == []


def test_a_hand_over_has_an_address_and_an_end(at: Bench) -> None:
    proved(at)
    outcome = at.do(fx.HandOver(1, DOCUMENTS[0]["id"]))
    assert isinstance(outcome, out.HandedOver)
    assert outcome.url.startswith("http")
    assert outcome.expires_in_s == 300
    again = at.do(fx.HandOver(2, DOCUMENTS[0]["id"]))
    assert again != outcome, "each wish has a key and a page of its own"


# --- slips and ratings


def test_a_slip_tells_the_visits_own_ending(at: Bench) -> None:
    done = SlipStory("cetak-kk", "Cetak KK", "done", "", "id", 1)
    rows = []
    for story in (
        done,
        SlipStory("cetak-kk", "Cetak KK", "failed", "PRN-04", "id"),
        SlipStory("cetak-kk", "Cetak KK", "unknown", "PRN-05", "id"),
    ):
        at.story = story
        assert at.do(fx.PrintSlip(1, "receipt")) == out.Done()
        rows.append(at.slips.slips[-1].rows)
    assert len(set(rows)) == 3
    assert {slip.width_dots for slip in at.slips.slips} == {576}
    assert all(len(slip.rows) == 72 * slip.height_dots for slip in at.slips.slips)


@pytest.mark.parametrize("width", [384, 576])
def test_a_number_stands_on_its_slip_and_the_word_of_the_visit_does_not(at: Bench, width: int) -> None:
    at.slips.width_dots = width
    given = {"ticket": ("B-017", "Pengaduan"), "complaint": ("K7M4-9XPT", "Hal lain")}
    at.story = SlipStory("antrean", "Nomor", "done", "", "id", given=given)
    codes = []
    for layout, (label, about) in given.items():
        assert at.do(fx.PrintSlip(1, layout)) == out.Done()
        slip = at.slips.slips[-1]
        assert {label, about} <= {line.left for line in slip.words}
        inverted = bytes(byte ^ 0xFF for byte in slip.rows)
        picture = Image.frombytes("1", (width, slip.height_dots), inverted).convert("L")
        codes += [code.text for code in zxingcpp.read_barcodes(picture)]
    assert codes == [f"B-017.{NOW:%Y%m%d}.anjungan-demo-01", "K7M4-9XPT"]


def test_a_number_is_taken_for_somebody_who_is_there(at: Bench) -> None:
    at.numbers = [Given("layanan", "A-001", "lease-000001", 1), Given("layanan", "A-002", "lease-000001", 2)]
    assert at.do(fx.TakeNumber(1, "layanan")) == out.NumberTaken("layanan", "A-001")
    at.cancel.set()
    assert isinstance(at.do(fx.TakeNumber(2, "layanan")), out.Failed)
    at.cancel.clear()
    at.session.wipe()
    assert isinstance(at.do(fx.TakeNumber(3, "layanan")), out.Failed)
    assert [one.label for one in at.numbers] == ["A-002"], "none was used up for nobody"


def test_the_last_number_is_told_with_its_own_code(at: Bench) -> None:
    assert at.do(fx.TakeNumber(1, "layanan")) == out.Failed(ErrorCode.NUMBERS_OUT, is_retryable=False)


def test_a_complaint_is_filed_by_its_topic_alone(at: Bench) -> None:
    assert at.do(fx.Complain(1, "machine")) == out.Filed(at.filed[0])
    assert at.do(fx.Complain(2, "staff")) == out.Filed(at.filed[1])
    assert at.topics == ["machine", "staff"]
    assert at.filed[0] != at.filed[1]


def test_a_complaint_that_was_kept_too_late_is_the_same_when_it_is_sent_again(at: Bench) -> None:
    at.during_desk = at.cancel.set
    at.do(fx.Complain(1, "machine"))
    at.cancel.clear()
    at.during_desk = lambda: None
    at.do(fx.Complain(2, "machine"))
    assert at.filed[0] == at.filed[1], "one key, one complaint"


def test_a_number_that_came_too_late_is_the_next_tries(at: Bench) -> None:
    at.numbers = [Given("layanan", f"A-00{number}", "lease-000001", number) for number in (1, 2)]
    at.during_desk = at.cancel.set
    at.do(fx.TakeNumber(1, "layanan"))
    at.cancel.clear()
    at.during_desk = lambda: None
    assert at.do(fx.TakeNumber(2, "layanan")) == out.NumberTaken("layanan", "A-001")
    assert at.do(fx.TakeNumber(3, "layanan")) == out.NumberTaken("layanan", "A-002")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (Reason.MEDIA_EMPTY, ErrorCode.SLIP_PAPER_OUT),
        (Reason.COVER_OPEN, ErrorCode.SLIP_PRINTER_COVER_OPEN),
        (Reason.SILENT, ErrorCode.SLIP_PRINTER_SILENT),
        (Reason.AWAY, ErrorCode.SLIP_PRINTER_AWAY),
        (Reason.CUTTER_FAULT, ErrorCode.SLIP_PRINTER_FAULT),
    ],
)
def test_a_slip_that_did_not_come_says_why_and_is_not_tried_again(at: Bench, reason: Reason, code: ErrorCode) -> None:
    at.slips.outcome = SlipOutcome(SlipEnd.UNKNOWN, reason)
    assert at.do(fx.PrintSlip(1, "receipt")) == out.Failed(code, is_retryable=False)


def test_a_printer_without_any_proof_does_not_make_every_slip_a_failure(at: Bench) -> None:
    at.slips.outcome = SlipOutcome(SlipEnd.UNKNOWN, Reason.NONE)
    assert at.do(fx.PrintSlip(1, "receipt")) == out.Done()


def test_a_rating_goes_under_the_visits_reference(at: Bench) -> None:
    assert at.do(fx.Rate(1, 3)) == out.Done()
    assert at.ratings == [(at.session.ref, 3)]
