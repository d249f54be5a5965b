"""The technician's door: a code, a page of all devices, and a test for each.

The code's SHA-256 stands in ``kiosk.toml``; after three wrong codes the door waits, longer each time. It closes by
itself when nobody touches it.
"""

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import replace

from kiosk import __version__
from kiosk.core.loop import Loop, Timer
from kiosk.core.situation import StaffStage, StaffView
from kiosk.devices.contract import CardReader, CardReadKind, SlipEnd, SlipPrinter
from kiosk.errors import ErrorCode, KioskError
from kiosk.events import LogEvent, log
from kiosk.flows.outcomes import Outcome, Printed, PrintFailed, PrintUnknown
from kiosk.settings import Settings
from kiosk.texts import Texts

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
        print_page: Callable[[], Outcome],
        print_slip: Callable[[], tuple[SlipEnd, str]],
        issues: Callable[[Texts], tuple[tuple[str, str], ...]],
        facts: Callable[[Texts], tuple[tuple[str, str], ...]],
        show: Callable[[], object],
    ) -> None:
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
        return replace(self._view, issues=self._issues(self.texts), facts=self._facts(self.texts))

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
        elif action.startswith("test:") and self._view.stage is StaffStage.HOME and not self._view.running:
            self._test(action.removeprefix("test:"))
        self._schedule()
        self._show()

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
        if now < self._closed_until:
            wait = round(self._closed_until - now) + 1
            self._view = StaffView(StaffStage.CODE, notice=self.texts("staff.wait", count=wait))
            return
        digest = hashlib.sha256(code.encode()).hexdigest()
        if hmac.compare_digest(digest, self._settings.visit.staff_code_sha256.lower()):
            self._wrong = 0
            log(LogEvent.STAFF_ENTERED)
            self._view = StaffView(StaffStage.HOME)
            return
        self._wrong += 1
        log(LogEvent.STAFF_REFUSED, count=self._wrong)
        if self._wrong >= _FREE_TRIES:
            self._closed_until = now + min(900, 30 * 2 ** (self._wrong - _FREE_TRIES))
        self._view = StaffView(StaffStage.CODE, notice=self.texts("staff.wrong"))

    # --- tests

    def _test(self, name: str) -> None:
        tests = {"card": self._test_card, "page": self._test_page, "slip": self._test_slip}
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
                log(LogEvent.BUG, detail=type(error).__name__)
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
        return False, t("staff.card-failed", reason=read.kind.value)

    def _test_page(self) -> tuple[bool, str]:
        outcome = self._print_page()
        if isinstance(outcome, Printed):
            return True, self.texts("staff.page-ok")
        code = outcome.code if isinstance(outcome, PrintFailed | PrintUnknown) else ""
        return False, self.texts("staff.page-failed", code=code)

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
