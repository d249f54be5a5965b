"""The faults of the long run: who strikes what, at which page, for how long; all of it from the lane's seed."""

import random
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.e2e.conftest import Kiosk

FAULT_SHARE = 0.4
AT_PAGES = ("proof", "tap-card", "pin", "preview", "printing", "menu", "form-confirm", "number-slip", "slip")
LASTS_S = (0.05, 1.5)
STRANGER = "04a1b2c3d4e5f6"
"""A card of nobody."""
DISK_REFUSES, DISK_SHARE = "disk refuses", 0.02
"""Seldomer than the others: a store that refused is asked again when nobody is there, and that is every 15 s."""

Fault = Callable[[Kiosk], object]


def _device(device: str, do: str, **arguments: Any) -> Fault:
    return lambda kiosk: kiosk.doubles.act(device, do, **arguments)


def _office(mode: str, seconds: float = 0.2) -> Fault:
    return lambda kiosk: kiosk.office.fault(mode, seconds)


def _printer(reason: str, at_sheet: int = 0) -> Fault:
    return _device("document-printer", "fault", reason=reason, at_sheet=at_sheet)


def _code(text: str) -> Fault:
    return lambda kiosk: kiosk.face.scan(text)


def disk(kiosk: Kiosk, *, takes: bool) -> None:
    """The kernel refuses the core every further byte of a file, and what it has stays; or it takes them again."""
    _, hard = resource.prlimit(kiosk.core.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(kiosk.core.pid, resource.RLIMIT_FSIZE, (hard if takes else 0, hard))


FAULTS: dict[str, Fault] = {
    "paper out before": _printer("media-empty"),
    "paper out at sheet 2": _printer("media-empty", 2),
    "jam at sheet 1": _printer("media-jam", 1),
    "jam at sheet 2": _printer("media-jam", 2),
    "cover open at sheet 1": _printer("cover-open", 1),
    "output full": _printer("output-area-full"),
    "spool full": _printer("spool-area-full"),
    "power cut at sheet 1": _device("document-printer", "cut-power", at_sheet=1),
    "power cut at sheet 2": _device("document-printer", "cut-power", at_sheet=2),
    "engine gives up": _device("document-printer", "abort", at_sheet=1),
    "printer silent": _device("document-printer", "silent"),
    "printer off": _device("document-printer", "off"),
    "printer forgets": _device("document-printer", "forget"),
    "slip paper out": _device("slip-printer", "fault", reason="paper-out"),
    "slip paper out in the slip": _device("slip-printer", "fault", reason="paper-out", at_slip=1),
    "slip cover open": _device("slip-printer", "fault", reason="cover-open"),
    "slip knife": _device("slip-printer", "fault", reason="cutter-fault"),
    "slip printer silent": _device("slip-printer", "silent"),
    "slip printer off": _device("slip-printer", "off"),
    "card pulled early": _device("card-reader", "pull-after", exchanges=1),
    "card pulled": _device("card-reader", "pull"),
    "card swapped": _device("card-reader", "swap", uid=STRANGER, is_ktp=True),
    "card swapped unseen": _device("card-reader", "swap", uid=STRANGER, is_ktp=True, is_seen=False),
    "two cards": _device("card-reader", "lay-beside", uid=STRANGER, is_ktp=True),
    "reader off": _device("card-reader", "off"),
    "strange code": _code("https://example.invalid/h/" + "x" * 40),
    "hostile code": _code("\x1b[2J';--" + "\u202e" + "9" * 4000),
    "office gone": _office("gone"),
    "office 500": _office("http-500"),
    "office garbage": _office("garbage"),
    "office html": _office("html"),
    "office slow": _office("slow", 0.7),
    "office drips": _office("drip", 0.05),
}


@dataclass
class Hand:
    """Brings one fault at one page of a visit, and puts everything right some moments later."""

    kiosk: Kiosk
    name: str = ""
    page: str = ""
    lasts_s: float = 0.0
    struck_at: float | None = None
    is_over: bool = False

    def look(self, page: str) -> None:
        now = time.monotonic()
        if self.name and self.struck_at is None and page == self.page:
            if self.name == DISK_REFUSES:
                disk(self.kiosk, takes=False)
            else:
                FAULTS[self.name](self.kiosk)
            self.struck_at = now
        if self.struck_at is not None and not self.is_over and now - self.struck_at > self.lasts_s:
            self.mend()

    def mend(self) -> None:
        self.is_over = True
        disk(self.kiosk, takes=True)
        for device in ("document-printer", "slip-printer"):
            self.kiosk.doubles.act(device, "clear")
        self.kiosk.doubles.act("card-reader", "on")
        self.kiosk.office.fault("none", 0.0)


def hand_of(kiosk: Kiosk, rng: random.Random, pages: tuple[str, ...] = AT_PAGES) -> Hand:
    """What befalls the next visit: nothing, or one fault at one of the pages that it will see."""
    if rng.random() >= FAULT_SHARE:
        return Hand(kiosk)
    name = DISK_REFUSES if rng.random() < DISK_SHARE else rng.choice(sorted(FAULTS))
    return Hand(kiosk, name, rng.choice(pages), rng.uniform(*LASTS_S))
