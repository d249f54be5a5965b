"""Thousands of visits on doubles, with faults by a seed: nothing wrong or doubled, and a core that does not grow."""

import base64
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import Kiosk, Office, start_kiosk  # noqa: F401 (fixture)
from tests.soak.chaos import families
from tests.soak.ledger import Ledger, Violation, VisitRecord
from tests.soak.robot import HangsError, Visitor

SETTLE_S = 60.0
WARM_UP = 0.2
"""The share of the visits before growth counts."""
WARM_UP_VISITS = 1_000
"""So many at least before memory counts: until then the store's page cache fills, 2 MiB at most."""
MAX_KIB_A_VISIT = 1.0
MAX_MORE = 3
"""Threads and descriptors at the end over those after the warm-up."""
FAULT_SHARE = 0.4

Fault = Callable[[Kiosk], None]


def _device(device: str, do: str, **arguments: Any) -> Fault:
    return lambda kiosk: kiosk.doubles.act(device, do, **arguments) and None


FAULTS: dict[str, Fault] = {
    "paper out before": _device("document-printer", "fault", reason="media-empty"),
    "jam at sheet 1": _device("document-printer", "fault", reason="media-jam", at_sheet=1),
    "jam at sheet 2": _device("document-printer", "fault", reason="media-jam", at_sheet=2),
    "power cut at sheet 1": _device("document-printer", "cut-power", at_sheet=1),
    "power cut at sheet 2": _device("document-printer", "cut-power", at_sheet=2),
    "engine gives up": _device("document-printer", "abort", at_sheet=1),
    "printer silent": _device("document-printer", "silent"),
    "printer off": _device("document-printer", "off"),
    "printer forgets": _device("document-printer", "forget"),
    "slip paper out": _device("slip-printer", "fault", reason="paper-out"),
    "slip printer off": _device("slip-printer", "off"),
    "card pulled early": _device("card-reader", "pull-after", exchanges=1),
    "reader off": _device("card-reader", "off"),
    "office gone": lambda kiosk: kiosk.office.fault("gone"),
    "office 500": lambda kiosk: kiosk.office.fault("http-500"),
    "office garbage": lambda kiosk: kiosk.office.fault("garbage"),
}
AT_PAGES = ("proof", "tap-card", "pin", "preview", "printing")


@dataclass
class Hand:
    """Brings one fault at one page of a visit, and puts everything right some moments later."""

    kiosk: Kiosk
    rng: random.Random
    name: str = ""
    page: str = ""
    lasts_s: float = 0.0
    struck_at: float | None = None
    is_over: bool = False

    def look(self, page: str) -> None:
        now = time.monotonic()
        if self.name and self.struck_at is None and page == self.page:
            FAULTS[self.name](self.kiosk)
            self.struck_at = now
        if self.struck_at is not None and not self.is_over and now - self.struck_at > self.lasts_s:
            self.mend()

    def mend(self) -> None:
        self.is_over = True
        for device in ("document-printer", "slip-printer"):
            self.kiosk.doubles.act(device, "clear")
        self.kiosk.doubles.act("card-reader", "on")
        self.kiosk.office.fault("none")


@dataclass
class Held:
    """What the core held after so many visits."""

    visits: int
    kib: float
    threads: int
    descriptors: int


@dataclass
class Run:
    kiosk: Kiosk
    office: Office
    rng: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    faults: Counter[str] = field(default_factory=Counter)
    held: list[Held] = field(default_factory=list)
    paper: list[bytes] = field(default_factory=list)

    def go(self, visits: int, say: Callable[[str], None], minutes: float = 0.0) -> None:
        people = families(self.office)
        until = time.monotonic() + 60 * minutes if minutes else float("inf")
        process = psutil.Process(self.kiosk.core.pid)
        for number in range(visits):
            if time.monotonic() > until:
                break
            if number % len(people) == 0:
                self.rng.shuffle(people)
                self._next_round()
            self._visit(number, people[number % len(people)])
            if number % max(1, min(250, visits // 50)) == 0:
                info = process.memory_full_info()
                self.held.append(Held(number, info.uss / 1024, process.num_threads(), process.num_fds()))
                say(f"{number:6d} {self.held[-1]}")
        self._next_round()

    def _next_round(self) -> None:
        """Compare what this round of people got, then let everybody come again."""
        self.paper += self._take_paper()
        self.ledger.close(self.paper)
        self.ledger.visits.clear()
        self.paper.clear()
        self.kiosk.doubles.act("document-printer", "forget")
        self.office.renew()

    def _take_paper(self) -> list[bytes]:
        return [base64.b64decode(one) for one in self.kiosk.doubles.act("document-printer", "take-paper")["base64"]]

    def _visit(self, number: int, person: dict[str, Any]) -> None:
        rng = random.Random(self.rng.random())
        hand = Hand(self.kiosk, rng)
        if rng.random() < FAULT_SHARE:
            hand = Hand(self.kiosk, rng, rng.choice(sorted(FAULTS)), rng.choice(AT_PAGES), rng.uniform(0.05, 1.5))
        before = Counter(self.office.state()["documents"])
        began = time.monotonic()
        visitor = Visitor(self.kiosk, person, rng, hand.look)
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
        self.ledger.visits.append(VisitRecord(number, walk.said(), pages, "", person["no_kk"], settled, took))
        self.paper += self._take_paper()

    def _settled(self, number: int, before: Counter[str], hand: Hand) -> Counter[str]:
        end = time.monotonic() + SETTLE_S
        while (now := Counter(self.office.state()["documents"]))["taken"] > 0:
            if time.monotonic() > end:
                self.ledger.note(number, Violation.LOST_GRANT, f"{hand.name} at {hand.page}: {dict(now)}")
                break
            time.sleep(0.01)
        return Counter({key: now[key] - before[key] for key in now if now[key] != before[key]})


def slope(points: list[tuple[float, float]]) -> float:
    """Least squares."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def test_growth_is_seen_by_the_slope() -> None:
    assert slope([(0, 5), (10, 5), (20, 5)]) == 0
    assert slope([(0, 0), (10, 20), (20, 40)]) == 2


def run_visits(kiosk: Kiosk, visits: int, seed: int, say: Callable[[str], None], minutes: float = 0.0) -> None:
    say(f"seed {seed}, {visits} visits")
    run = Run(kiosk, kiosk.office, random.Random(seed))
    kiosk.face.wait_page("attract", timeout_s=60)
    began = time.monotonic()
    run.go(visits, say, minutes)
    seconds = time.monotonic() - began
    done = run.ledger.told.total()
    figures = run.ledger.summary() | {
        "faults": dict(run.faults),
        "visits/s": round(done / seconds, 2),
        "20000 take h": round(20_000 * seconds / done / 3600, 1),
    }
    say(json.dumps(figures))
    assert not run.ledger.violations, run.ledger.violations
    assert done == visits or (minutes and done), done
    steady = run.held[int(len(run.held) * WARM_UP) :]
    warm = [held for held in steady if held.visits >= WARM_UP_VISITS]
    if done >= 3 * WARM_UP_VISITS:
        growth = slope([(held.visits, held.kib) for held in warm])
        threads = slope([(held.visits, held.threads) for held in steady])
        descriptors = slope([(held.visits, held.descriptors) for held in steady])
        say(f"a visit: {growth:.3f} KiB, {threads:.5f} threads, {descriptors:.5f} descriptors")
        assert growth < MAX_KIB_A_VISIT
    assert steady[-1].threads - steady[0].threads <= MAX_MORE, steady
    assert steady[-1].descriptors - steady[0].descriptors <= MAX_MORE, steady


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_visits(
    start_kiosk: Callable[..., Kiosk],  # noqa: F811 (the fixture)
    soak_option: Callable[[str], float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = int(soak_option("--soak-seed")) or random.SystemRandom().randrange(1, 10**9)
    with capsys.disabled():
        run_visits(
            start_kiosk(),
            int(soak_option("--soak-visits")),
            seed,
            lambda line: print(line, flush=True),
            soak_option("--soak-minutes"),
        )


@pytest.mark.e2e
def test_some_visits(start_kiosk: Callable[..., Kiosk], tmp_path: Path) -> None:  # noqa: F811 (the fixture)
    run_visits(start_kiosk(), 6, 20261122, print)
