"""Paper and cards in motion, the slip behind them, and the pages at the end."""

from dataclasses import replace
from typing import Any

from kiosk import protocol as p
from kiosk.devices.contract import Reason
from kiosk.devices.reasons import TABLE
from kiosk.errors import ErrorCode
from tests.e2e.conftest import Kiosk
from tests.faults import faults as of
from tests.faults.rows_waiting import goes_on, why
from tests.faults.table import Fault, Row, Then
from tests.faults.walker import PATIENCE_S, Walker

PRINTING = {"document-printer": "Printing on A4", "card-printer": "Printing a KTP-el"}
SERVICES = {"document-printer": "cetak-kk", "card-printer": "cetak-ktp"}
SLIP_TITLE = "Slip, after the print"


def in_the_middle(fault: Fault, trouble: str, at_sheet: int = 1) -> Fault:
    """The same fault, striking when that sheet (or face of a card) of the next job is due."""

    def do(kiosk: Kiosk) -> Any:
        return kiosk.doubles.act(fault.device, "fault", reason=trouble, at_sheet=at_sheet)

    return replace(fault, do=do)


TROUBLES = {
    Reason.MEDIA_EMPTY: "media-empty",
    Reason.CARDS_EMPTY: "media-empty",
    Reason.MEDIA_JAM: "media-jam",
    Reason.COVER_OPEN: "cover-open",
    Reason.MARKER_EMPTY: "marker-supply-empty",
    Reason.RIBBON_EMPTY: "marker-supply-empty",
    Reason.OUTPUT_FULL: "output-area-full",
    Reason.SPOOL_FULL: "spool-area-full",
    Reason.PAUSED: "paused",
}


def printed(w: Walker, device: str) -> int:
    return len(w.kiosk.printed(device))


def finish(w: Walker) -> p.Page:
    """From the survey to the page of what to take; leaves it for the caller."""
    face = w.kiosk.face
    face.wait_page("survey", timeout_s=PATIENCE_S)
    face.press("Lewati")
    return face.wait_page("take")


def held(w: Walker, fault: Fault, slip: Fault | None = None, at_sheet: int = 1) -> None:
    """A print that stands still until the officer has helped; then, maybe, a slip that does not come."""
    device = fault.device
    before = printed(w, device)
    w.to_preview(SERVICES[device])
    assert fault.reason is not None
    striking = in_the_middle(fault, TROUBLES[fault.reason], at_sheet)
    striking.do(w.kiosk)
    if slip is not None:
        slip.do(w.kiosk)
    w.kiosk.face.press("Cetak sekarang")
    reads = ("printing.held-title", why(fault), "printing.wait")
    row = Row(fault, Then.WAITS, reads, page="printing")
    page = w.until(row, "printing")
    assert isinstance(page.body, p.PrintingBody)
    assert page.body.done == at_sheet - 1
    assert page.home is None
    assert page.back is None
    assert page.second is not None, "nobody has to wait for ever"
    fault.undo(w.kiosk)
    taking = finish(w)
    assert printed(w, device) == before + 1
    w.note(f"printing-{device}", PRINTING[device], row, page)
    if slip is not None:
        comes = slip.reason is Reason.MEDIA_LOW
        assert isinstance(taking.body, p.TakeBody)
        assert (p.SceneKind.SLIP_OUT in [scene.kind for scene in taking.body.scenes]) == comes
        row = Row(
            slip, Then.NOTHING if comes else Then.NO_SLIP, ("take.slip",) if comes else ("take.paper",), page="take"
        )
        w.note("slip", SLIP_TITLE, row, w.until(row, "take"))
        slip.undo(w.kiosk)
    w.leave()


def held_paper_1(w: Walker) -> None:
    held(w, of.DOC["media-empty"], of.SLIPS["media-empty"])
    held(w, of.DOC["media-jam"], of.SLIPS["cover-open"])
    held(w, of.DOC["cover-open"], of.SLIPS["cutter-fault"])
    held(w, of.DOC["marker-empty"], of.SLIPS["away"])


def held_paper_2(w: Walker) -> None:
    held(w, of.DOC["output-full"], of.SLIPS["media-low"])
    held(w, of.DOC["paused"], of.SLIPS["overheated"])
    held(w, of.DOC["spool-full"], of.SLIPS["silent"])


def held_card(w: Walker) -> None:
    for name in ("cards-empty", "ribbon-empty", "media-jam"):
        held(w, of.CARD[name])
    ribbon = of.CARD["ribbon-empty"]
    held(w, replace(ribbon, name="ribbon-between", words="ribbon ends between the two faces"), at_sheet=2)
    tray = of.CARD["reject-full"]
    at_the_start(w, tray)


def at_the_start(w: Walker, fault: Fault) -> None:
    """It strikes between the look at the preview and the touch: nothing moves, and one touch tries again."""
    device = fault.device
    w.to_preview(SERVICES[device])
    fault.do(w.kiosk)
    # A printer that was switched off has forgotten what it printed before.
    before = printed(w, device)
    w.kiosk.face.press("Cetak sekarang")
    assert fault.reason is not None
    code = TABLE[fault.reason].code_for(fault.kind) if fault.kind is not None else None
    row = Row(fault, Then.RETRY, (why(fault), "trouble.safe", "trouble.wait"), ("main",), "device-fault", code)
    page = w.until(row, "device-fault")
    fault.undo(w.kiosk)
    face = w.kiosk.face
    face.wait(lambda now: now.main is not None and now.main.is_enabled, "another try", PATIENCE_S)
    face.press("Coba lagi")
    face.wait_page("preview", timeout_s=PATIENCE_S)
    face.press("Cetak sekarang")
    finish(w)
    assert printed(w, device) == before + 1
    w.note("print-pressed", "“Print now” is pressed", row, page)
    w.leave()


def starts(w: Walker) -> None:
    at_the_start(w, of.DOC["media-empty"])
    at_the_start(w, of.DOC["away"])
    abort(w)
    given_up(w)


def abort(w: Walker) -> None:
    code = ErrorCode.PRINT_FAILED
    fault = Fault(
        "aborted",
        "document-printer",
        "ends the job by itself, no sheet out",
        lambda k: k.doubles.act("document-printer", "abort"),
        lambda k: k.doubles.act("document-printer", "clear"),
    )
    before = printed(w, fault.device)
    w.to_preview()
    fault.do(w.kiosk)
    face = w.kiosk.face
    face.press("Cetak sekarang")
    row = Row(fault, Then.RETRY, (f"error.{code}.what", "trouble.safe", f"error.{code}.do"), (), "device-fault", code)
    page = w.until(row, "device-fault")
    face.press("Coba lagi")
    face.wait_page("preview", timeout_s=PATIENCE_S)
    face.press("Cetak sekarang")
    finish(w)
    assert printed(w, fault.device) == before + 1
    w.note("printing-document-printer", PRINTING[fault.device], row, page)
    w.leave()


def given_up(w: Walker) -> None:
    """Nobody comes to help, and the citizen does not want to wait any longer."""
    fault, code = of.DOC["media-jam"], ErrorCode.PAPER_JAM
    before = printed(w, fault.device)
    w.to_preview()
    in_the_middle(fault, "media-jam").do(w.kiosk)
    face = w.kiosk.face
    face.press("Cetak sekarang")
    face.wait(lambda page: page.second is not None and page.second.id == "stop-waiting", "the way out", PATIENCE_S)
    face.press("Berhenti menunggu")
    face.wait_page("device-fault", timeout_s=PATIENCE_S)
    face.press("Nanti saja")
    row = Row(fault, Then.GIVEN_UP, (f"error.{code}.what", f"error.{code}.do"), page="outcome", code=code)
    page = w.until(row, "outcome")
    fault.undo(w.kiosk)
    assert printed(w, fault.device) == before
    w.note("printing-waiting", "Printing stands still, the citizen stops waiting", row, page)
    w.leave()


def lost(w: Walker) -> None:
    """A printer that is not heard of any more while paper may be moving: nobody guesses."""
    code = ErrorCode.PRINTER_AWAY
    power = Fault(
        "power-cut",
        "document-printer",
        "loses power at the first sheet",
        lambda k: k.doubles.act("document-printer", "cut-power"),
        lambda k: k.doubles.act("document-printer", "clear"),
    )
    w.to_preview()
    power.do(w.kiosk)
    face = w.kiosk.face
    face.press("Cetak sekarang")
    row = Row(
        power,
        Then.UNKNOWN,
        ("printing.lost-title", "printing.lost-lead", "tile.document-printer.away", "printing.lost"),
        page="printing",
        code=ErrorCode.PRINTER_AWAY,
        staff="error.PRN-05.staff",
    )
    w.note("printing-document-printer", PRINTING["document-printer"], row, w.until(row, "printing"))
    row = Row(
        power,
        Then.UNKNOWN,
        ("error.PRN-05.what", "error.PRN-05.do"),
        page="outcome",
        code=code,
        staff="error.PRN-05.staff",
    )
    w.note("unclear", "The end after it", row, w.until(row, "outcome", 60))
    power.undo(w.kiosk)
    w.kiosk.wait_until(lambda: w.kiosk.office.state()["documents"].get("with-staff", 0) >= 1, "the settlement")
    w.leave()


def fell_silent(w: Walker) -> None:
    """A printer that says nothing more in the middle: its last word was a jam, and that is no word about the paper."""
    fault = replace(of.DOC["silent"], name="fell-silent", words="says nothing more in the middle of a print")
    code = ErrorCode.PRINTER_AWAY
    w.to_preview()
    in_the_middle(of.DOC["media-jam"], "media-jam").do(w.kiosk)
    face = w.kiosk.face
    face.press("Cetak sekarang")
    face.wait(lambda page: page.name == "printing" and page.second is not None, "the jam", PATIENCE_S)
    fault.do(w.kiosk)
    reads = ("error.PRN-05.what", "error.PRN-05.do")
    row = Row(fault, Then.UNKNOWN, reads, page="outcome", code=code, staff="error.PRN-05.staff")
    page = w.until(row, "outcome", 60)
    fault.undo(w.kiosk)
    w.kiosk.wait_until(lambda: w.kiosk.office.state()["documents"].get("with-staff", 0) >= 1, "the settlement")
    w.note("unclear", "The end after it", row, page)
    w.leave()


def endings(w: Walker) -> None:
    w.to_preview()
    w.kiosk.face.press("Cetak sekarang")
    face = w.kiosk.face
    face.wait_page("survey", timeout_s=PATIENCE_S)
    w.quiet("survey", "How was it?", goes_on(of.DOC["media-empty"]), goes_on(of.SLIPS["away"]))
    face.press("Lewati")
    face.wait_page("take")
    w.quiet("take", "Take your things", goes_on(of.READERS["no-reader"]), goes_on(of.DOC["media-jam"]))
    w.leave()
