"""Pages that wait for a person: attract, services, proofs, card, NIK, PIN, code, preview, menu, phone, technician."""

from dataclasses import replace

from kiosk.devices.contract import Reason
from kiosk.devices.reasons import TABLE
from kiosk.errors import ErrorCode
from tests.faults import faults as of
from tests.faults.table import Fault, Row, Then
from tests.faults.walker import Walker, in_turn

PAPER, PLASTIC = "service:cetak-kk", "service:cetak-ktp"
ALL_SERVICES = ("service:cetak-kk", "service:cek-data", "service:unduh-akta", "service:cetak-ktp")
NOT_READY = {
    "document-printer": "tile.document-printer.away",
    "card-printer": "tile.card-printer.away",
    "card-reader": "tile.card-reader.away",
}
LOST = {Reason.AWAY, Reason.SILENT}


def why(fault: Fault) -> str:
    """The sentence about a device: a lost one is not ready, another says what it lacks."""
    assert fault.reason is not None
    assert fault.kind is not None
    return NOT_READY[fault.device] if fault.reason in LOST else TABLE[fault.reason].citizen_key_for(fault.kind)


def closed(fault: Fault, tile: str) -> Row:
    return Row(fault, Then.CLOSED, (why(fault),), (tile,))


def goes_on(fault: Fault) -> Row:
    return Row(fault, Then.NOTHING)


def attract(w: Walker) -> None:
    paper = ["media-empty", "media-jam", "cover-open", "marker-empty", "output-full", "spool-full", "paused", "away"]
    plastic = ["cards-empty", "ribbon-empty", "media-jam", "away"]
    rows = in_turn(
        [closed(of.DOC[name], PAPER) for name in [*paper, "silent"]],
        [closed(of.CARD[name], PLASTIC) for name in plastic],
    )
    w.stand("attract", "Attract: nobody is there", *rows)
    w.quiet(
        "attract",
        "Attract: nobody is there",
        goes_on(of.DOC["media-low"]),
        goes_on(of.CARD["ribbon-low"]),
        goes_on(of.READERS["no-reader"]),
        goes_on(of.SLIPS["media-empty"]),
    )


def services(w: Walker) -> None:
    face = w.kiosk.face
    face.press("Sentuh layar untuk mulai")
    face.wait_page("services")
    note = "services.note-some"
    rows = []
    for fault, tile in (
        (of.DOC["media-empty"], PAPER),
        (of.CARD["cards-empty"], PLASTIC),
        (of.DOC["away"], PAPER),
        (of.CARD["cover-open"], PLASTIC),
        (of.DOC["marker-empty"], PAPER),
        (of.CARD["silent"], PLASTIC),
    ):
        rows.append(Row(fault, Then.GREYS, (why(fault), note), (tile,)))
    w.stand("services", "Services", *rows)
    w.quiet(
        "services",
        "Services",
        goes_on(of.DOC["unnamed"]),
        goes_on(of.SLIPS["cover-open"]),
        goes_on(of.READERS["service-away"]),
    )
    face.press("#service:cetak-kk")
    face.wait_page("standard")
    w.quiet("standard", "Service standard", goes_on(of.DOC["media-jam"]), goes_on(of.READERS["held-by-another"]))
    w.leave()


def proof(w: Walker) -> None:
    w.begin()
    rows = [
        Row(fault, Then.GREYS, (f"reader.{fault.reason}", "proof.use-nik"), ("choose:card",))
        for fault in of.READERS.values()
    ]
    w.stand("proof", "How do you want to sign in?", *rows)
    w.quiet("proof", "How do you want to sign in?", goes_on(of.DOC["paused"]), goes_on(of.SLIPS["silent"]))
    w.leave()


def tap(w: Walker) -> None:
    place, title = "tap-card", "Hold your e-KTP here"
    w.to_tap()
    for fault in of.READERS.values():
        reads = ("tap.away-title", "tap.away-lead-nik", f"reader.{fault.reason}", "tap.away-notice")
        w.stand(place, title, Row(fault, Then.STAYS, reads))
    w.quiet(place, title, goes_on(of.DOC["away"]), goes_on(of.CARD["away"]), goes_on(of.SLIPS["cover-open"]))
    for fault, code in (
        (of.CARD_MUTE, ErrorCode.CARD_MUTE),
        (of.CARD_FOREIGN, ErrorCode.CARD_FOREIGN),
        (of.CARD_SEVERAL, ErrorCode.CARD_SEVERAL),
        (of.CARD_EARLY, ErrorCode.CARD_PULLED),
        (of.CARD_SLOW, ErrorCode.CARD_SLOW),
    ):
        row = Row(fault, Then.AGAIN, (f"error.{code}.what", f"error.{code}.do"), code=code)
        fault.do(w.kiosk)
        w.note(place, title, row, w.until(row, place))
        fault.undo(w.kiosk)
    w.leave()
    for fault in (of.CARD_STRANGER, of.CARD_CHANGING):
        code = ErrorCode.CARD_UNKNOWN
        row = Row(fault, Then.TO_NIK, (f"error.{code}.what", f"error.{code}.do"), page="nik", code=code)
        w.to_tap()
        fault.do(w.kiosk)
        w.note(place, title, row, w.until(row, place))
        w.leave()


def nik(w: Walker) -> None:
    w.to_nik()
    w.quiet(
        "nik",
        "NIK pad",
        goes_on(of.READERS["no-reader"]),
        goes_on(of.DOC["media-empty"]),
        goes_on(of.CARD["ribbon-empty"]),
        goes_on(of.SLIPS["cutter-fault"]),
    )
    w.leave()


def print_code(w: Walker) -> None:
    w.begin()
    w.kiosk.face.press("Ketik kode cetak")
    w.kiosk.face.wait_page("print-code")
    w.quiet(
        "print-code",
        "Print code",
        goes_on(of.READERS["no-reader"]),
        goes_on(of.DOC["cover-open"]),
        goes_on(of.SLIPS["cover-open"]),
    )
    w.leave()


def scan(w: Walker) -> None:
    w.to_scan()
    place, title = "scan-code", "Show your code"
    w.quiet(place, title, goes_on(of.READERS["no-permission"]), goes_on(of.DOC["silent"]))
    for fault in of.CODES:
        code = ErrorCode.CODE_REFUSED if fault is of.CODES[-1] else ErrorCode.CODE_UNREADABLE
        w.begin()
        w.kiosk.face.press("Pindai kode QR")
        w.kiosk.face.wait_page(place)
        row = Row(fault, Then.AGAIN, (f"error.{code}.what", f"error.{code}.do"), code=code)
        fault.do(w.kiosk)
        w.note(place, title, row, w.until(row, place))
    w.leave()


def pin(w: Walker) -> None:
    place, title = "pin", "PIN pad, the card lies on the reader"
    person = w.to_pin()
    rows = [Row(of.READERS[name], Then.STAYS, ("pin.reader-away",)) for name in ("no-reader", "service-away")]
    w.stand(place, title, *rows)
    w.quiet(place, title, goes_on(of.DOC["cover-open"]), goes_on(of.CARD["paused"]), goes_on(of.SLIPS["overheated"]))
    # The card never moved: what was typed opens its account as if nothing had been.
    w.kiosk.face.submit("submit", pin=person["pin"])
    w.kiosk.face.wait_page("documents", "preview")
    w.leave()

    person = w.to_pin()
    fault = of.READERS["no-reader"]
    row = Row(
        fault, Then.TO_TAP, ("tap.away-title", "tap.away-lead-nik"), page="tap-card", code=ErrorCode.CARD_READER_AWAY
    )
    fault.do(w.kiosk)
    w.kiosk.face.submit("submit", pin=person["pin"])
    w.note("pin-sent", "PIN sent", row, w.until(row, place))
    w.kiosk.pull()
    fault.undo(w.kiosk)
    w.kiosk.face.wait(lambda page: page.title == "Tempelkan KTP-el Anda di sini", "the reader again")
    w.kiosk.tap(person)
    w.kiosk.face.wait_page("pin")
    code = ErrorCode.CARD_PULLED
    pulled = Fault("card-pulled", "card-reader", "card taken away", lambda k: k.pull(), lambda k: k.pull())
    row = Row(pulled, Then.TO_TAP, (f"error.{code}.what", f"error.{code}.do"), page="tap-card", code=code)
    pulled.do(w.kiosk)
    w.note(place, title, row, w.until(row, place))
    w.kiosk.tap(person)
    w.kiosk.face.wait_page("pin")
    code = ErrorCode.CARD_SWAPPED
    swapped = Fault(
        "card-swapped",
        "card-reader",
        "another card in one move, unseen",
        lambda k: k.doubles.act("card-reader", "swap", uid=of.OTHER_UID, is_seen=False),
        lambda k: k.pull(),
    )
    row = Row(swapped, Then.TO_TAP, (f"error.{code}.what", f"error.{code}.do"), page="tap-card", code=code)
    swapped.do(w.kiosk)
    w.kiosk.face.submit("submit", pin=person["pin"])
    w.note("pin-sent", "PIN sent", row, w.until(row, place))
    w.leave()


def technician(w: Walker) -> None:
    """What staff reads stands on their own page, word for word."""
    w.to_staff()

    def told(fault: Fault) -> Row:
        row = goes_on(fault)
        return replace(row, reads=(row.staff_key,))

    rows = in_turn(
        [told(of.DOC[name]) for name in ("media-jam", "cover-open", "paused", "away")],
        [told(of.READERS[name]) for name in ("no-reader", "service-away")],
        [told(of.SLIPS[name]) for name in ("cover-open", "media-low", "away")],
        [told(of.CARD[name]) for name in ("ribbon-empty", "output-full")],
    )
    w.stand("technician", "Technician's page", *rows)
    w.kiosk.face.press("#staff:leave")
    w.kiosk.face.wait_page("attract")


def preview(w: Walker) -> None:
    place, title = "preview", "Preview of an A4 document"
    w.to_preview()
    names = (
        "media-empty",
        "media-jam",
        "cover-open",
        "marker-empty",
        "output-full",
        "spool-full",
        "paused",
        "away",
        "silent",
    )
    for name in names:
        w.stand(place, title, Row(of.DOC[name], Then.GREYS, (why(of.DOC[name]), "preview.wait"), ("main",)))
    w.quiet(
        place,
        title,
        goes_on(of.DOC["marker-low"]),
        goes_on(of.CARD["cards-empty"]),
        goes_on(of.SLIPS["media-empty"]),
        goes_on(of.READERS["no-reader"]),
    )
    w.leave()


def card_preview(w: Walker) -> None:
    w.to_preview("cetak-ktp")
    for name in ("cards-empty", "ribbon-empty", "reject-full", "media-jam", "cover-open", "away"):
        row = Row(of.CARD[name], Then.GREYS, (why(of.CARD[name]), "preview.wait"), ("main",))
        w.stand("preview-card", "Preview of a KTP-el", row)
    w.quiet("preview-card", "Preview of a KTP-el", goes_on(of.CARD["cards-low"]), goes_on(of.DOC["media-empty"]))
    w.leave()


def menu(w: Walker) -> None:
    w.to_menu()
    for name in ("media-empty", "away"):
        row = Row(of.DOC[name], Then.GREYS, (why(of.DOC[name]),), ("choose:print",))
        w.stand("menu", "On paper or on the phone?", row)
    w.leave()


def lists(w: Walker) -> None:
    """What the office holds: no device has a part in looking at it."""
    face = w.kiosk.face
    person = w.to_pin("cek-data")
    face.submit("submit", pin=person["pin"])
    face.wait_page("review")
    w.quiet("review", "Is your data right?", goes_on(of.DOC["media-empty"]), goes_on(of.READERS["service-away"]))
    w.leave()
    person = w.to_pin("unduh-akta")
    face.submit("submit", pin=person["pin"])
    if face.wait_page("documents", "menu").name == "documents":
        w.quiet("documents", "Which document?", goes_on(of.DOC["cover-open"]), goes_on(of.SLIPS["media-empty"]))
    w.leave()


def phone(w: Walker) -> None:
    w.to_phone()
    w.quiet("hand-over", "Code for the phone", goes_on(of.DOC["media-jam"]), goes_on(of.SLIPS["media-low"]))
    w.leave()
