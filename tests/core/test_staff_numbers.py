"""The technician's numbers: a shift from what a ruler says, and the blanks that were loaded."""

from pathlib import Path
from typing import Any

import pytest

from kiosk.core import staff_align, staff_blanks
from kiosk.core.alignment import Alignment
from kiosk.core.card_station import CardStation
from kiosk.core.situation import StaffStage
from kiosk.devices.contract import ImageShift, PrinterCapabilities, ShiftMeans
from kiosk.devices.encoding.not_configured import MissingCardEncoder
from kiosk.settings import Settings
from kiosk.store.blanks import Blanks
from kiosk.store.database import open_store
from kiosk.store.prints import PrinterName
from kiosk.store.shifts import Shifts
from kiosk.store.stored_state import StoredState
from kiosk.texts import Texts
from tests.core.print_fakes import START
from tests.core.test_staff_door import Door

T = Texts("id")
KEY = "ef" * 32


class Printer:
    """Takes shifts and says how it does so."""

    def __init__(self, means: ShiftMeans = ShiftMeans.RASTER) -> None:
        self.means = means
        self.shifts: list[ImageShift] = []
        self.blanks: list[Any] = []

    def set_shift(self, shift: ImageShift) -> None:
        self.shifts.append(shift)

    def set_blanks(self, blanks: Any) -> None:
        self.blanks.append(blanks)

    def set_encoder(self, *, is_ready: bool) -> None:
        assert is_ready, "none is configured"

    def capabilities(self) -> PrinterCapabilities:
        return PrinterCapabilities(formats=("application/pdf",), make="Printer Contoh", shift=self.means)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.store = open_store(folder / "kiosk.db", KEY).store
        self.a4, self.card = Printer(), Printer(ShiftMeans.NONE)
        printers: Any = {PrinterName.A4: self.a4, PrinterName.CARD: self.card}
        shifts = Shifts(StoredState(self.store))
        self.alignment = Alignment(Settings(), shifts, printers, lambda: START)
        printer: Any = self.card
        self.station = CardStation(Blanks(self.store), printer, MissingCardEncoder(), low=5)

    def door(self) -> Door:
        return Door(alignment=self.alignment, station=self.station).act("staff").enter()

    def align(self, *acts: str) -> staff_align.AlignView:
        view = staff_align.opened(self.alignment, PrinterName.A4)
        for act in acts:
            view = staff_align.acted(view, self.alignment, act, T)
        return view


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


def test_what_is_right_asks_for_nothing(bench: Bench) -> None:
    view = bench.align()
    assert (view.result, view.can_save) == ((0.0, 0.0), False)
    assert bench.align("a+", "a-", "save").shift == (0.0, 0.0)
    assert bench.a4.shifts == []


def test_a_picture_too_far_right_and_too_high_is_moved_back(bench: Bench) -> None:
    view = bench.align("a+", "a+", "a+", "b-", "b-")
    assert view.read == (41.5, 39.0)
    assert view.result == (-1.5, 1.0)
    saved = staff_align.acted(view, bench.alignment, "save", T)
    assert (saved.shift, saved.read, saved.notice) == ((-1.5, 1.0), (40.0, 40.0), T("align.saved"))
    assert bench.a4.shifts == [ImageShift(-1.5, 1.0)]


def test_a_second_measure_adds_to_the_shift_in_force(bench: Bench) -> None:
    bench.align("a+", "save")
    assert bench.align("a+", "save").shift == (-1.0, 0.0)


def test_a_shift_outlives_a_restart_and_belongs_to_one_printer(bench: Bench, tmp_path: Path) -> None:
    bench.align("b+", "save")
    bench.store.close()
    again = Bench(tmp_path)
    again.alignment.apply()
    assert again.a4.shifts == [ImageShift(0.0, -0.5)]
    assert again.card.shifts == [ImageShift(0.0, 0.0)]
    again.store.close()


def test_more_than_ten_millimetres_is_refused_with_words(bench: Bench) -> None:
    view = bench.align(*["a+"] * 21)
    assert view.result == (-10.5, 0.0)
    assert (view.can_save, view.notice) == (False, T("align.too-far", most="10"))
    assert staff_align.acted(view, bench.alignment, "save", T).shift == (0.0, 0.0)
    assert bench.align(*["a+"] * 99).read == (60.0, 40.0), "a reading has an end"
    with pytest.raises(ValueError, match="at most"):
        bench.alignment.set(PrinterName.A4, float("nan"), 0)


def test_a_printer_that_cannot_be_moved_says_how_it_can(bench: Bench) -> None:
    view = staff_align.opened(bench.alignment, PrinterName.CARD)
    moved = staff_align.acted(view, bench.alignment, "a+", T)
    assert not moved.can_save
    assert staff_align.acted(moved, bench.alignment, "save", T).shift == (0.0, 0.0)
    assert bench.card.shifts == []


def test_the_door_leads_to_the_numbers_and_back(bench: Bench) -> None:
    door = bench.door().act("staff:align:a4").act("align:a+").act("align:save")
    assert door.stage is StaffStage.ALIGN
    assert bench.a4.shifts == [ImageShift(-0.5, 0.0)]
    assert door.act("staff:back").stage is StaffStage.HOME
    assert door.act("align:a+").stage is StaffStage.HOME, "no act of a page that is not there"


def test_a_scanned_blank_begins_a_lot_only_on_its_page(bench: Bench) -> None:
    door = bench.door()
    assert not door.door.scan("AB0001")
    door.act("staff:blanks")
    assert door.door.scan("ab 0001")
    for act in ("+10", "+100", "-1", "load"):
        door.act(f"blanks:{act}")
    view = door.door.view()
    assert view is not None
    assert view.blanks is not None
    assert (view.blanks.stock.left, view.blanks.stock.next) == (110, "AB0001")
    assert view.blanks.notice == T("blanks.loaded", count=110)
    assert bench.card.blanks[-1].left == 110
    assert not door.act("staff:leave").door.scan("AB0002")


@pytest.mark.parametrize("text", ["", "hello", "AB 00 01 é"])
def test_what_is_no_serial_is_said(bench: Bench, text: str) -> None:
    view = staff_blanks.scanned(staff_blanks.opened(bench.station), text, T)
    assert (view.first, view.notice, view.is_notice_good) == ("", T("blanks.no-serial"), False)


def test_a_lot_that_was_loaded_before_is_refused(bench: Bench) -> None:
    for expected in ("", T("blanks.refused")):
        view = staff_blanks.scanned(staff_blanks.opened(bench.station), "A01", T)
        view = staff_blanks.acted(view, bench.station, "load", T)
        assert view.notice == (expected or T("blanks.loaded", count=1))
    replaced = staff_blanks.acted(view, bench.station, "set", T)
    assert replaced.stock.left == 1


def test_confirm_and_skip_do_what_they_say(bench: Bench) -> None:
    view = staff_blanks.acted(
        staff_blanks.scanned(staff_blanks.opened(bench.station), "A01", T), bench.station, "+1", T
    )
    view = staff_blanks.acted(view, bench.station, "load", T)
    assert staff_blanks.acted(view, bench.station, "confirm", T) == view, "nothing to confirm"
    skipped = staff_blanks.acted(view, bench.station, "skip", T)
    assert (skipped.stock.next, skipped.stock.damaged) == ("A02", 1)
    gone = staff_blanks.acted(skipped, bench.station, "skip", T)
    assert (gone.stock.left, gone.stock.next) == (0, "")
    assert staff_blanks.acted(gone, bench.station, "skip", T) == gone
