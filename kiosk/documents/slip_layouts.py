"""What stands on each slip, from the top down. One function a layout; new layouts are new rows of ``DRAW``."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from babel.dates import format_date

from kiosk.documents.slip_drawing import Pen, Type
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.documents.slip import SlipFacts


class SlipLayout(StrEnum):
    """RECEIPT: the service is done. FAILED: it is not. UNKNOWN: staff must look. TEST: for the technician.

    TICKET and COMPLAINT: the number that somebody was given.
    """

    RECEIPT = "receipt"
    FAILED = "failed"
    UNKNOWN = "unknown"
    TICKET = "ticket"
    COMPLAINT = "complaint"
    TEST = "test"


def _head(pen: Pen, facts: "SlipFacts") -> None:
    pen.band()
    pen.skip(22)
    pen.text(facts.office, Type.HEAD, is_centred=True)
    pen.skip(2)
    pen.text(facts.place, Type.LABEL, is_centred=True)
    pen.skip(22)
    pen.rule()
    pen.skip(26)


def _when(pen: Pen, facts: "SlipFacts", texts: Texts) -> None:
    language = texts.language
    pen.row(texts("slip.date"), format_date(facts.at, "d MMM y", locale=language))
    pen.row(texts("slip.time"), facts.at.strftime("%H.%M" if language == "id" else "%H:%M"))


def _next(pen: Pen, texts: Texts, key: str) -> None:
    pen.text(texts("slip.next"), Type.HEAD)
    pen.skip(4)
    pen.text(texts(key), Type.BODY)


def _foot(pen: Pen, facts: "SlipFacts", texts: Texts) -> None:
    pen.skip(16)
    about = [(texts("slip.show"), Type.SMALL)]
    if not facts.label:
        grouped = " ".join(facts.slip_id[start : start + 4] for start in range(0, len(facts.slip_id), 4))
        about = [(texts("slip.number"), Type.SMALL), (grouped, Type.LABEL), *about]
    pen.qr(facts.slip_id, about)
    pen.skip(14)
    pen.banner(texts("slip.free"), texts("slip.free-why"))
    pen.skip(18)
    pen.text(facts.kiosk_id, Type.SMALL, is_centred=True)
    pen.skip(14)
    pen.band()


def _outcome(pen: Pen, facts: "SlipFacts", texts: Texts, sign: str, key: str) -> None:
    pen.sign(sign)
    pen.skip(14)
    pen.text(texts(key), Type.OUTCOME, is_centred=True)
    pen.skip(6)
    pen.text(facts.service, Type.SERVICE, is_centred=True)
    pen.skip(24)
    pen.rule()
    pen.skip(12)


def _receipt(pen: Pen, facts: "SlipFacts", texts: Texts) -> None:
    _head(pen, facts)
    _outcome(pen, facts, texts, "done", "slip.receipt.title")
    _when(pen, facts, texts)
    if facts.pages is not None:
        pen.row(texts("slip.pages"), texts("slip.sheets", count=facts.pages))
    pen.skip(8)
    pen.rule()
    pen.skip(22)
    _next(pen, texts, "slip.receipt.next")
    _foot(pen, facts, texts)


def _trouble(name: str, sign: str) -> "Callable[[Pen, SlipFacts, Texts], None]":
    def draw(pen: Pen, facts: "SlipFacts", texts: Texts) -> None:
        _head(pen, facts)
        _outcome(pen, facts, texts, sign, f"slip.{name}.title")
        _when(pen, facts, texts)
        if facts.code:
            pen.row(texts("slip.code"), facts.code)
        pen.skip(8)
        pen.rule()
        pen.skip(22)
        pen.text(texts(f"slip.{name}.what"), Type.BODY)
        pen.skip(22)
        _next(pen, texts, f"slip.{name}.next")
        _foot(pen, facts, texts)

    return draw


def _numbered(name: str) -> "Callable[[Pen, SlipFacts, Texts], None]":
    def draw(pen: Pen, facts: "SlipFacts", texts: Texts) -> None:
        _head(pen, facts)
        pen.text(texts(f"slip.{name}.title"), Type.SERVICE, is_centred=True)
        pen.skip(32)
        pen.number(facts.label)
        pen.skip(32)
        pen.text(facts.about or facts.service, Type.HEAD, is_centred=True)
        pen.skip(20)
        pen.rule()
        pen.skip(12)
        _when(pen, facts, texts)
        pen.skip(8)
        pen.rule()
        pen.skip(22)
        _next(pen, texts, f"slip.{name}.next")
        pen.skip(16)
        pen.text(texts(f"slip.{name}.what"), Type.BODY)
        _foot(pen, facts, texts)

    return draw


def _test(pen: Pen, facts: "SlipFacts", texts: Texts) -> None:
    """Every size, the full width, fine lines and a QR: what a technician looks at to judge head and cutter."""
    _head(pen, facts)
    pen.text(texts("slip.test.title"), Type.OUTCOME, is_centred=True)
    pen.skip(16)
    _when(pen, facts, texts)
    pen.row(texts("slip.test.width"), f"{pen.width} ({pen.width // 8} mm)")
    pen.skip(16)
    pen.ruler()
    pen.skip(20)
    for kind in (Type.SERVICE, Type.BODY, Type.LABEL, Type.SMALL):
        pen.text("Aa Bb 0123456789" if pen.width >= 576 else "Aa 0123456789", kind)
    pen.skip(10)
    pen.text(texts("slip.test.look"), Type.LABEL)
    _foot(pen, facts, texts)


DRAW: "Mapping[SlipLayout, Callable[[Pen, SlipFacts, Texts], None]]" = {
    SlipLayout.RECEIPT: _receipt,
    SlipLayout.FAILED: _trouble("failed", "stop"),
    SlipLayout.UNKNOWN: _trouble("unknown", "ask"),
    SlipLayout.TICKET: _numbered("ticket"),
    SlipLayout.COMPLAINT: _numbered("complaint"),
    SlipLayout.TEST: _test,
}
