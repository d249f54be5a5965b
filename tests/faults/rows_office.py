"""The office away, slow, broken, replaced by a web page, or refusing: at every page that asks it."""

from kiosk import protocol as p
from kiosk.errors import ErrorCode
from tests.faults import faults as of
from tests.faults.rows_waiting import ALL_SERVICES
from tests.faults.table import Row, Then
from tests.faults.walker import PATIENCE_S, Walker

CODES = {
    "http-500": ErrorCode.OFFICE_FAULT,
    "html": ErrorCode.OFFICE_BAD_ANSWER,
    "garbage": ErrorCode.OFFICE_BAD_ANSWER,
    "slow": ErrorCode.OFFICE_SLOW,
    "gone": ErrorCode.OFFICE_OFFLINE,
}


def _row(name: str) -> Row:
    code = CODES[name]
    reads = ("trouble.office-title", f"error.{code}.what", "trouble.safe", f"error.{code}.do")
    return Row(of.OFFICES[name], Then.REPEATS, reads, page="offline", code=code)


def _well(w: Walker) -> None:
    """Until the office counts as there again and somebody can begin."""
    w.kiosk.office.fault("none")
    w.leave()
    w.wait_ready()


def prove(w: Walker) -> None:
    face = w.kiosk.face
    for name in CODES:
        person = w.to_pin()
        row = _row(name)
        row.fault.do(w.kiosk)
        face.submit("submit", pin=person["pin"])
        w.note("prove", "PIN sent: the office compares", row, w.until(row, "offline"))
        row.fault.undo(w.kiosk)
        _again(w, "pin")
        face.submit("submit", pin=person["pin"])
        face.wait(lambda page: page.name in ("documents", "preview"), "the documents", PATIENCE_S)
        _well(w)
    person = w.to_pin()
    code = ErrorCode.OFFICE_REFUSED
    row = Row(
        of.OFFICES["refuse"],
        Then.TO_COUNTER,
        (f"error.{code}.what", f"error.{code}.do"),
        page="outcome",
        code=code,
    )
    row.fault.do(w.kiosk)
    face.submit("submit", pin=person["pin"])
    w.note("prove", "PIN sent: the office compares", row, w.until(row, "outcome"))
    _well(w)


def find(w: Walker) -> None:
    """The card was read, and the office is to say whose it is."""
    face = w.kiosk.face
    for name in ("gone", "http-500"):
        person = w.kiosk.office.person("kk")
        w.to_tap()
        row = _row(name)
        row.fault.do(w.kiosk)
        w.kiosk.tap(person)
        w.note("find", "Card read: the office looks for it", row, w.until(row, "offline"))
        row.fault.undo(w.kiosk)
        _again(w, "pin")
        face.wait_page("pin")
        _well(w)
    w.to_tap()
    code = ErrorCode.OFFICE_REFUSED
    reads = (f"error.{code}.what", f"error.{code}.do")
    row = Row(of.OFFICES["refuse"], Then.TO_COUNTER, reads, page="outcome", code=code)
    row.fault.do(w.kiosk)
    w.kiosk.tap(w.kiosk.office.person("kk"))
    w.note("find", "Card read: the office looks for it", row, w.until(row, "outcome"))
    _well(w)


def _again(w: Walker, *names: str) -> None:
    """“Try again” until the office answers: its line is looked at by the kiosk itself in between."""
    face = w.kiosk.face
    for _ in range(10):
        page = face.wait_page("offline", *names, timeout_s=PATIENCE_S)
        face.wait(lambda now: now.strip.network is not p.Tone.CAUTION, "the line", PATIENCE_S)
        if page.name in names:
            return
        face.press("Coba lagi")
        face.wait(lambda now, was=page: now.serial != was.serial, "an answer", PATIENCE_S)  # type: ignore[misc]
        face.wait(lambda now: now.name not in ("busy", "tap-card", "card-seen"), "an answer", PATIENCE_S)
    raise AssertionError("the office does not come back")


def fetch(w: Walker) -> None:
    face = w.kiosk.face
    for name in ("http-500", "gone"):
        w.to_menu()
        row = _row(name)
        row.fault.do(w.kiosk)
        face.press("#choose:phone")
        w.note("hand-over-made", "Code for the phone is made", row, w.until(row, "offline"))
        row.fault.undo(w.kiosk)
        _again(w, "hand-over")
        _well(w)
    for name in ("slow", "html"):
        w.to_menu()
        row = _row(name)
        row.fault.do(w.kiosk)
        face.press("#choose:print")
        w.note("prepare", "Document chosen: fetched and checked", row, w.until(row, "offline"))
        row.fault.undo(w.kiosk)
        _again(w, "preview")
        _well(w)
    w.to_preview()
    w.quiet("preview", "Preview of an A4 document", Row(of.OFFICES["gone"], Then.NOTHING, staff="error.OFF-01.staff"))
    _well(w)


def attract(w: Walker) -> None:
    """Nothing here works without the office, and each tile says so."""
    row = Row(of.OFFICES["gone"], Then.CLOSED, ("tile.office-away",), ALL_SERVICES, code=ErrorCode.OFFICE_OFFLINE)
    w.stand("attract", "Attract: nobody is there", row)
