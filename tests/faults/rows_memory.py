"""Rows that no double can bring about cheaply: the core in memory, given a device's word or the end of its work.

What is real here: shell, visit, engine, power guard and pages. What is given: the status of a device, or how an effect
ended. That the adapters and handlers say these very words is tested where they are (``tests/devices``, ``tests/core``).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk import protocol as p
from kiosk.core.grace import LOST_S
from kiosk.core.power import PowerGuard
from kiosk.core.situation import Recovered
from kiosk.core.surroundings import VisitHouse
from kiosk.devices.contract import Band, DeviceKind, Presence, Reason
from kiosk.devices.reasons import TABLE
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.settings import PowerTable
from tests.core.stand import DOCUMENTS, UID, Stand, shipped, status
from tests.e2e.conftest import Kiosk
from tests.faults.table import Fault, Row, Seen, Then, greyed, look, says, words
from tests.flows.journey import with_biometrics

E = ErrorCode
K, R = DeviceKind, Reason
SCREEN_S = 1.0
"""Within so long of the device's word, and its grace, a page says it."""


def _nobody(_: Kiosk) -> None:
    """Nothing to move: the fault is given to the core in memory."""


def fault(name: str, device: str, words_: str, reason: Reason | None = None) -> Fault:
    return Fault(name, device, words_, _nobody, _nobody, reason)


@dataclass
class Memory:
    """Meets pages of one stand with faults, as ``Walker`` does it on a whole kiosk."""

    seen: list[Seen] = field(default_factory=list)

    def note(self, place: str, title: str, row: Row, stand: Stand, name: str, back_s: float | None = None) -> None:
        page = stand.page
        assert page.name == (row.page or name), (row.fault.name, page.name)
        if row.is_quiet:
            assert not greyed(page), row.fault.name
        else:
            assert says(page, row), (row.fault.name, getattr(page.body, "code", ""), words(page), greyed(page))
        self.seen.append(Seen(place, title, row, page, back_s, is_in_memory=True))

    def stand(self, place: str, title: str, stand: Stand, *rows: Row) -> None:
        """A device's word on a page that waits: said within a second of its grace, and whole again by itself."""
        for row in rows:
            kind, reason = row.fault.kind, row.fault.reason
            assert kind is not None
            assert reason is not None
            before = stand.page
            stand.shell.device_changed(status(kind, TABLE[reason].band, reason))
            stand.settle().wait(LOST_S + SCREEN_S)
            if row.is_quiet:
                assert look(stand.page) == look(before), (place, reason)
            self.note(place, title, row, stand, before.name, 0.0)
            stand.shell.device_changed(status(kind))
            stand.settle()
            assert look(stand.page) == look(before), (place, reason)


def goes_on(name: str, device: DeviceKind, words_: str, reason: Reason) -> Row:
    return Row(fault(name, device, words_, reason), Then.NOTHING)


def rows() -> list[Seen]:
    """All of them, in the order of a visit."""
    m = Memory()
    for part in (_closed, _power, _printers, _faces, _office, _prints, _slip, _cut):
        part(m)
    return m.seen


# --- the machine stands closed -----------------------------------------------------------------------------------


def _closed(m: Memory) -> None:
    title = "A printer still holds the last visit's document"
    stand = Stand()
    held = Row(
        fault("job-held", K.DOCUMENT_PRINTER, "still holds a document of the last visit"),
        Then.SHUT,
        ("holding.title", "holding.what", "holding.do"),
        page="holding",
        staff="error.PRN-06.staff",
        code=E.PRINTER_BUSY,
    )
    before = stand.page
    stand.shell.change(is_holding=True)
    stand.settle().force("start")
    m.note("holding", title, held, stand, "holding")
    m.stand(
        "holding",
        title,
        stand,
        goes_on("media-jam", K.CARD_PRINTER, "jam", R.MEDIA_JAM),
        goes_on("no-reader", K.CARD_READER, "unplugged", R.NO_READER),
    )
    stand.shell.change(is_holding=False)
    assert look(stand.settle().page) == look(before)

    title = "Out of order"
    for code, what in (
        (E.STORE_FULL, "its disk is full"),
        (E.STORE_UNREADABLE, "its store cannot be read"),
    ):
        stand.shell.change(out_of_order=code)
        stand.settle().force("start")
        reads = (f"error.{code}.what", "out-of-order.safe", "out-of-order.do")
        row = Row(fault(code.lower(), "machine", what), Then.SHUT, reads, page="out-of-order", code=code)
        m.note("out-of-order", title, row, stand, "out-of-order")
    m.stand("out-of-order", title, stand, goes_on("away", K.SLIP_PRINTER, "switched off", R.AWAY))
    stand.shell.change(out_of_order=None)
    assert look(stand.settle().page) == look(before)
    code = E.FLOW_BROKEN
    stand.shell.change(fault=code)
    stand.settle().force("start")
    broken = fault(code.lower(), "machine", "its services cannot be read")
    row = Row(broken, Then.STAFF, (f"error.{code}.what", f"error.{code}.do"), page="out-of-order", code=code)
    m.note("out-of-order", title, row, stand, "out-of-order")


# --- power -------------------------------------------------------------------------------------------------------

BATTERY_LOW = fault("battery-low", K.POWER, "mains gone, battery nearly empty", R.BATTERY_LOW)


def _power(m: Memory) -> None:
    table = PowerTable(grace_s=30, settle_s=60, told_s=6, shutdown=["poweroff"])
    ran: list[list[str]] = []

    def guarded(stand: Stand) -> PowerGuard:
        return PowerGuard(stand.loop, table, VisitHouse(stand.shell), lambda command: ran.append(list(command)))

    stand = Stand()
    stand.runner.drain = lambda seconds: True  # type: ignore[attr-defined]
    guard = guarded(stand)
    _to_pin(stand)
    guard.heard(status(K.POWER, Band.ERROR, R.BATTERY_LOW, R.ON_BATTERY))
    stand.settle().wait(1)
    reads = ("power.ending-title", "power.ending-what", "power.ending-safe", "power.ending-do")
    row = Row(BATTERY_LOW, Then.ENDED, reads, page="power-ending", code=E.POWER_BATTERY_LOW)
    m.note("pin", "PIN pad, the card lies on the reader", row, stand, "power-ending")
    session = stand.shell.visit.session if stand.shell.visit is not None else None
    stand.wait(30)
    assert not stand.shell.has_visit
    assert session is not None
    assert session.is_over
    assert ran == [["poweroff"]]

    stand = Stand()
    guard = guarded(stand)
    stand.to_printing()
    guard.heard(status(K.POWER, Band.ERROR, R.BATTERY_LOW, R.ON_BATTERY))
    stand.settle().wait(2)
    m.note("printing-document-printer", "Printing on A4", Row(BATTERY_LOW, Then.ENDED), stand, "printing")
    stand.answer(fx.Print, out.Printed(2))
    assert stand.name == "slip", "a print that moves comes to its end"


def _to_pin(stand: Stand) -> None:
    stand.to_tap().shell.card_moved(Presence(is_present=True, insertion=1))
    stand.answer(fx.ReadCard, out.CardSeen(UID, is_stable=True)).answer(fx.FindCard, out.CardFound())


# --- printers that can't, seen before anything moves ---------------------------------------------------------------

CANNOT = (
    (K.CARD_PRINTER, R.BLANKS_UNCHECKED, "a print ended unclear: which blank is next?"),
    (K.CARD_PRINTER, R.ENCODER_AWAY, "its chip encoder is away"),
)


def _printers(m: Memory) -> None:
    tile = "service:cetak-ktp"
    attract, services, ktp = Stand(), Stand().press("start"), _card_preview()
    for kind, reason, words_ in CANNOT:
        one = fault(reason, kind, words_, reason)
        why = TABLE[reason].citizen_key_for(kind)
        m.stand("attract", "Attract: nobody is there", attract, Row(one, Then.CLOSED, (why,), (tile,)))
        m.stand("services", "Services", services, Row(one, Then.GREYS, (why, "services.note-some"), (tile,)))
        m.stand("preview-card", "Preview of a KTP-el", ktp, Row(one, Then.GREYS, (why, "preview.wait"), ("main",)))
    row = goes_on(R.AWAY.value, K.AUDIO, "headphone socket is not heard of", R.AWAY)
    m.stand("services", "Services", services, row)


def _card_preview() -> Stand:
    stand = Stand().to_documents("cetak-ktp")
    if stand.name == "documents":
        stand.press(f"choose:{DOCUMENTS[1]['id']}")
    return stand.answer(fx.Prepare, out.Prepared(2))


# --- camera ------------------------------------------------------------------------------------------------------


def _faces(m: Memory) -> None:
    def at_consent() -> Stand:
        stand = Stand()
        stand.shell.change(services=(with_biometrics(), *list(shipped().values())[1:]))
        _to_pin(stand.settle())
        assert stand.name == "consent"
        return stand

    gone = fault("away", K.FACE, "camera unplugged", R.AWAY)
    stand = at_consent()
    row = Row(gone, Then.GREYS, ("tile.face.away",), ("choose:face",), staff=f"error.{E.BIOMETRIC_AWAY}.staff")
    m.stand("consent", "Face or PIN?", stand, row)
    for place, name, words_, outcome, code in (
        ("capture", "gone", "camera goes while it looks", out.Failed(E.BIOMETRIC_AWAY), E.BIOMETRIC_AWAY),
        ("capture", "unsure", "not sure that it is this person", out.NotCompared("plain"), E.BIOMETRIC_UNSURE),
    ):
        stand = at_consent().press("choose:face")
        stand.answer(fx.CompareBiometric, outcome)
        if stand.name == "consent":
            stand.press("choose:face").answer(fx.CompareBiometric, outcome)
        row = Row(
            fault(name, K.FACE, words_), Then.TO_PIN, (f"error.{code}.what", f"error.{code}.do"), page="pin", code=code
        )
        m.note(place, "Look into the camera", row, stand, "pin")


# --- office ------------------------------------------------------------------------------------------------------

OFFICE = (
    (E.OFFICE_UNTRUSTED, "untrusted", "its certificate is not the pinned one"),
    (E.OFFICE_VISIT_EXPIRED, "expired", "the visit's token is too old"),
)
DOCUMENT = (
    (E.SIGNATURE_BROKEN, "signature", "a document whose signature is broken"),
    (E.SIGNER_UNTRUSTED, "signer", "a document signed by somebody unknown"),
    (E.DOCUMENT_WRONG_SIZE, "size", "a document that is no A4"),
    (E.DOCUMENT_TAKEN, "taken", "a document that was printed elsewhere meanwhile"),
)


def _office(m: Memory) -> None:
    def ends(
        place: str, title: str, way: Callable[[Stand], object], kind: type[fx.Effect], *faults: tuple[E, str, str]
    ) -> None:
        for code, name, words_ in faults:
            stand = Stand()
            way(stand)
            stand.answer(kind, out.Failed(code, is_retryable=False))
            reads: tuple[str, ...] = (f"error.{code}.what", f"error.{code}.do")
            if code is E.DOCUMENT_TAKEN:
                reads = ("finish.taken", *reads)
            row = Row(fault(name, "office", words_), Then.TO_COUNTER, reads, page="outcome", code=code)
            m.note(place, title, row, stand, "outcome")

    def found(stand: Stand) -> None:
        stand.to_tap().answer(fx.ReadCard, out.CardSeen(UID, is_stable=True))

    def proved(stand: Stand) -> None:
        _to_pin(stand)
        stand.submit(pin="246813").answer(fx.Prove, out.Proved("S*** W***"))

    def preparing(stand: Stand) -> None:
        stand.to_documents()
        if stand.name == "documents":
            stand.press(f"choose:{DOCUMENTS[0]['id']}")
        assert stand.name == "busy"

    ends("find", "Card read: the office looks for it", found, fx.FindCard, OFFICE[0])
    ends("fetch", "Signed in: the office sends what it holds", proved, fx.Fetch, *OFFICE)
    ends("prepare", "Document chosen: fetched and checked", preparing, fx.Prepare, *DOCUMENT)


# --- prints ------------------------------------------------------------------------------------------------------


def _prints(m: Memory) -> None:
    slow = fault("timed-out", K.DOCUMENT_PRINTER, "did not come to an end in time")
    stand = Stand().to_printing().answer(fx.Print, out.PrintUnknown(E.PRINT_TIMED_OUT, 1))
    stand.answer(fx.PrintSlip, out.Done())
    row = Row(slow, Then.UNKNOWN, ("error.PRN-05.what", "error.PRN-05.do"), page="outcome", code=E.PRINT_TIMED_OUT)
    m.note("unclear", "The end after it", row, stand, "outcome")

    for code, name, words_ in (
        (E.CARDS_OUT, "blanks-out", "the recorded range of blanks is used up"),
        (E.BLANKS_UNCHECKED, "blank-unread", "the inner scanner reads no serial"),
        (E.CHIP_NOT_ENCODED, "chip", "the chip cannot be written"),
    ):
        stand = _card_preview().press("main").answer(fx.Print, out.PrintFailed(code, 0))
        told = (f"error.{code}.what", "trouble.safe", f"error.{code}.do")
        row = Row(fault(name, K.CARD_PRINTER, words_), Then.RETRY, told, page="device-fault", code=code)
        m.note("printing-card-printer", "Printing a KTP-el", row, stand, "device-fault")

    stand = Stand().to_printing().answer(fx.Print, out.PrintFailed(E.CARD_SWAPPED, 0))
    swapped = fault("card-swapped", K.CARD_READER, "another card lies there when the print begins")
    code = E.CARD_SWAPPED
    told = (f"error.{code}.what", "trouble.safe", f"error.{code}.do")
    row = Row(swapped, Then.RETRY, told, page="device-fault", code=code)
    m.note("print-pressed", "“Print now” is pressed", row, stand, "device-fault")


def _slip(m: Memory) -> None:
    unknown = fault("unknown", K.SLIP_PRINTER, "took the slip and then fell silent")
    stand = Stand().to_printing().answer(fx.Print, out.Printed(2))
    stand.answer(fx.PrintSlip, out.Failed(E.SLIP_PRINTER_SILENT, is_retryable=False)).press("second")
    row = Row(unknown, Then.NO_SLIP, ("take.paper",), page="take", staff=f"error.{E.SLIP_PRINTER_SILENT}.staff")
    m.note("slip", "Slip, after the print", row, stand, "take")
    assert isinstance(stand.page.body, p.TakeBody)
    assert p.SceneKind.SLIP_OUT not in [scene.kind for scene in stand.page.body.scenes]


# --- the core itself ---------------------------------------------------------------------------------------------


def _cut(m: Memory) -> None:
    for end, name, words_ in (
        (None, "restart", "starts again before anything was printed"),
        (Recovered.PRINTED, "restart-printed", "starts again; the printer counted every sheet"),
        (Recovered.FAILED, "restart-failed", "starts again; no sheet had moved"),
        (Recovered.UNKNOWN, "restart-unknown", "starts again; nobody knows what came out"),
    ):
        stand = Stand()
        stand.shell.open(tuple(shipped().values()), () if end is None else (end,))
        reads = ["interrupted.title", "interrupted.what", f"interrupted.{end or 'nothing'}"]
        if end is Recovered.UNKNOWN:
            reads.append("interrupted.officer")
        row = Row(fault(name, "machine", words_), Then.TOLD, tuple(reads), page="interrupted", code=E.CORE_RESTARTED)
        m.note("interrupted", "After a restart in the middle of a visit", row, stand.settle(), "interrupted")
