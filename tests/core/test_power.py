"""The mains go and come back: what happens to visits, what is said, and when the machine is switched off."""

from collections.abc import Sequence

import pytest

from kiosk import protocol as p
from kiosk.core.pages import pick
from kiosk.core.power import PowerGuard, PowerStage, switch_off
from kiosk.core.surroundings import VisitHouse, headphones_changed
from kiosk.devices.contract import Band, DeviceKind, Presence, Reason, Status
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.settings import PowerTable, Settings
from tests.devices.waiting import until

from .stand import Stand, situation, status

TABLE = PowerTable(grace_s=30, settle_s=60, told_s=6, shutdown=["poweroff"])
LOW = (Reason.BATTERY_LOW, Reason.ON_BATTERY)


class House:
    """A shell on a stand with a guard whose command is only written down."""

    def __init__(self, table: PowerTable = TABLE) -> None:
        self.stand = Stand()
        self.ran: list[list[str]] = []
        self.busy = 0
        house = VisitHouse(self.stand.shell)
        house.drained = lambda: self.busy == 0  # type: ignore[method-assign]
        self.guard = PowerGuard(self.stand.loop, table, house, lambda command: self.ran.append(list(command)))

    def hears(self, band: Band, *reasons: Reason) -> "House":
        self.guard.heard(status(DeviceKind.POWER, band, *reasons))
        self.stand.settle()
        return self

    def low(self) -> "House":
        return self.hears(Band.ERROR, *LOW)

    @property
    def page(self) -> str:
        return self.stand.name


@pytest.fixture
def house() -> House:
    return House()


def test_a_blip_changes_nothing(house: House) -> None:
    house.hears(Band.WARNING, Reason.ON_BATTERY)
    house.stand.wait(29)
    assert house.page == "attract"
    house.hears(Band.OK)
    house.stand.wait(60)
    assert (house.page, house.guard.stage) == ("attract", PowerStage.MAINS)


def test_after_the_grace_nobody_new_begins_and_service_returns_by_itself(house: House) -> None:
    house.hears(Band.WARNING, Reason.ON_BATTERY)
    house.stand.wait(31)
    assert house.page == "power-closed"
    house.stand.force("start")
    house.stand.force("help")
    house.stand.force("look:language")
    assert not house.stand.shell.has_visit
    assert house.page == "power-closed"
    house.hears(Band.OK)
    assert house.page == "attract"
    house.stand.press("start")
    assert house.stand.shell.has_visit
    assert house.ran == []


def test_who_is_there_when_the_mains_go_finishes(house: House) -> None:
    house.stand.to_preview()
    house.hears(Band.WARNING, Reason.ON_BATTERY)
    house.stand.wait(40)
    assert house.page == "preview"
    house.stand.press("home")
    assert house.page == "power-closed"


def test_battery_low_tells_the_visitor_ends_the_visit_and_only_then_switches_off(house: House) -> None:
    house.stand.to_preview()
    house.low()
    assert house.page == "power-ending"
    assert house.ran == []
    house.stand.wait(5)
    assert house.stand.shell.has_visit
    assert house.ran == []
    house.busy = 1
    house.stand.wait(3)
    assert not house.stand.shell.has_visit
    assert house.stand.runner.ended, "the session was wiped"
    assert house.ran == [], "what was cancelled still runs"
    house.busy = 0
    house.stand.wait(1)
    assert house.ran == [["poweroff"]]
    assert house.page == "power-down"


def test_the_visitor_may_leave_sooner(house: House) -> None:
    house.stand.to_preview()
    house.low().stand.press("home")
    assert not house.stand.shell.has_visit
    house.stand.wait(1)
    assert house.ran == [["poweroff"]]


def test_a_card_on_the_reader_is_asked_for_before_the_end(house: House) -> None:
    house.stand.shell.card_moved(Presence(True, 1))
    house.stand.to_preview()
    house.low().stand.wait(7)
    assert house.page == "take"
    house.stand.wait(7)
    assert not house.stand.shell.has_visit, "a card that nobody takes does not keep the machine from its end"
    house.stand.wait(1)
    assert house.ran == [["poweroff"]]


def test_a_print_that_runs_comes_to_its_end_and_its_page_is_seen(house: House) -> None:
    house.stand.to_printing()
    house.low().stand.wait(40)
    assert house.page == "printing"
    assert house.ran == []
    house.stand.answer(fx.Print, out.Printed(2))
    house.stand.answer(fx.PrintSlip, out.Done())
    assert house.page in ("power-ending", "take", "survey")
    house.stand.wait(5)
    assert house.stand.shell.has_visit
    house.stand.wait(10)
    assert not house.stand.shell.has_visit
    assert house.ran == [["poweroff"]]


def test_a_print_that_is_held_up_is_cut_and_settled_by_its_worker(house: House) -> None:
    house.stand.to_printing()
    house.busy = 1
    house.low().stand.wait(59)
    assert house.page == "printing"
    house.stand.wait(3)
    assert not house.stand.shell.has_visit
    assert house.ran == [], "the worker still asks the printer how far it got"
    house.busy = 0
    house.stand.wait(1)
    assert house.ran == [["poweroff"]]


def test_a_worker_that_never_ends_does_not_hold_the_machine_until_the_battery_is_empty(house: House) -> None:
    house.busy = 1
    house.low().stand.wait(60 + 19)
    assert house.ran == []
    house.stand.wait(3)
    assert house.ran == [["poweroff"]]


def test_mains_that_come_back_while_the_visit_ends_leave_the_machine_on(house: House) -> None:
    house.stand.to_preview()
    house.low().stand.wait(2)
    house.hears(Band.OK)
    assert house.page == "preview"
    house.stand.wait(20)
    assert house.page == "preview"
    assert house.ran == []


def test_mains_that_come_back_after_the_command_open_again_and_a_second_cut_runs_it_again(house: House) -> None:
    house.low().stand.wait(1)
    assert house.ran == [["poweroff"]]
    house.low()
    house.low().stand.wait(5)
    assert house.ran == [["poweroff"]], "once for each time"
    house.hears(Band.OK)
    assert house.page == "attract"
    house.low().stand.wait(1)
    assert len(house.ran) == 2


@pytest.mark.parametrize("reason", [Reason.SILENT, Reason.AWAY, Reason.STARTING])
def test_a_ups_that_falls_silent_on_battery_keeps_the_doors_closed(house: House, reason: Reason) -> None:
    house.hears(Band.WARNING, Reason.ON_BATTERY).stand.wait(31)
    house.hears(Band.UNKNOWN, reason).stand.wait(100)
    assert house.page == "power-closed"
    house.hears(Band.OK)
    assert house.page == "attract"


@pytest.mark.parametrize("reason", [Reason.SILENT, Reason.AWAY, Reason.NOT_CONFIGURED])
def test_a_ups_that_never_spoke_closes_nothing(house: House, reason: Reason) -> None:
    house.hears(Band.UNKNOWN, reason).stand.wait(1000)
    assert house.page == "attract"


def test_on_battery_then_low_then_only_on_battery_goes_on_to_the_end(house: House) -> None:
    house.stand.to_preview()
    house.low().stand.wait(1)
    house.hears(Band.WARNING, Reason.ON_BATTERY).stand.wait(20)
    assert house.ran == [["poweroff"]]


def test_without_a_command_the_machine_ends_the_visit_and_stays() -> None:
    house = House(PowerTable(told_s=1))
    house.stand.to_preview()
    house.low().stand.wait(5)
    assert (house.page, house.ran) == ("power-down", [])


def test_a_battery_that_only_wants_replacing_closes_nothing(house: House) -> None:
    house.hears(Band.WARNING, Reason.BATTERY_OLD).stand.wait(100)
    assert house.page == "attract"


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("stage", list(PowerStage))
def test_pages_in_both_languages(language: str, stage: PowerStage) -> None:
    page = pick(situation(language, power=stage))
    t = situation(language).texts
    assert (page.name == "attract") == (stage in (PowerStage.MAINS, PowerStage.BATTERY))
    if page.name != "attract":
        assert isinstance(page.body, p.OutcomeBody)
        assert page.body.code in ("PWR-02", "PWR-03")
        assert t("power.closed-safe") in page.body.lines
        assert not any("power." in line for line in [page.title, *page.body.lines])
        assert "help" not in [control.id for control in page.strip.controls]


@pytest.mark.expects_warnings
def test_a_command_that_can_not_run_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def ran(command: Sequence[str], what: str) -> None:
        caplog.clear()
        switch_off(command)
        until(lambda: any(what in str(record.__dict__.get("kiosk_fields")) for record in caplog.records), what)
        assert [record.message for record in caplog.records] == ["SHUTDOWN_FAILED"]

    ran(["/nonexistent/poweroff"], "FileNotFoundError")
    ran(["false"], "1")


def test_headphones_turn_the_sound_of_a_visit_on() -> None:
    stand = Stand()
    headphones_changed(stand.shell, True)
    assert not stand.shell.has_visit, "nobody is there yet"
    stand.press("start", "look:sound")
    assert not stand.page.look.has_sound
    headphones_changed(stand.shell, False)
    assert not stand.page.look.has_sound
    headphones_changed(stand.shell, True)
    stand.settle()
    assert stand.page.look.has_sound
    headphones_changed(stand.shell, True)
    stand.settle()
    assert stand.page.look.has_sound


def test_the_table_has_no_command_unless_somebody_gave_one() -> None:
    assert Settings().devices.power.shutdown == []
    assert Status(DeviceKind.POWER, Band.OK, (), 0.0).is_usable
