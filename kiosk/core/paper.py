"""What the kiosk draws itself, for the visit at hand: data sheet, slips, preview pictures, test pages. On workers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.core.session import Session
from kiosk.devices.contract import DeviceKind, Reason, SlipBitmap, SlipOutcome
from kiosk.devices.reasons import entry
from kiosk.errors import ErrorCode
from kiosk.settings import Settings
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.documents.slip import SlipFacts

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


class Paper:
    """``story`` tells, for a session, what its slip says."""

    def __init__(
        self, settings: Settings, story: Callable[[Session], SlipStory], now: Callable[[], datetime]
    ) -> None:
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
        from kiosk.documents.slip import draw_slip

        bitmap = draw_slip(self._layout(layout, self._story(session)), self._facts(session), self.texts(session), width_dots)
        return SlipBitmap(bitmap.width_dots, bitmap.height_dots, bitmap.rows)

    def slip_code(self, outcome: SlipOutcome) -> ErrorCode:
        """The stable code of a slip that did not come."""
        reason = outcome.reason if outcome.reason is not Reason.NONE else Reason.SILENT
        return entry(reason).code_for(DeviceKind.SLIP_PRINTER) or ErrorCode.SLIP_PRINTER_FAULT
