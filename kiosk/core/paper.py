"""What the kiosk draws itself, for the visit at hand: data sheet, slips, preview pictures, test pages. On workers."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.core.session import Session
from kiosk.devices.contract import DeviceKind, Reason, SlipBitmap, SlipEnd, SlipOutcome, SlipPrinter, SlipWords
from kiosk.devices.reasons import entry
from kiosk.errors import ErrorCode
from kiosk.flows.compiled import say
from kiosk.flows.outcomes import Ending
from kiosk.settings import Settings
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.documents.slip import Bitmap
    from kiosk.flows.compiled import CompiledFlow
    from kiosk.flows.state import State

PREVIEW_PX = 900
"""Width of a preview picture: as wide as it is ever shown in portrait."""


@dataclass(frozen=True)
class Picture:
    """One preview page, PNG."""

    width: int
    height: int
    png: bytes


@dataclass(frozen=True)
class SlipStory:
    """What a slip tells about the visit: never who it was."""

    service_id: str
    service: str
    ending: str
    code: str
    language: str
    pages: int = 0
    given: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By layout, a number that was given and what it is about: a queue, a complaint's topic."""


def story_of(flow: "CompiledFlow | None", state: "State | None", language: str) -> SlipStory:
    """What a slip or a rating says of a visit."""
    if flow is None or state is None:
        return SlipStory("", "", "done", "", language)
    ending = state.ending or (Ending.FAILED if state.failure is not None else Ending.DONE)
    code = state.failure.value if state.failure is not None else ""
    is_card = bool(state.printed) and state.printed[-1] == "ktp-el"
    pages = (1 if is_card else state.pages) if state.printed else 0
    given: dict[str, tuple[str, str]] = {}
    ticket, complaint = state.facts.get("ticket"), state.facts.get("complaint")
    if ticket is not None:
        given["ticket"] = (ticket["label"], say(ticket["name"], language))
    if complaint is not None:
        given["complaint"] = (complaint["number"], say(complaint["label"], language))
    return SlipStory(flow.id, say(flow.title, language), ending.value, code, language, pages, given)


class Paper:
    """``story`` tells, for a session, what its slip says."""

    def __init__(self, settings: Settings, story: Callable[[Session], SlipStory], now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._story = story
        self._now = now

    def data_sheet(self, session: Session) -> bytes:
        """The kiosk's own A4 sheet of what the office holds, plainly not an official document."""
        from kiosk.documents.data_sheet import draw_data_sheet

        texts = Texts(self._story(session).language)
        return draw_data_sheet(
            session.fetched.get("person", {}),
            session.fetched.get("family", {}),
            texts,
            office=self._settings.kiosk.office,
            place=self._settings.kiosk.place,
            at=self._now(),
        )

    def pages_of(self, pdf: bytes) -> int:
        from kiosk.documents.preview import page_sizes_mm

        return len(page_sizes_mm(pdf))

    def picture(self, pdf: bytes, page: int) -> Picture:
        from kiosk.documents.preview import page_sizes_mm, render_page

        width_mm, height_mm = page_sizes_mm(pdf)[page]
        png = render_page(pdf, page, PREVIEW_PX)
        return Picture(PREVIEW_PX, round(PREVIEW_PX * height_mm / width_mm), png)

    def slip(self, session: Session, layout: str, width_dots: int) -> SlipBitmap:
        """The visit's slip."""
        from kiosk.documents.slip import SlipFacts, SlipLayout, draw_slip

        story = self._story(session)
        # A receipt never says "done" of what failed: the visit's own ending decides.
        ending = {Ending.FAILED: SlipLayout.FAILED, Ending.UNKNOWN: SlipLayout.UNKNOWN}.get(Ending(story.ending))
        drawn = ending if ending is not None and layout == SlipLayout.RECEIPT else SlipLayout(layout)
        at, kiosk_id = self._now(), self._settings.kiosk.id
        label, about = story.given.get(layout, ("", ""))
        # A scanner at the counter reads what people read.
        scanned = {SlipLayout.TICKET: f"{label}.{at:%Y%m%d}.{kiosk_id}", SlipLayout.COMPLAINT: label}
        facts = SlipFacts(
            office=self._settings.kiosk.office,
            place=self._settings.kiosk.place,
            service=story.service,
            at=at,
            slip_id=scanned.get(drawn, session.ref),
            kiosk_id=kiosk_id,
            pages=story.pages or None,
            code=story.code,
            label=label,
            about=about,
        )
        bitmap = draw_slip(drawn, facts, Texts(story.language), width_dots)
        return _slip_of(bitmap)

    def test_slip(self, width_dots: int) -> SlipBitmap:
        """The technician's slip: every size, the full width, a QR."""
        from kiosk.documents.slip import SlipFacts, SlipLayout, draw_slip

        kiosk = self._settings.kiosk
        facts = SlipFacts(kiosk.office, kiosk.place, "", self._now(), secrets.token_hex(8), kiosk.id)
        bitmap = draw_slip(SlipLayout.TEST, facts, Texts(kiosk.languages[0]), width_dots)
        return _slip_of(bitmap)

    def print_test_slip(self, printer: SlipPrinter) -> tuple[SlipEnd, str]:
        """Print it; how it ended and, when it did not, the reason in words for staff."""
        outcome = printer.print_slip(self.test_slip(printer.width_dots), 10.0)
        texts = Texts(self._settings.kiosk.languages[0])
        return outcome.end, texts(entry(outcome.reason).staff_key_for(DeviceKind.SLIP_PRINTER), detail=outcome.detail)

    def slip_code(self, outcome: SlipOutcome) -> ErrorCode:
        """The stable code of a slip that did not come."""
        reason = outcome.reason if outcome.reason is not Reason.NONE else Reason.SILENT
        return entry(reason).code_for(DeviceKind.SLIP_PRINTER) or ErrorCode.SLIP_PRINTER_FAULT


def _slip_of(bitmap: "Bitmap") -> SlipBitmap:
    words = tuple(
        SlipWords(line.top, line.bottom, line.left, line.right, line.size_dots, line.is_centred, line.is_bold)
        for line in bitmap.words
    )
    return SlipBitmap(bitmap.width_dots, bitmap.height_dots, bitmap.rows, words)
