"""Rows of the kiosk that has a house around it: power, cabinet, keypad, scanner, and a printer behind a queue."""

from kiosk.devices.reasons import TABLE
from kiosk.errors import ErrorCode
from tests.faults import around
from tests.faults.rows_waiting import PAPER, goes_on
from tests.faults.table import Fault, Row, Then
from tests.faults.walker import PATIENCE_S, Walker

E = ErrorCode
CANNOT = (around.NO_FORM, around.NO_TRAY, around.UNSAFE_QUEUE, around.STOPPED)
ATTRACT, SERVICES, PREVIEW = "Attract: nobody is there", "Services", "Preview of an A4 document"


def _why(fault: Fault) -> str:
    assert fault.reason is not None
    assert fault.kind is not None
    return TABLE[fault.reason].citizen_key_for(fault.kind)


def cannot(w: Walker) -> None:
    """What a printer can is asked when it comes back, so each of these takes two power cycles: shown on three pages by
    turns, one fault at a time."""
    face = w.kiosk.face
    w.stand("attract", ATTRACT, *(Row(fault, Then.CLOSED, (_why(fault),), (PAPER,)) for fault in CANNOT))
    face.press("Sentuh layar untuk mulai")
    face.wait_page("services")
    rows = [Row(fault, Then.GREYS, (_why(fault), "services.note-some"), (PAPER,)) for fault in CANNOT]
    w.stand("services", SERVICES, *rows)
    w.quiet("services", SERVICES, goes_on(around.KEYPAD), goes_on(around.DOOR), goes_on(around.UPS_GONE))
    w.quiet("services", SERVICES, goes_on(around.HEAT))
    w.leave()


def scanner(w: Walker) -> None:
    w.begin()
    row = Row(around.SCANNER, Then.GREYS, ("scan.away", "proof.use-nik"), ("choose:qr",))
    w.stand("proof", "How do you want to sign in?", row)
    w.kiosk.face.press("Pindai kode QR")
    w.kiosk.face.wait_page("scan-code")
    reads = ("scan.away-title", "scan.away-lead", "scan.away", "scan.away-notice")
    w.stand("scan-code", "Show your code", Row(around.SCANNER, Then.STAYS, reads))
    w.leave()


def power(w: Walker) -> None:
    """On battery nobody new begins, and who is there goes on; with the battery low the visit is told and ended."""
    face = w.kiosk.face
    reads = ("power.closed-title", "power.closed-what", "power.closed-safe", "power.closed-do")
    row = Row(around.ON_BATTERY, Then.SHUT, reads, page="power-closed", code=E.POWER_ON_BATTERY)
    around.ON_BATTERY.do(w.kiosk)
    w.note("attract", ATTRACT, row, w.until(row, "attract"))
    around.ON_BATTERY.undo(w.kiosk)
    w.wait_ready()
    w.to_pin()
    w.quiet("pin", "PIN pad, the card lies on the reader", goes_on(around.ON_BATTERY))
    w.leave()
    w.wait_ready()

    w.to_preview()
    w.stand("preview", PREVIEW, *(Row(fault, Then.GREYS, (_why(fault), "preview.wait"), ("main",)) for fault in CANNOT))
    w.quiet("preview", PREVIEW, goes_on(around.ON_BATTERY))
    face.press("Cetak sekarang")
    row = Row(
        around.SENT_ONLY, Then.SENT, ("error.PRN-17.what", "error.PRN-17.do"), page="outcome", code=E.PRINT_SENT_ONLY
    )
    w.note("unclear", "The end after it", row, w.until(row, "outcome", 60))
    w.leave()
    w.wait_ready()

    w.to_preview()
    reads = ("power.ending-title", "power.ending-what", "power.ending-safe", "power.ending-do")
    row = Row(around.BATTERY_LOW, Then.ENDED, reads, page="power-ending", code=E.POWER_BATTERY_LOW)
    around.BATTERY_LOW.do(w.kiosk)
    w.note("preview", PREVIEW, row, w.until(row, "preview"))
    reads = ("power.down-title", "power.down-what", "power.closed-safe", "power.down-do")
    row = Row(around.BATTERY_LOW, Then.SHUT, reads, page="power-down", code=E.POWER_BATTERY_LOW)
    w.note("attract", ATTRACT, row, w.until(row, "attract"))
    w.kiosk.pull()
    around.BATTERY_LOW.undo(w.kiosk)
    face.wait_page("attract", timeout_s=PATIENCE_S)
