"""Queue numbers and complaints: the slip printer is dead, or the office is away and nothing of it is seen."""

from kiosk import protocol as p
from tests.faults import faults as of
from tests.faults.rows_waiting import goes_on
from tests.faults.table import Row, Then
from tests.faults.walker import PATIENCE_S, Walker

QUEUE, NUMBER = "Which queue?", "Your number"
TOPIC, SEND = "What is your complaint about?", "Send this complaint?"


def slips(w: Walker) -> None:
    """A number that no slip bears stands on the screen, and says so."""
    face = w.kiosk.face
    for name in ("media-empty", "cover-open", "away"):
        fault = of.SLIPS[name]
        row = Row(fault, Then.NUMBER, ("number.no-slip",), page="number", code=Row(fault, Then.NUMBER).stable_code)
        w.open("antrean")
        face.wait_page("menu")
        fault.do(w.kiosk)
        w._heard(row)
        face.press("Layanan kependudukan")
        w.note("number", NUMBER, row, w.until(row, "number"))
        w.leave()
        fault.undo(w.kiosk)
        w._heard(row, is_over=True)
    w.open("antrean")
    face.wait_page("menu")
    w.quiet("queue", QUEUE, goes_on(of.SLIPS["away"]), goes_on(of.DOC["media-empty"]))
    w.leave()
    w.open("keluhan")
    face.wait_page("form")
    w.quiet("form", TOPIC, goes_on(of.SLIPS["media-empty"]), goes_on(of.DOC["away"]))
    face.press("Mesin ini bermasalah")
    face.wait_page("form-confirm")
    w.quiet("form-confirm", SEND, goes_on(of.SLIPS["cover-open"]), goes_on(of.READERS["no-reader"]))
    w.leave()


def without_office(w: Walker) -> None:
    """From the first page to the last with the office away; what is given and filed is told it later."""
    face = w.kiosk.face
    row = Row(of.OFFICES["gone"], Then.NOTHING, staff="error.OFF-01.staff")
    row.fault.do(w.kiosk)
    face.wait(lambda page: page.strip.network is p.Tone.CAUTION, "the office to be away", PATIENCE_S)
    w.open("antrean")
    w.note("queue", QUEUE, row, face.wait_page("menu"))
    face.press("Layanan kependudukan")
    w.note("number", NUMBER, row, face.wait_page("number"))
    w.leave()
    w.open("keluhan")
    w.note("form", TOPIC, row, face.wait_page("form"))
    face.press("Mesin ini bermasalah")
    w.note("form-confirm", SEND, row, face.wait_page("form-confirm"))
    face.press("Kirim keluhan")
    face.wait_page("number")
    w.leave()
    w.kiosk.office.fault("none")
    w.wait_ready()
