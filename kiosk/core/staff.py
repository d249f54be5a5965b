"""The technician's door: a code, a page of all devices, and a test for each.

The code's SHA-256 stands in ``kiosk.toml``; after three wrong codes the door waits, longer each time. It closes by
itself when nobody touches it.
"""

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk import __version__
from kiosk.core import staff_align, staff_blanks, staff_prints
from kiosk.core.alignment import Alignment
from kiosk.core.card_station import CardStation
from kiosk.core.loop import Loop, Timer
from kiosk.core.outbox import OutboxPump
from kiosk.core.situation import StaffStage, StaffView
from kiosk.devices.contract import CardReader, CardReadKind, SlipEnd, SlipPrinter
from kiosk.errors import ErrorCode, KioskError, StoreError
from kiosk.events import LogEvent, log
from kiosk.flows.outcomes import Outcome, Printed, PrintFailed, PrintUnknown
from kiosk.settings import Settings
from kiosk.store.prints import PrinterName
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.core.witness import Witness

_ALIGN = {"staff:align:a4": PrinterName.A4, "staff:align:card": PrinterName.CARD}
_CARD_CODES = {
    CardReadKind.MUTE: ErrorCode.CARD_MUTE,
    CardReadKind.FOREIGN: ErrorCode.CARD_FOREIGN,
    CardReadKind.SEVERAL: ErrorCode.CARD_SEVERAL,
    CardReadKind.PULLED: ErrorCode.CARD_PULLED,
    CardReadKind.TIMED_OUT: ErrorCode.CARD_SLOW,
    CardReadKind.READER_AWAY: ErrorCode.CARD_READER_AWAY,
}
"""What went wrong, in the handbook's words; the rest is nothing wrong."""

STAFF = "staff"
"""Whose wrong codes the store counts, so that a power cycle gives no new tries."""

IDLE_S = 180.0
CARD_S = 15.0
_FREE_TRIES = 3


class StaffDoor:
    """Runs on the loop; tests run on a worker. ``print_page`` and ``print_slip`` do the printing."""

    def __init__(
        self,
        loop: Loop,
        settings: Settings,
        card_reader: CardReader,
        slip_printer: SlipPrinter,
        *,
        print_page: Callable[[PrinterName], Outcome],
        print_slip: Callable[[], tuple[SlipEnd, str]],
        issues: Callable[[Texts], tuple[tuple[str, str], ...]],
        facts: Callable[[Texts], tuple[tuple[str, str], ...]],
        show: Callable[[], object],
        alignment: Alignment,
        station: CardStation | None = None,
        prints: staff_prints.Reconciliation | None = None,
        outbox: OutboxPump | None = None,
        witness: "Witness | None" = None,
    ) -> None:
        self._witness = witness
        self._alignment = alignment
        self._station = station
        self._prints = prints
        self._outbox = outbox
        self._loop = loop
        self._settings = settings
        self._card_reader = card_reader
        self._slip_printer = slip_printer
        self._print_page = print_page
        self._print_slip = print_slip
        self._issues = issues
        self._facts = facts
        self._show = show
        self._view: StaffView | None = None
        self._idle: Timer | None = None
        self._wrong = 0
        self._closed_until = 0.0
        self._opening = 0
        self._cancel = threading.Event()

    @property
    def texts(self) -> Texts:
        return Texts(self._settings.kiosk.languages[0])

    def view(self) -> StaffView | None:
        if self._view is None or self._view.stage is StaffStage.CODE:
            return self._view
        if self._view.stage is not StaffStage.HOME:
            return self._view
        issues, facts = self._issues(self.texts), self._facts(self.texts)
        unknown = self._prints.counts() if self._prints is not None else {}
        shown = replace(self._view, issues=issues, facts=facts, has_blanks=self._station is not None, unknown=unknown)
        return replace(shown, refused=self._refused())

    def _refused(self) -> int:
        """A store that can't be asked is an issue already, and never costs the page."""
        try:
            return self._outbox.refused() if self._outbox is not None else 0
        except StoreError:
            return 0

    def touched(self) -> None:
        """Keep the door open a while longer."""
        if self._view is not None:
            self._schedule()

    def act(self, action: str, values: dict[str, str], *, is_visit: bool) -> None:
        """One act at the door. It does not open in the middle of a visit."""
        if action == "staff":
            if not is_visit and self._view is None and self._settings.visit.staff_code_sha256:
                self._view = StaffView(StaffStage.CODE)
        elif self._view is None:
            return
        elif action == "staff:leave":
            self._close()
        elif action == "staff:enter" and self._view.stage is StaffStage.CODE:
            self._enter(values.get("code", ""))
        elif self._view.stage is not StaffStage.CODE:
            self._work(self._view, action)
        self._schedule()
        self._show()

    def scan(self, text: str) -> bool:
        """A code that was read while the door stands open; True when it was meant for a technician."""
        if self._view is None or self._view.blanks is None:
            return False
        self._view = replace(self._view, blanks=staff_blanks.scanned(self._view.blanks, text, self.texts))
        self._schedule()
        self._show()
        return True

    def _work(self, view: StaffView, action: str) -> None:
        """What a technician does behind the door. A store that refuses says so instead of the page."""
        try:
            if action == "staff:back":
                self._view = StaffView(StaffStage.HOME)
            elif action in _ALIGN:
                opened = staff_align.opened(self._alignment, _ALIGN[action])
                self._view = replace(view, stage=StaffStage.ALIGN, align=opened, result="")
            elif action == "staff:blanks" and self._station is not None:
                blanks = staff_blanks.opened(self._station)
                self._view = replace(view, stage=StaffStage.BLANKS, blanks=blanks, result="")
            elif action == "staff:send-again" and self._outbox is not None:
                sent = self.texts("staff.sent-again", count=self._outbox.send_again())
                self._view = replace(view, result=sent, is_result_good=True)
            elif action == "staff:prints" and self._prints is not None:
                listed = staff_prints.opened(self._prints)
                self._view = replace(view, stage=StaffStage.PRINTS, prints=listed, result="")
            elif action.startswith("prints:") and view.prints is not None and self._prints is not None:
                act = action.removeprefix("prints:")
                self._view = replace(view, prints=staff_prints.acted(view.prints, self._prints, act))
            elif action.startswith("align:") and view.align is not None:
                act = action.removeprefix("align:")
                self._view = replace(view, align=staff_align.acted(view.align, self._alignment, act, self.texts))
            elif action.startswith("blanks:") and view.blanks is not None and self._station is not None:
                act = action.removeprefix("blanks:")
                self._view = replace(view, blanks=staff_blanks.acted(view.blanks, self._station, act, self.texts))
            elif action.startswith("test:") and not view.running:
                self._test(action.removeprefix("test:"))
        except StoreError as error:
            told = f"{self.texts(f'error.{error.code}.staff')} ({error.code})"
            self._view = StaffView(StaffStage.HOME, result=told, is_result_good=False)

    def _schedule(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self._loop.after(IDLE_S, self._idle_over) if self._view is not None else None

    def _idle_over(self) -> None:
        self._close()
        self._show()

    def _close(self) -> None:
        self._cancel.set()
        self._view = None
        self._opening += 1

    def _enter(self, code: str) -> None:
        now = self._loop.clock()
        held = self._witness.locked_for(STAFF) if self._witness is not None else 0
        self._closed_until = max(self._closed_until, now + held if held else 0.0)
        if now < self._closed_until:
            wait = round(self._closed_until - now) + 1
            self._view = StaffView(StaffStage.CODE, notice=self.texts("staff.wait", count=wait))
            return
        digest = hashlib.sha256(code.encode()).hexdigest()
        if hmac.compare_digest(digest, self._settings.visit.staff_code_sha256.lower()):
            self._wrong = 0
            log(LogEvent.STAFF_ENTERED)
            if self._witness is not None:
                self._witness.staff(is_entered=True)
            self._view = StaffView(StaffStage.HOME)
            return
        self._wrong += 1
        log(LogEvent.STAFF_REFUSED, count=self._wrong)
        if self._wrong >= _FREE_TRIES:
            self._closed_until = now + min(900, 30 * 2 ** (self._wrong - _FREE_TRIES))
        if self._witness is not None:
            self._witness.staff(is_entered=False, count=self._wrong)
        self._view = StaffView(StaffStage.CODE, notice=self.texts("staff.wrong"))

    # --- tests

    def _test(self, name: str) -> None:
        tests = {
            "card": self._test_card,
            "page": lambda: self._test_page(PrinterName.A4),
            "card-page": lambda: self._test_page(PrinterName.CARD),
            "slip": self._test_slip,
        }
        test = tests.get(name)
        if test is None or self._view is None:
            return
        self._cancel = threading.Event()
        self._view = replace(self._view, running=name, result=self.texts("staff.running"), is_result_good=True)

        opening = self._opening

        def work() -> None:
            try:
                good, result = test()
            except KioskError as error:
                good, result = False, f"{self.texts(f'error.{error.code}.staff')} ({error.code})"
            except Exception as error:  # noqa: BLE001 - a test that never ended would close the door to all tests
                log(LogEvent.BUG, error=type(error).__name__)
                code = ErrorCode.INTERNAL
                good, result = False, f"{self.texts(f'error.{code}.staff')} ({code})"
            self._loop.post(lambda: self._tested(opening, good, result))

        threading.Thread(target=work, name=f"staff-test-{name}", daemon=True).start()

    def _tested(self, opening: int, is_good: bool, result: str) -> None:
        """A result of an earlier opening of the door belongs to nobody who stands there now."""
        if self._view is not None and opening == self._opening:
            self._view = replace(self._view, running="", result=result, is_result_good=is_good)
            self._show()

    def _test_card(self) -> tuple[bool, str]:
        t = self.texts
        read = self._card_reader.read(CARD_S, self._cancel)
        if read.kind is CardReadKind.READ:
            stable = t("staff.card-stable" if read.is_uid_stable else "staff.card-unstable")
            return True, t("staff.card-ok", bytes=len(read.uid), stable=stable)
        code = _CARD_CODES.get(read.kind)
        if code is None:
            return False, t("staff.card-none" if read.kind is CardReadKind.NO_CARD else "staff.card-cancelled")
        return False, t("staff.card-failed", words=t(f"error.{code}.staff"), code=code)

    def _test_page(self, printer: PrinterName) -> tuple[bool, str]:
        outcome = self._print_page(printer)
        if isinstance(outcome, Printed):
            return True, self.texts("staff.page-ok" if printer is PrinterName.A4 else "staff.card-page-ok")
        if not isinstance(outcome, PrintFailed | PrintUnknown):
            return False, self.texts("staff.page-failed", words="", code="")
        words = self.texts(f"error.{outcome.code}.staff")
        return False, self.texts("staff.page-failed", words=words, code=outcome.code)

    def _test_slip(self) -> tuple[bool, str]:
        end, reason = self._print_slip()
        if end is SlipEnd.PRINTED:
            return True, self.texts("staff.slip-ok")
        return False, self.texts("staff.slip-failed", reason=reason)


def machine_facts(settings: Settings, texts: Texts, bundle: str, uptime: str) -> tuple[tuple[str, str], ...]:
    """What runs here, for the technician's page and for ``kiosk diagnose``."""
    return (
        (texts("staff.fact-version"), __version__),
        (texts("staff.fact-bundle"), bundle),
        (texts("staff.fact-kiosk"), settings.kiosk.id),
        (texts("staff.fact-office"), settings.office.url),
        (texts("staff.fact-uptime"), uptime),
    )
