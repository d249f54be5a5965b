"""The card printer on its double: parts from its own attributes, blanks from the books, each fault under its name."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from reportlab.pdfgen.canvas import Canvas

from kiosk.devices.contract import Band, DeviceKind, JobState, Reason
from kiosk.devices.contract.card_printer import BlankCount, CardPart, Fitted, Level, RibbonKind, Source
from kiosk.devices.printing.card_parts import PartSettings, parts_of
from kiosk.devices.printing.card_printer import IdCardPrinter, ipp_parts
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.simulated.doubles import ID1_MEDIA
from kiosk.devices.simulated.ipp_front import IppFront
from kiosk.devices.simulated.printer_double import REJECT_TRAY, PrinterDouble, Trouble
from kiosk.errors import DeviceError, ErrorCode
from tests.devices.waiting import until

URI = "ipp://cards.invalid/ipp/print"


def faces(count: int = 2) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(85.6 / 25.4 * 72, 53.98 / 25.4 * 72))
    for _ in range(count):
        canvas.rect(10, 10, 20, 20)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class Cards:
    """An adapter in memory on its double."""

    def __init__(self, settings: PartSettings | None = None) -> None:
        self.double = PrinterDouble(DeviceKind.CARD_PRINTER, ID1_MEDIA)
        front = IppFront(self.double, URI)
        inner = IppPrinter(URI, ID1_MEDIA, DeviceKind.CARD_PRINTER, post=front.post)
        self.device = IdCardPrinter(inner, ipp_parts(URI, front.post), settings)

    def ready(self) -> "Cards":
        self.device.start()
        until(lambda: self.device.status().is_usable, "a usable printer")
        until(lambda: self.device.parts().ribbon.fitted is Fitted.YES, "the parts")
        return self

    def reasons(self) -> tuple[Reason, ...]:
        return self.device.status().reasons

    def sees(self, reason: Reason) -> None:
        until(lambda: reason in self.reasons(), reason)


@pytest.fixture
def cards() -> Iterator[Cards]:
    cards = Cards().ready()
    yield cards
    cards.device.stop()
    cards.double.close()


def test_the_parts_come_from_the_printer_itself(cards: Cards) -> None:
    parts = cards.device.parts()
    assert {part.part for part in parts.all()} == set(CardPart)
    assert all((part.fitted, part.source) == (Fitted.YES, Source.PRINTER) for part in parts.all())
    assert (parts.ribbon.left, parts.ribbon.percent, parts.ribbon_kind) == (250, 100, RibbonKind.COLOUR)
    assert (parts.feeder.left, parts.reject_tray.left) == (100, REJECT_TRAY)
    assert all(part.level in (Level.GOOD, Level.UNKNOWN) for part in parts.all())


def test_two_faces_are_one_card(cards: Cards) -> None:
    job = cards.device.create("p-1", 2, 5)
    cards.device.send(job, faces(), 5)
    until(lambda: cards.device.poll(job).state.is_final, "the end")
    report = cards.device.poll(job)
    assert (report.state, report.impressions) == (JobState.COMPLETED, 2)
    assert (cards.double.cards_left, cards.double.ribbon_left) == (99, 249)


def test_without_a_flipper_a_second_face_is_refused() -> None:
    cards = Cards()
    cards.double.has_flipper = False
    cards.ready()
    try:
        until(lambda: cards.device.parts().flipper.fitted is Fitted.NO, "the parts")
        with pytest.raises(DeviceError) as caught:
            cards.device.create("p-1", 2, 5)
        assert caught.value.code is ErrorCode.PRINTER_REFUSED
        assert cards.double.jobs == {}
        assert cards.device.create("p-2", 1, 5).id
    finally:
        cards.device.stop()
        cards.double.close()


@pytest.mark.parametrize(
    ("trouble", "reason", "code"),
    [
        (Trouble.RIBBON_EMPTY, Reason.RIBBON_EMPTY, ErrorCode.RIBBON_OUT),
        (Trouble.MEDIA_EMPTY, Reason.CARDS_EMPTY, ErrorCode.CARDS_OUT),
        (Trouble.REJECT_FULL, Reason.REJECT_FULL, ErrorCode.REJECT_TRAY_FULL),
        (Trouble.MEDIA_JAM, Reason.MEDIA_JAM, ErrorCode.PAPER_JAM),
    ],
)
def test_each_fault_greys_under_its_own_name_and_comes_back(
    cards: Cards, trouble: Trouble, reason: Reason, code: ErrorCode
) -> None:
    cards.double.fault(trouble)
    cards.sees(reason)
    assert cards.device.status().band is Band.ERROR
    assert cards.reasons()[0] is reason
    with pytest.raises(DeviceError) as caught:
        cards.device.create("p-1", 2, 5)
    assert caught.value.code is code
    cards.double.clear()
    until(lambda: cards.device.status().is_usable, "the printer is back", 12)


def test_a_full_outlet_is_not_called_a_full_reject_tray(cards: Cards) -> None:
    cards.double.fault(Trouble.OUTPUT_FULL)
    cards.sees(Reason.OUTPUT_FULL)
    assert Reason.REJECT_FULL not in cards.reasons()


def test_a_low_ribbon_warns_and_serves(cards: Cards) -> None:
    cards.double.fault(Trouble.RIBBON_LOW)
    cards.sees(Reason.RIBBON_LOW)
    assert cards.device.status().band is Band.WARNING
    until(lambda: "ribbon 5" in cards.device.status().detail, "the panels left")
    assert cards.device.create("p-1", 2, 5).id


def test_a_ribbon_that_ends_between_the_faces_stops_the_card(cards: Cards) -> None:
    cards.double.fault(Trouble.RIBBON_EMPTY, at_sheet=2)
    job = cards.device.create("p-1", 2, 5)
    cards.device.send(job, faces(), 5)
    until(lambda: Reason.RIBBON_EMPTY in cards.device.poll(job).reasons, "the reason")
    assert cards.device.poll(job).impressions == 1
    assert cards.device.cancel(job)
    assert cards.double.rejects == 1, "half a card lies in the reject tray"


def test_the_books_count_into_the_state(cards: Cards) -> None:
    cards.device.set_blanks(BlankCount(left=3, low=5))
    assert (cards.reasons(), cards.device.status().band) == ((Reason.CARDS_LOW,), Band.WARNING)
    assert "# 3" in cards.device.status().detail, "how many are left"
    cards.device.set_blanks(BlankCount(left=0, low=5))
    assert cards.reasons()[0] is Reason.CARDS_EMPTY
    assert not cards.device.status().is_usable
    cards.device.set_blanks(BlankCount(left=9, low=5, is_unchecked=True))
    assert cards.reasons() == (Reason.BLANKS_UNCHECKED,)
    cards.device.set_blanks(None)
    until(lambda: cards.device.status().is_usable, "no books", 12)


def test_an_encoder_that_is_away_greys_the_cards(cards: Cards) -> None:
    cards.device.set_encoder(is_ready=False)
    assert cards.reasons() == (Reason.ENCODER_AWAY,)
    cards.device.set_encoder(is_ready=True)
    until(lambda: cards.device.status().is_usable, "the encoder is back", 12)


def test_what_comes_back_is_asked_anew(cards: Cards) -> None:
    cards.double.switch(False)
    until(lambda: cards.device.status().band is Band.UNKNOWN, "away", 12)
    until(lambda: cards.device.parts().ribbon.fitted is Fitted.UNKNOWN, "nothing is claimed of what is away", 12)
    cards.double.switch(True)
    until(lambda: cards.device.parts().ribbon.fitted is Fitted.YES, "the parts", 12)


# --- what printers say


TOLD = PartSettings(Fitted.NO, Fitted.YES)


def test_a_silent_printer_has_what_the_settings_say() -> None:
    parts = parts_of({}, TOLD)
    assert (parts.flipper.fitted, parts.flipper.source) == (Fitted.NO, Source.SETTINGS)
    assert (parts.reject_tray.fitted, parts.reject_tray.source) == (Fitted.YES, Source.SETTINGS)
    assert (parts.ribbon.fitted, parts.ribbon.level) == (Fitted.UNKNOWN, Level.UNKNOWN)


@pytest.mark.parametrize(
    ("printer", "level", "left", "percent", "kind"),
    [
        (
            {"printer-supply": "class=supplyThatIsConsumed;type=inkRibbon;unit=sheets;maxcapacity=200;level=8;"},
            Level.LOW,
            8,
            4,
            RibbonKind.UNKNOWN,
        ),
        (
            {"printer-supply": ["type=inkRibbon;unit=percent;maxcapacity=100;level=60;colorantname=black;"]},
            Level.GOOD,
            None,
            60,
            RibbonKind.MONOCHROME,
        ),
        ({"printer-supply": "type=inkRibbon;level=-2;"}, Level.UNKNOWN, None, None, RibbonKind.UNKNOWN),
        ({"printer-supply": "type=inkRibbon;level=-3;"}, Level.GOOD, None, None, RibbonKind.UNKNOWN),
        ({"printer-supply": "type=inkRibbon;level=abc;=;;x"}, Level.UNKNOWN, None, None, RibbonKind.UNKNOWN),
        ({"marker-levels": 0, "marker-names": "Ribbon YMCKO"}, Level.EMPTY, None, 0, RibbonKind.COLOUR),
        ({"marker-levels": [55, 9], "marker-low-levels": [15]}, Level.LOW, None, 9, RibbonKind.UNKNOWN),
        ({"marker-levels": [-1]}, Level.GOOD, None, None, RibbonKind.UNKNOWN),
    ],
)
def test_ribbons_as_printers_tell_them(
    printer: dict[str, object], level: Level, left: int | None, percent: int | None, kind: RibbonKind
) -> None:
    parts = parts_of(printer, PartSettings())
    ribbon = parts.ribbon
    assert (ribbon.fitted, ribbon.level, ribbon.left, ribbon.percent) == (Fitted.YES, level, left, percent)
    assert parts.ribbon_kind is kind


@pytest.mark.parametrize(
    ("printer", "fitted", "level"),
    [
        ({"printer-output-tray": "name=Reject;remaining=0;"}, Fitted.YES, Level.FULL),
        ({"printer-output-tray": ["name=face-down;remaining=0;", "name=reject;remaining=3"]}, Fitted.YES, Level.GOOD),
        ({"output-bin-supported": ["face-down", "reject-bin"]}, Fitted.YES, Level.UNKNOWN),
        ({"output-bin-supported": "face-down"}, Fitted.UNKNOWN, Level.UNKNOWN),
        ({"printer-output-tray": 7}, Fitted.UNKNOWN, Level.UNKNOWN),
    ],
)
def test_reject_trays_as_printers_tell_them(printer: dict[str, object], fitted: Fitted, level: Level) -> None:
    tray = parts_of(printer, PartSettings()).reject_tray
    assert (tray.fitted, tray.level) == (fitted, level)


def test_a_flipper_that_somebody_has_seen_wins_over_what_the_printer_says() -> None:
    says_no = {"sides-supported": "one-sided"}
    assert parts_of(says_no, PartSettings()).flipper.fitted is Fitted.NO
    assert parts_of(says_no, PartSettings(has_flipper=Fitted.YES)).flipper.fitted is Fitted.YES
