"""Devices and printing in memory for the handlers of effects; the office is ``kiosk.backend.simulated``."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kiosk.backend.simulated import SimulatedOffice
from kiosk.core.handlers import Hands
from kiosk.core.paper import Paper, SlipStory
from kiosk.core.session import Session
from kiosk.devices.contract import (
    Band,
    CardRead,
    CardReadKind,
    DeviceKind,
    Presence,
    Reason,
    SlipBitmap,
    SlipEnd,
    SlipOutcome,
    Status,
)
from kiosk.flows import outcomes as out
from kiosk.settings import Settings
from kiosk.store.numbers import Given, NoNumberError

from .stand import NOW, SOMEBODY, UID


@dataclass
class Still:
    """What every device in memory is: there, well, and silent."""

    kind: DeviceKind
    name: str = "still"
    band: Band = Band.OK
    reasons: tuple[Reason, ...] = ()
    detail: str = ""

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def status(self) -> Status:
        return Status(self.kind, self.band, self.reasons, 0.0, self.detail)

    def listen(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        listener(self.status())
        return lambda: None


@dataclass
class HandReader(Still):
    """Reads what a test laid on it."""

    kind: DeviceKind = DeviceKind.CARD_READER
    result: CardRead = field(default_factory=lambda: CardRead(CardReadKind.READ, 1, UID, is_uid_stable=True))
    here: Presence = field(default_factory=lambda: Presence(is_present=True, insertion=1))
    is_same: bool = True
    asked: list[str] = field(default_factory=list)

    def presence(self) -> Presence:
        self.asked.append("presence")
        return self.here

    def listen_cards(self, listener: Callable[[Presence], None]) -> Callable[[], None]:
        return lambda: None

    def read(self, deadline_s: float, cancel: threading.Event) -> CardRead:
        self.asked.append("read")
        return self.result

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool:
        self.asked.append("same")
        return self.is_same


@dataclass
class HandSlips(Still):
    """Keeps the slips that it was given."""

    kind: DeviceKind = DeviceKind.SLIP_PRINTER
    width_dots: int = 576
    outcome: SlipOutcome = field(default_factory=lambda: SlipOutcome(SlipEnd.PRINTED))
    slips: list[SlipBitmap] = field(default_factory=list)

    def print_slip(self, slip: SlipBitmap, deadline_s: float) -> SlipOutcome:
        self.slips.append(slip)
        return self.outcome


@dataclass
class HandPrepared:
    """Stands for ``PreparedPrint``: all that handlers look at."""

    document: Any


@dataclass
class HandDocument:
    data: bytes
    pages: int


@dataclass
class HandPrints:
    """Stands for ``PrintService``; remembers who got what."""

    pdf: bytes = b""
    pages: int = 1
    calls: list[tuple[str, Any]] = field(default_factory=list)
    during_prepare: Callable[[], None] = lambda: None

    def prepare(self, token: str, document_id: str, *, is_card: bool, cancel: threading.Event) -> HandPrepared:
        self.calls.append(("prepare", (token, document_id, is_card)))
        self.during_prepare()
        return HandPrepared(HandDocument(self.pdf, self.pages))

    def print(self, prepared: HandPrepared, report: Any, cancel: threading.Event) -> out.Outcome:
        self.calls.append(("print", prepared))
        return out.Printed(self.pages)

    def print_own(self, sheet: bytes, report: Any, cancel: threading.Event) -> out.Outcome:
        self.calls.append(("print-own", sheet))
        return out.Printed(1)

    def release(self, prepared: HandPrepared) -> None:
        self.calls.append(("release", prepared))

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


@dataclass
class Bench:
    """All that a handler needs, with what it did."""

    office: SimulatedOffice
    reader: HandReader = field(default_factory=HandReader)
    slips: HandSlips = field(default_factory=HandSlips)
    prints: HandPrints = field(default_factory=HandPrints)
    story: SlipStory = field(default_factory=lambda: SlipStory("cetak-kk", "Cetak KK", "done", "", "id", 1))
    session: Session = field(default_factory=Session)
    pictures: list[tuple[str, int, int, bytes]] = field(default_factory=list)
    ratings: list[tuple[str, int]] = field(default_factory=list)
    reports: list[tuple[int, int, str]] = field(default_factory=list)
    cancel: threading.Event = field(default_factory=threading.Event)
    topics: list[str] = field(default_factory=list)
    filed: list[str] = field(default_factory=list)
    numbers: list[Given] = field(default_factory=list)
    """What is left to be taken."""

    during_desk: Callable[[], None] = lambda: None

    def _complained(self, topic: str, number: str) -> None:
        self.topics.append(topic)
        self.filed.append(number)
        self.during_desk()

    def _taken(self, queue: str) -> Given:
        self.during_desk()
        if not self.numbers:
            raise NoNumberError
        return self.numbers.pop(0)

    @property
    def paper(self) -> Paper:
        return Paper(Settings(), lambda session: self.story, lambda: NOW)

    @property
    def hands(self) -> Hands:
        return Hands(
            office=self.office,
            card_reader=self.reader,
            slip_printer=self.slips,
            prints=self.prints,  # type: ignore[arg-type]
            paper=self.paper,
            show_picture=lambda session, *what: self.pictures.append(what),
            rate=lambda session, rating: self.ratings.append((session.ref, rating)),
            complain=self._complained,
            take_number=self._taken,
        )

    def do(self, effect: Any) -> out.Outcome:
        from kiosk.core.handlers import HANDLERS

        report = lambda done, total, reason: self.reports.append((done, total, reason))  # noqa: E731
        return HANDLERS[type(effect)](self.hands, self.session, effect, self.cancel, report)


def bench() -> Bench:
    """A bench with one person's account, whose card is UID."""
    SOMEBODY.card_uid = UID
    return Bench(SimulatedOffice([SOMEBODY], lambda document: b"%PDF-" + document.id.encode()))
