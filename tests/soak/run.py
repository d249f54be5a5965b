"""The robot's visits in one lane: walk, strike, mend, settle, compare; then the figures."""

import base64
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.e2e.conftest import Kiosk
from tests.soak.chaos import families
from tests.soak.hands import Hand, hand_of
from tests.soak.held import Gauge
from tests.soak.ledger import Ledger, Violation, VisitRecord
from tests.soak.robot import COMPLAINS, PRINTS, TAKES_NUMBER, HangsError, Visitor

SETTLE_S = 60.0
POLL_S = 0.01
SERVICES = {PRINTS: 0.75, TAKES_NUMBER: 0.15, COMPLAINS: 0.10}
PAGES = {
    PRINTS: ("proof", "tap-card", "pin", "preview", "printing", "slip"),
    TAKES_NUMBER: ("standard", "menu", "number-slip"),
    COMPLAINS: ("standard", "form", "form-confirm", "number-slip"),
}
"""Where a fault may strike: pages that this service's visits see."""

Say = Callable[[str], None]


class Books:
    """What the office has written down, read where it stands: asked over HTTP it would be struck, too."""

    def __init__(self, kiosk: Kiosk) -> None:
        path = kiosk.office.data / "office.db"
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)

    def documents(self) -> Counter[str]:
        """How many documents are in which state."""
        return Counter(dict(self._database.execute("SELECT state, count(*) FROM document GROUP BY state")))

    def numbers(self) -> set[str]:
        """Queue numbers with their day, and numbers of complaints, as the ledger writes them."""
        prefixes = {"layanan": "A", "pengaduan": "B"}
        given = self._database.execute("SELECT queue, day, number FROM ticket JOIN lease ON lease.id = ticket.lease")
        found = {f"{day} {prefixes[queue]}-{number:03d}" for queue, day, number in given}
        return found | {row[0].upper() for row in self._database.execute("SELECT number FROM complaint")}

    def close(self) -> None:
        self._database.close()


@dataclass
class Run:
    """One lane. ``stops_at`` (monotonic) ends it early; ``gauge`` may be left out."""

    kiosk: Kiosk
    rng: random.Random
    gauge: Gauge | None = None
    name: str = ""
    every: int = 100
    ledger: Ledger = field(default_factory=Ledger)
    faults: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    paper: list[bytes] = field(default_factory=list)
    done: int = 0
    failure: BaseException | None = None

    def go(self, visits: int, say: Say, stops_at: float = float("inf")) -> None:
        """Visits until they are done, or time is over. Raises HangsError."""
        self.books = Books(self.kiosk)
        said = 0
        people = families(self.kiosk.office)
        offered = self._offered()
        every = max(1, min(self.every, visits // 10))
        try:
            for number in range(visits):
                if time.monotonic() > stops_at:
                    break
                if number % len(people) == 0:
                    self.rng.shuffle(people)
                    self._next_round()
                self._visit(number, people[number % len(people)], offered)
                self.done = number + 1
                for wrong in self.ledger.violations[said:]:
                    say(f"{self.name} WRONG {wrong}")
                said = len(self.ledger.violations)
                if self.gauge is not None and self.done % every == 0:
                    say(f"{self.name} {self.done:6d} {self.gauge.look(self.done)}")
            self._next_round()
            self._compare_numbers()
        finally:
            self.books.close()

    def _offered(self) -> list[str]:
        """Services that this kiosk has."""
        page = self.kiosk.face.wait_page("attract", timeout_s=120)
        tiles = {tile.action for tile in getattr(page.body, "tiles", [])}
        return [service for service in SERVICES if service in tiles] or [PRINTS]

    def _next_round(self) -> None:
        """Compare what this round of people got, then let everybody come again."""
        self.paper += self._take_paper()
        self.ledger.close(self.paper)
        self.ledger.visits.clear()
        self.paper.clear()
        self.kiosk.doubles.act("document-printer", "forget")
        self.kiosk.office.renew()

    def _take_paper(self) -> list[bytes]:
        return [base64.b64decode(one) for one in self.kiosk.doubles.act("document-printer", "take-paper")["base64"]]

    def _visit(self, number: int, person: dict[str, Any], offered: list[str]) -> None:
        rng = random.Random(self.rng.random())
        service = rng.choices(offered, [SERVICES[one] for one in offered])[0]
        hand = hand_of(self.kiosk, rng, PAGES[service])
        before = self.books.documents()
        began = time.monotonic()
        visitor = Visitor(self.kiosk, person, rng, hand.look, service)
        day = datetime.now().astimezone().date().isoformat()
        try:
            walk = visitor.walk()
        except HangsError as error:
            self.ledger.note(number, Violation.HANGS, f"{hand.name} at {hand.page}: {error}")
            raise
        if hand.struck_at is not None:
            self.faults[hand.name] += 1
            hand.mend()
        self.kiosk.pull()
        settled = self._settled(number, before, hand)
        took = time.monotonic() - began
        pages = [*walk.pages, f"({hand.name} at {hand.page})"] if hand.struck_at is not None else walk.pages
        slips = self.kiosk.doubles.act("slip-printer", "take-paper")["count"]
        family = person["no_kk"]
        numbers = frozenset(walk.numbers)
        record = VisitRecord(number, walk.said(), pages, "", family, settled, took, numbers, slips)
        self.services[service.removeprefix("service:")] += 1
        self.ledger.show(record, day)
        self.ledger.visits.append(record)
        self.paper += self._take_paper()

    def _settled(self, number: int, before: Counter[str], hand: Hand) -> Counter[str]:
        end = time.monotonic() + SETTLE_S
        while (now := self.books.documents())["taken"] > 0:
            if time.monotonic() > end:
                self.ledger.note(number, Violation.LOST_GRANT, f"{hand.name} at {hand.page}: {dict(now)}")
                break
            time.sleep(POLL_S)
        return Counter({key: now[key] - before[key] for key in now if now[key] != before[key]})

    def _compare_numbers(self) -> None:
        """The outbox tells the last ones a moment later."""
        end = time.monotonic() + SETTLE_S
        while self.ledger.numbers.keys() - self.books.numbers() and time.monotonic() < end:
            time.sleep(0.1)
        self.ledger.compare_numbers(self.books.numbers())


def began_at() -> str:
    """For the log."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
