"""A visitor who presses on whatever happens: by the labels of the pages, without a screen."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk import protocol as p
from tests.e2e.conftest import Kiosk
from tests.e2e.paper_face import PaperFace
from tests.soak.ledger import Said

NUDGE_S = 12.0
"""A page that asks for a touch and still stands after this is touched again: a press may have met a page that left."""
LOOK_S = 0.2
VISIT_S = 240.0
PRINTS, TAKES_NUMBER, COMPLAINS = "service:cetak-kk", "service:antrean", "service:keluhan"
NO_TOUCH = ("printing", "slip", "number-slip", "busy", "card-seen", "wait", "starting", "updating")


class HangsError(AssertionError):
    """The visit did not come to its end."""


@dataclass
class Walk:
    """One visit: the pages in order, what the outcome pages said, and what was believed of the paper."""

    pages: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    has_agreed: bool = False
    numbers: set[str] = field(default_factory=set)
    """Queue numbers and numbers of complaints that stood on its pages."""

    def said(self) -> Said:
        """Read as a visitor reads: thanks and a survey mean paper, an officer's page means nobody knows."""
        if "survey" in self.pages:
            return Said.PRINTED
        if any("belum tahu" in words for words in self.words):
            return Said.UNKNOWN
        return Said.NOTHING


def body_text(page: p.Page) -> str:
    """All words of an outcome page."""
    lines = " ".join(page.body.lines) if isinstance(page.body, p.OutcomeBody) else ""
    return f"{page.title} {page.lead} {lines}"


class Visitor:
    """One person at the kiosk, who gives up on nothing before its page does."""

    def __init__(
        self,
        kiosk: Kiosk,
        person: Mapping[str, Any],
        rng: random.Random,
        look: Callable[[str], None] = lambda page: None,
        service: str = PRINTS,
    ) -> None:
        """``look`` is called with the name of the page, again and again."""
        self._service = service
        self._kiosk = kiosk
        self._look = look
        self._face: PaperFace = kiosk.face
        self._person = dict(person)
        self._rng = rng
        self._retries = rng.randint(0, 2)
        self.proof = "card" if rng.random() < 0.75 else "nik"

    def walk(self) -> Walk:
        """From the attract page back to it. Raises HangsError."""
        walk = Walk()
        end = time.monotonic() + VISIT_S
        acted, acted_at = -1, 0.0
        while True:
            page = self._face.wait(lambda page: True, "any page")
            if page.name == "attract" and walk.has_agreed:
                return walk
            if not walk.pages or walk.pages[-1] != page.name:
                walk.pages.append(page.name)
            if isinstance(page.body, p.TicketBody):
                walk.numbers.add(page.body.number)
            self._look(page.name)
            now = time.monotonic()
            if page.serial != acted or now - acted_at > NUDGE_S:
                acted, acted_at = page.serial, now
                self._act(page, walk)
            if now > end:
                raise HangsError(f"{page.name} ({page.title}) after {'>'.join(walk.pages)}")
            serial = page.serial
            self._face.wait_moved(serial, LOOK_S)

    def _act(self, page: p.Page, walk: Walk) -> None:
        if page.name in NO_TOUCH:
            return
        if isinstance(page.body, p.OutcomeBody):
            walk.words.append(body_text(page))
        table: dict[str, Callable[[p.Page], None]] = {
            "attract": lambda page: self._press("start"),
            "services": self._choose_service,
            "standard": lambda page: self._agree(walk),
            "proof": self._choose_proof,
            "tap-card": lambda page: self._kiosk.tap(self._person),
            "nik": lambda page: self._submit("submit", nik=self._person["nik"]),
            "pin": lambda page: self._submit("submit", pin=self._person["pin"]),
            "documents": self._choose_document,
            "menu": self._choose_any,
            "form": self._choose_any,
            "form-confirm": lambda page: self._press("main" if self._rng.random() < 0.9 else "second"),
            "survey": lambda page: self._press_first(page),
            "take": self._leave,
            "bind": lambda page: self._second_or_main(page),
            "device-fault": self._retry_or_leave,
            "offline": self._retry_or_leave,
            "counter-trouble": self._retry_or_leave,
        }
        table.get(page.name, self._main)(page)

    def _agree(self, walk: Walk) -> None:
        walk.has_agreed = True
        self._press("main")

    def _press(self, action: str) -> None:
        self._face.press(f"#{action}")

    def _submit(self, action: str, **values: str) -> None:
        self._face.submit(action, **values)

    def _main(self, page: p.Page) -> None:
        if page.main is not None and page.main.is_enabled:
            self._press(page.main.id)
        else:
            self._second_or_main(page)

    def _second_or_main(self, page: p.Page) -> None:
        for action in (page.second, page.main, page.home, page.back):
            if action is not None and action.is_enabled:
                self._press(action.id)
                return

    def _choose_service(self, page: p.Page) -> None:
        assert isinstance(page.body, p.MenuBody)
        tile = next(tile for tile in page.body.tiles if tile.action == self._service)
        # Grey, with its reason: somebody waits, then looks again.
        self._press(self._service if tile.is_enabled else "home")

    def _choose_any(self, page: p.Page) -> None:
        assert isinstance(page.body, p.MenuBody)
        enabled = [tile for tile in page.body.tiles if tile.is_enabled]
        self._press(self._rng.choice(enabled).action if enabled else "home")

    def _choose_proof(self, page: p.Page) -> None:
        assert isinstance(page.body, p.MenuBody)
        labels = {"card": "Tempelkan KTP-el", "nik": "Ketik NIK"}
        enabled = {tile.title: tile for tile in page.body.tiles if tile.is_enabled}
        wanted = labels[self.proof] if labels[self.proof] in enabled else labels["nik"]
        self._press(enabled[wanted].action)

    def _choose_document(self, page: p.Page) -> None:
        assert isinstance(page.body, p.DocumentsBody)
        self._press(page.body.tiles[0].action)

    def _press_first(self, page: p.Page) -> None:
        assert isinstance(page.body, p.SurveyBody)
        self._press(page.body.choices[0].id)

    def _leave(self, page: p.Page) -> None:
        self._kiosk.pull()
        self._main(page)

    def _retry_or_leave(self, page: p.Page) -> None:
        if self._retries > 0 and page.main is not None and page.main.is_enabled:
            self._retries -= 1
            self._press(page.main.id)
        else:
            self._press("second")
