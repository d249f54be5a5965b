"""The technician's door: the code, the waiting after wrong ones, the tests, and that it closes by itself."""

import hashlib
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.core.loop import Loop
from kiosk.core.situation import StaffStage
from kiosk.core.staff import IDLE_S, StaffDoor, machine_facts
from kiosk.devices.contract import CardRead, CardReadKind, SlipEnd
from kiosk.errors import DeviceError, ErrorCode, StoreError
from kiosk.flows import outcomes as out
from kiosk.settings import Settings
from kiosk.store.prints import PrinterName
from kiosk.texts import Texts

from .hands import HandReader, HandSlips

CODE = "246810"
T = Texts("id")


class Door:
    """A door with a clock moved by hand."""

    def __init__(
        self, code: str = CODE, alignment: Any = None, station: Any = None, prints: Any = None, outbox: Any = None
    ) -> None:
        self.seconds = 0.0
        self.shown = 0
        self.printers: list[PrinterName] = []
        self.loop = Loop(lambda: self.seconds)
        digest = hashlib.sha256(code.encode()).hexdigest().upper() if code else ""
        settings = Settings.model_validate({"visit": {"staff_code_sha256": digest}})
        self.reader = HandReader()
        self.page: Any = out.Printed(1)
        self.slip = (SlipEnd.PRINTED, "")
        self.door = StaffDoor(
            self.loop,
            settings,
            self.reader,
            HandSlips(),
            print_page=self._page,
            print_slip=lambda: self.slip,
            issues=lambda t: (("what", "do"),),
            facts=lambda t: (("label", "value"),),
            show=self._show,
            alignment=alignment,
            station=station,
            prints=prints,
            outbox=outbox,
        )

    def _page(self, printer: PrinterName) -> Any:
        self.printers.append(printer)
        if isinstance(self.page, Exception):
            raise self.page
        return self.page

    def _show(self) -> None:
        self.shown += 1

    def act(self, action: str, *, is_visit: bool = False, **values: str) -> "Door":
        self.door.act(action, values, is_visit=is_visit)
        return self

    def enter(self, code: str = CODE) -> "Door":
        return self.act("staff:enter", code=code)

    def wait(self, seconds: float) -> "Door":
        self.seconds += seconds
        self.loop.run_pending()
        return self

    def settle(self) -> "Door":
        for thread in threading.enumerate():
            if thread.name.startswith("staff-test-"):
                thread.join(10)
        self.loop.run_pending()
        return self

    @property
    def stage(self) -> StaffStage | None:
        view = self.door.view()
        return view.stage if view is not None else None

    @property
    def notice(self) -> str:
        view = self.door.view()
        assert view is not None
        return view.notice

    @property
    def result(self) -> tuple[bool, str]:
        view = self.door.view()
        assert view is not None
        assert view.running == ""
        return view.is_result_good, view.result


def test_the_code_opens_and_leave_closes() -> None:
    door = Door()
    assert door.stage is None
    door.act("staff")
    assert door.stage is StaffStage.CODE
    assert door.door.view() is not None
    door.enter()
    assert door.stage is StaffStage.HOME
    view = door.door.view()
    assert view is not None
    assert (view.issues, view.facts) == ((("what", "do"),), (("label", "value"),))
    door.act("staff:leave")
    assert door.stage is None
    assert door.shown >= 3


def test_it_does_not_open_in_a_visit_nor_without_a_code() -> None:
    assert Door().act("staff", is_visit=True).stage is None
    closed = Door(code="").act("staff")
    assert closed.stage is None
    assert closed.enter("").stage is None


def test_nothing_opens_it_but_the_code() -> None:
    door = Door().enter()
    assert door.stage is None, "one must knock first"
    door.act("test:card")
    door.act("staff")
    for code in ("", "246811", CODE + " "):
        assert door.enter(code).stage is StaffStage.CODE
    door = Door().act("staff").act("test:page")
    assert door.stage is StaffStage.CODE
    assert door.reader.asked == []


def test_wrong_codes_make_it_wait_longer_each_time_and_the_right_one_waits_too() -> None:
    door = Door().act("staff")
    for _ in range(2):
        assert door.enter("000000").notice == T("staff.wrong")
    door.enter("000000")
    for expected in (30, 60, 120, 240, 480, 900, 900):
        door.enter()
        assert door.stage is StaffStage.CODE, "the right code does not shorten the wait"
        assert door.notice == T("staff.wait", count=expected + 1)
        for _ in range(int(expected // 100)):
            door.wait(100).door.touched()
        door.wait(expected % 100 - 0.5).enter()
        assert door.stage is StaffStage.CODE
        door.wait(0.5).enter("000000")
        assert door.notice == T("staff.wrong")
    for _ in range(9):
        door.wait(100).door.touched()
    assert door.enter().stage is StaffStage.HOME
    door.act("staff:leave").act("staff").enter("000000")
    assert door.enter().stage is StaffStage.HOME, "a right code forgives the wrong ones"


def test_going_away_and_coming_back_does_not_shorten_the_wait() -> None:
    door = Door().act("staff")
    for _ in range(3):
        door.enter("000000")
    door.act("staff:leave").act("staff").enter()
    assert door.stage is StaffStage.CODE
    assert door.wait(30).enter().stage is StaffStage.HOME


def test_an_open_door_closes_when_nobody_touches_it() -> None:
    door = Door().act("staff").enter().wait(IDLE_S - 1)
    door.door.touched()
    door.wait(IDLE_S - 1)
    assert door.stage is StaffStage.HOME
    shown = door.shown
    door.wait(1)
    assert door.stage is None
    assert door.shown > shown


def test_the_card_test_says_what_was_read_and_never_the_number() -> None:
    door = Door().act("staff").enter().act("test:card").settle()
    good, text = door.result
    assert good
    assert text == T("staff.card-ok", bytes=4, stable=T("staff.card-stable"))
    assert door.reader.result.uid.hex() not in text.lower()


@pytest.mark.parametrize("kind", [kind for kind in CardReadKind if kind is not CardReadKind.READ])
def test_a_card_that_was_not_read_is_told_in_sentences(kind: CardReadKind) -> None:
    door = Door()
    door.reader.result = CardRead(kind, detail="0x80100069")
    good, text = door.act("staff").enter().act("test:card").settle().result
    assert not good
    assert text.endswith((".", ")"))
    assert "{" not in text
    assert "0x8" not in text
    assert kind.value not in text, "no raw word of a device"
    if kind is CardReadKind.MUTE:
        assert text == T("staff.card-failed", words=T("error.CRD-02.staff"), code="CRD-02")


def failed(code: str) -> str:
    return T("staff.page-failed", words=T(f"error.{code}.staff"), code=code)


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (out.Printed(1), (True, T("staff.page-ok"))),
        (out.PrintFailed(ErrorCode.PAPER_OUT), (False, failed("PRN-07"))),
        (out.PrintUnknown(ErrorCode.PRINT_UNKNOWN), (False, failed("PRN-05"))),
        (DeviceError(ErrorCode.PRINTER_BUSY), (False, f"{T('error.PRN-06.staff')} (PRN-06)")),
    ],
)
def test_the_page_test_tells_how_it_ended(outcome: Any, result: tuple[bool, str]) -> None:
    door = Door()
    door.page = outcome
    assert door.act("staff").enter().act("test:page").settle().result == result


def test_a_test_card_goes_to_the_card_printer() -> None:
    door = Door().act("staff").enter().act("test:card-page").settle()
    assert door.result == (True, T("staff.card-page-ok"))
    assert door.printers == [PrinterName.CARD]


def test_the_slip_test_tells_how_it_ended() -> None:
    door = Door().act("staff").enter().act("test:slip").settle()
    assert door.result == (True, T("staff.slip-ok"))
    door.slip = (SlipEnd.UNKNOWN, "reason")
    assert door.act("test:slip").settle().result == (False, T("staff.slip-failed", reason="reason"))


def test_one_test_at_a_time_and_leaving_ends_it() -> None:
    door = Door().act("staff").enter()
    cancels: list[threading.Event] = []

    def read(deadline_s: float, cancel: threading.Event) -> CardRead:
        cancels.append(cancel)
        assert cancel.wait(10)
        return CardRead(CardReadKind.CANCELLED)

    door.reader.read = read  # type: ignore[method-assign]
    door.act("test:card").act("test:slip")
    view = door.door.view()
    assert view is not None
    assert (view.running, view.result) == ("card", T("staff.running"))
    door.act("staff:leave").settle()
    assert door.stage is None, "the end of a test does not open the door again"
    assert len(cancels) == 1


def test_a_test_that_does_not_exist_does_nothing() -> None:
    door = Door().act("staff").enter().act("test:everything").settle()
    assert door.result == (True, "")


@pytest.mark.expects_warnings
def test_a_bug_in_a_test_is_a_result_and_not_a_test_without_end() -> None:
    door = Door()
    door.page = RuntimeError("bug")
    good, text = door.act("staff").enter().act("test:page").settle().result
    assert not good
    assert text == f"{T('error.SYS-99.staff')} (SYS-99)"


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_runs_here_is_told(language: str) -> None:
    facts = dict(machine_facts(Settings(), Texts(language), "4 · abc", "2 jam"))
    assert {"4 · abc", "2 jam", "anjungan-demo-01", Settings().office.url} <= set(facts.values())
    assert len(facts) == 5


def test_what_the_office_refused_is_sent_again_from_the_door() -> None:
    refused = [1, 2]

    def send_again() -> int:
        count = len(refused)
        refused.clear()
        return count

    door = Door(outbox=SimpleNamespace(refused=lambda: len(refused), send_again=send_again))
    door.act("staff").enter()
    view = door.door.view()
    assert view is not None
    assert view.refused == 2
    door.act("staff:send-again")
    assert door.result == (True, T("staff.sent-again", count=2))
    view = door.door.view()
    assert view is not None
    assert view.refused == 0


def test_a_store_that_cannot_be_asked_for_refused_messages_costs_no_page() -> None:
    def ask() -> int:
        raise StoreError(ErrorCode.STORE_UNREADABLE)

    door = Door(outbox=SimpleNamespace(refused=ask, send_again=ask))
    door.act("staff").enter().act("staff:send-again")
    view = door.door.view()
    assert view is not None
    assert (view.stage, view.refused, view.is_result_good) == (StaffStage.HOME, 0, False)
