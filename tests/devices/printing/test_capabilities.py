"""What a printer says that it can, and what is then asked of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kiosk.devices.contract import (
    NO_SHIFT,
    Band,
    DeviceKind,
    ImageShift,
    PageForm,
    RasterForm,
    Reason,
    SheetBack,
    ShiftMeans,
)
from kiosk.devices.printing.capabilities import Wish, probe, raster_form, ticket
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.printing.ipp import Operation, encode_request
from kiosk.devices.printing.ipp_values import collections, number, numbers, resolutions
from kiosk.devices.simulated.doubles import ID1_MEDIA
from kiosk.devices.simulated.ipp_front import IppFront, IppServer
from kiosk.devices.simulated.ipp_wire import unpack
from kiosk.devices.simulated.printer_double import DoubleJob, PrinterDouble
from kiosk.errors import DeviceError, ErrorCode
from tests.devices.benches import A4
from tests.devices.papers import pdf

URI = "ipp://printer.invalid/ipp/print"
Build = Callable[..., IppPrinter]


@pytest.fixture
def double() -> Iterator[PrinterDouble]:
    printer = PrinterDouble()
    yield printer
    printer.close()


@pytest.fixture
def build(double: PrinterDouble) -> Build:
    front = IppFront(double, URI)

    def make(**wishes: object) -> IppPrinter:
        printer = IppPrinter(URI, A4, post=front.post, **wishes)  # type: ignore[arg-type]
        printer.look()
        return printer

    return make


def printed_by(printer: IppPrinter, double: PrinterDouble) -> DoubleJob:
    printer.send(printer.create("cetak-1", 1, 5), pdf(1), 5)
    return double.printed()[-1]


def test_everything_that_it_tells_is_kept(build: Build, double: PrinterDouble) -> None:
    double.trays = ["main", "by-pass-tray"]
    found = build().capabilities()
    assert found.make == "Anjungan Simulated document printer"
    assert A4 in found.media
    assert found.media_ready == (A4,)
    assert found.media_types == ("stationery",)
    assert found.trays == ("main", "by-pass-tray")
    assert found.sides == ("one-sided",)
    assert found.has_colour
    assert found.resolutions == ((300, 300),)
    assert found.raster_types == ("sgray_8", "srgb_8")
    assert (found.page_form, found.shift, found.is_queue) == (PageForm.PDF, ShiftMeans.RASTER, False)


def test_it_asks_for_plain_a4_on_one_side_as_it_is(build: Build, double: PrinterDouble) -> None:
    printer = build()
    asked = ticket(printer._probe, printer._wish)
    size = {"x-dimension": 21_000, "y-dimension": 29_700}
    assert asked == {
        "copies": 1,
        "media-col": {"media-size": size, "media-type": "stationery"},
        "sides": "one-sided",
        "print-scaling": "none",
    }
    job = printed_by(printer, double)
    assert (job.paper_type, job.tray, job.document) == ("stationery", "", pdf(1))


def test_the_named_tray_is_asked_for(build: Build, double: PrinterDouble) -> None:
    double.trays = ["main", "by-pass-tray"]
    assert printed_by(build(tray="by-pass-tray"), double).tray == "by-pass-tray"


def test_a_tray_that_is_not_there_is_refused_with_its_name(build: Build, double: PrinterDouble) -> None:
    printer = build(tray="tray-9")
    assert printer.status().band is Band.ERROR
    assert printer.status().reasons == (Reason.NO_TRAY,)
    assert printer.status().detail == "tray-9; the printer has main"
    with pytest.raises(DeviceError) as caught:
        printer.create("cetak-1", 1, 5)
    assert caught.value.code is ErrorCode.PRINTER_REFUSED
    assert double.jobs == {}


def test_a_tray_cannot_be_chosen_where_the_printer_takes_no_choice() -> None:
    found = probe({"media-source-supported": ["main"], "document-format-supported": ["application/pdf"]})
    assert ticket(found, Wish(A4))["media"] == A4


@pytest.mark.parametrize(
    ("shift", "asked"),
    [(ImageShift(1.25, 2), (125, -200)), (ImageShift(-99, 99), (-1000, -1000)), (NO_SHIFT, (0, 0))],
)
def test_a_printer_that_shifts_is_asked_to(
    build: Build, double: PrinterDouble, shift: ImageShift, asked: tuple[int, int]
) -> None:
    double.shift_range = (-1000, 1000)
    printer = build(shift=shift)
    assert printer.capabilities().shift is ShiftMeans.PRINTER
    assert printer.raster_form() is None
    job = printed_by(printer, double)
    assert (job.shift, job.document) == (asked, pdf(1))


def test_a_shift_may_be_set_later(build: Build, double: PrinterDouble) -> None:
    double.shift_range = (-1000, 1000)
    printer = build()
    printer.set_shift(ImageShift(3, 0))
    assert printed_by(printer, double).shift == (300, 0)


def test_one_that_cannot_shift_gets_dots_when_it_must_and_the_pdf_otherwise(build: Build) -> None:
    printer = build()
    assert printer.raster_form() is None
    printer.set_shift(ImageShift(0.5, 0))
    assert printer.raster_form() == RasterForm("srgb_8", 300, 300, 210, 297, ImageShift(0.5, 0))


def test_one_without_raster_cannot_be_shifted(build: Build, double: PrinterDouble) -> None:
    double.formats = ["application/pdf"]
    printer = build(shift=ImageShift(1, 1))
    assert printer.capabilities().shift is ShiftMeans.NONE
    assert printer.raster_form() is None


def test_without_pdf_it_wants_dots(build: Build, double: PrinterDouble) -> None:
    double.formats, double.raster_kinds = ["image/pwg-raster"], ["sgray_8", "black_1"]
    printer = build()
    assert printer.status().band is Band.OK
    assert printer.capabilities().page_form is PageForm.RASTER
    assert printer.raster_form() == RasterForm("sgray_8", 300, 300, 210, 297)


@pytest.mark.parametrize(("has_flipper", "back"), [(True, SheetBack.ROTATED), (True, SheetBack.NORMAL), (False, None)])
def test_a_card_s_two_faces_go_as_dots_of_one_card(has_flipper: bool, back: SheetBack | None) -> None:
    double = PrinterDouble(DeviceKind.CARD_PRINTER, ID1_MEDIA)
    double.formats, double.has_flipper = ["image/pwg-raster"], has_flipper
    double.sheet_back = str(back or SheetBack.FLIPPED)
    found = IppPrinter(URI, ID1_MEDIA, DeviceKind.CARD_PRINTER, post=IppFront(double, URI).post)
    assert found.look().page_form is PageForm.RASTER
    form = found.raster_form()
    assert form is not None
    assert form.is_two_sided is has_flipper
    assert form.back is (back or SheetBack.FLIPPED)
    double.close()


def test_without_either_nothing_is_promised(build: Build, double: PrinterDouble) -> None:
    double.formats, double.raster_kinds = ["image/pwg-raster"], ["black_1"]
    printer = build()
    assert printer.status().reasons == (Reason.NO_PDF,)
    assert printer.raster_form() is None


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ([(300, 300)], (300, 300)),
        ([(150, 150), (600, 600)], (600, 600)),
        ([(600, 600), (300, 300), (1200, 1200)], (300, 300)),
        ([(150, 150), (203, 203)], (203, 203)),
    ],
)
def test_the_resolution_is_the_nearest_that_is_sharp(offered: list[tuple[int, int]], taken: tuple[int, int]) -> None:
    found = probe(
        {
            "document-format-supported": ["image/pwg-raster"],
            "pwg-raster-document-resolution-supported": [(*dots, 3) for dots in offered],
            "pwg-raster-document-type-supported": ["sgray_8"],
        }
    )
    form = raster_form(found, Wish(A4))
    assert form is not None
    assert (form.x_dpi, form.y_dpi) == taken


def test_dots_are_those_of_the_raster_and_not_of_the_engine() -> None:
    found = probe(
        {
            "document-format-supported": ["image/pwg-raster"],
            "printer-resolution-supported": [(300, 300, 3), (1200, 1200, 3)],
            "pwg-raster-document-resolution-supported": (600, 600, 3),
            "pwg-raster-document-type-supported": "sgray_8",
        }
    )
    form = raster_form(found, Wish(A4))
    assert form is not None
    assert (form.x_dpi, found.capabilities.resolutions) == (600, ((300, 300), (1200, 1200)))


def test_values_are_read_without_trust() -> None:
    assert resolutions((118, 118, 4)) == [(300, 300)]
    assert resolutions([(0, 300, 3), (300, 300, 9), "300", (300, 300), (10**9, 1, 3)]) == []
    assert collections([{"a": 1}, "b", None]) == [{"a": 1}]
    assert numbers([1, True, "2", 3]) == [1, 3]
    assert number(True) is None
    noises: list[Any] = [None, 7, "x", [], {}, (1, 2), [None], [[1]], {"a": {}}]
    for noise in noises:
        found = probe(dict.fromkeys(_NAMES, noise))
        assert found.capabilities.page_form is PageForm.UNKNOWN
        ticket(found, Wish(A4, "main"))


def _words(text: str) -> list[str]:
    return text.split()


_NAMES = _words("""
    operations-supported document-format-supported printer-impressions-completed media-supported sides-supported
    pwg-raster-document-resolution-supported pwg-raster-document-type-supported x-image-shift-supported
    media-col-ready y-image-shift-supported ipp-features-supported printer-make-and-model media-ready
    media-type-supported color-supported media-source-supported printer-resolution-supported
    print-scaling-supported media-col-supported
""")


def test_a_collection_reads_back_in_the_other_codec() -> None:
    paper = {"media-size": {"x-dimension": 21_000, "y-dimension": 29_700}, "media-source": "main"}
    raw = encode_request(Operation.CREATE_JOB, {"printer-uri": URI}, {"media-col": paper, "copies": 1}, 5)
    job = unpack(raw).group(0x02)
    read = job["media-col"].first
    assert read["media-source"].first == "main"
    assert {name: tagged.first for name, tagged in read["media-size"].first.items()} == paper["media-size"]
    assert job["copies"].first == 1


def test_dots_go_out_piece_by_piece_over_the_wire(double: PrinterDouble) -> None:
    from kiosk.documents.raster import pwg_raster

    double.formats = ["image/pwg-raster"]
    server = IppServer(double)
    try:
        printer = IppPrinter(server.uri, A4)
        printer.look()
        form = printer.raster_form()
        assert form is not None
        job = printer.create("cetak-1", 2, 5)
        printer.send(job, pwg_raster(pdf(2), form), 20)
        assert double.printed()[0].document == b"".join(pwg_raster(pdf(2), form))
        assert (double.printed()[0].format, double.counter) == ("image/pwg-raster", 2)
    finally:
        server.close()


def test_a_raster_that_breaks_off_prints_nothing(double: PrinterDouble) -> None:
    double.formats = ["image/pwg-raster"]
    server = IppServer(double)

    def broken() -> Iterator[bytes]:
        yield b"RaS2" + bytes(1796)
        raise OSError("the drawer died")

    try:
        printer = IppPrinter(server.uri, A4)
        job = printer.create("cetak-1", 2, 5)
        with pytest.raises(DeviceError):
            printer.send(job, broken(), 5)
        assert double.counter == 0
        assert printer.cancel(job)
    finally:
        server.close()
