"""What holds for every fault of every device on every page, in memory and with a clock moved by hand."""

from collections.abc import Callable, Iterator

import msgspec
import pytest

from kiosk import protocol as p
from kiosk.core.grace import LOST_S, TOLD_S, grace_s
from kiosk.devices.contract import Band, DeviceKind, Presence, Reason, Status
from kiosk.devices.reasons import TABLE
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from tests.core.stand import DOCUMENTS, NIK, PIN, UID, Stand, actions_of, status

Way = Callable[[Stand], object]


def to_pin(stand: Stand) -> None:
    stand.to_tap().shell.card_moved(Presence(is_present=True, insertion=1))
    stand.answer(fx.ReadCard, out.CardSeen(UID, is_stable=True)).answer(fx.FindCard, out.CardFound())


def to_finish(stand: Stand) -> None:
    stand.to_printing().answer(fx.Print, out.Printed(2)).answer(fx.PrintSlip, out.Done())
    stand.press("rate:4")


def to_card_preview(stand: Stand) -> None:
    stand.to_documents("cetak-ktp")
    if stand.name == "documents":
        stand.press(f"choose:{DOCUMENTS[1]['id']}")
    stand.answer(fx.Prepare, out.Prepared(2))


PLACES: dict[str, Way] = {
    "attract": lambda s: None,
    "services": lambda s: s.press("start"),
    "language": lambda s: s.press("look:language"),
    "help": lambda s: s.press("help"),
    "standard": lambda s: s.press("start", "service:cetak-kk"),
    "proof": lambda s: s.press("start", "service:cetak-kk", "main"),
    "tap-card": lambda s: s.to_tap(),
    "nik": lambda s: s.press("start", "service:cetak-kk", "main", "choose:nik"),
    "scan-code": lambda s: s.press("start", "service:cetak-kk", "main", "choose:qr"),
    "print-code": lambda s: s.press("start", "service:cetak-kk", "main", "choose:code"),
    "busy": lambda s: s.to_tap().answer(fx.ReadCard, out.CardSeen(UID, is_stable=True)),
    "pin": to_pin,
    "pin of a NIK": lambda s: s.press("start", "service:cetak-kk", "main", "choose:nik").submit(nik=NIK),
    "preview": lambda s: s.to_preview(),
    "preview of a card": to_card_preview,
    "printing": lambda s: s.to_printing(),
    "slip": lambda s: s.to_printing().answer(fx.Print, out.Printed(2)),
    "survey": lambda s: s.to_printing().answer(fx.Print, out.Printed(2)).answer(fx.PrintSlip, out.Done()),
    "take": to_finish,
}
DEVICES = (
    *(DeviceKind.CARD_READER, DeviceKind.SCANNER),
    *(DeviceKind.DOCUMENT_PRINTER, DeviceKind.CARD_PRINTER, DeviceKind.SLIP_PRINTER),
)
BAD = [reason for reason, row in TABLE.items() if row.band in (Band.ERROR, Band.UNKNOWN)]
WARNINGS = [reason for reason, row in TABLE.items() if row.band is Band.WARNING]

every_place = pytest.mark.parametrize("place", PLACES)


def bad(kind: DeviceKind, reason: Reason) -> Status:
    return status(kind, TABLE[reason].band, reason)


def at(place: str) -> Stand:
    stand = Stand()
    PLACES[place](stand)
    return stand


def each_fault(place: str, reasons: list[Reason] = BAD) -> Iterator[tuple[Stand, DeviceKind, Reason]]:
    """Every fault of every device on this page. A fresh visit now and then: time goes by in each."""
    for kind in DEVICES:
        for number, reason in enumerate(reasons):
            if number % 6 == 0:
                stand = at(place)
            yield stand, kind, reason


def look(page: p.Page) -> p.Page:
    """A page without its number and its direction: what a person sees."""
    return msgspec.structs.replace(page, serial=0, direction=p.Direction.NONE, remaining_ms=None)


def standing(stand: Stand) -> object:
    """Where the visit stands and what was typed in it."""
    visit = stand.shell._visit
    if visit is None or visit.state is None:
        return visit is not None
    state = visit.state
    return state.step, state.stage, state.values, state.pending, state.card_uid, state.history


@every_place
def test_a_blip_is_never_seen(place: str) -> None:
    for stand, kind, reason in each_fault(place):
        before, where = look(stand.page), standing(stand)
        shown = [message for message in stand.sent if isinstance(message, p.ShowPage)]
        fault = bad(kind, reason)
        grace = grace_s(status(kind), fault)
        assert 0 < grace <= LOST_S
        stand.shell.device_changed(fault)
        stand.settle().seconds += grace - 0.05
        stand.settle().shell.device_changed(status(kind))
        stand.settle().seconds += 0.6
        assert look(stand.settle().page) == before, (kind, reason)
        assert [message for message in stand.sent if isinstance(message, p.ShowPage)] == shown, (kind, reason)
        assert standing(stand) == where, (kind, reason)


@every_place
def test_no_fault_throws_anybody_out_and_what_comes_back_is_there_at_once(place: str) -> None:
    for stand, kind, reason in each_fault(place):
        before, where = look(stand.page), standing(stand)
        stand.shell.device_changed(bad(kind, reason))
        stand.settle().seconds += LOST_S + 0.1
        stand.settle()
        assert standing(stand) == where, (kind, reason)
        assert stand.page.key == before.key, (kind, reason)
        stand.shell.device_changed(status(kind))
        assert look(stand.settle().page) == before, (kind, reason)


@every_place
def test_a_warning_never_stops_service(place: str) -> None:
    for stand, kind, reason in each_fault(place, WARNINGS):
        before = actions_of(stand.page)
        stand.shell.device_changed(bad(kind, reason))
        stand.settle().seconds += LOST_S + 0.1
        assert actions_of(stand.settle().page) == before, (kind, reason)
        stand.shell.device_changed(status(kind))
        stand.settle()


NEEDS = {
    ("attract", DeviceKind.DOCUMENT_PRINTER): {"service:cetak-kk"},
    ("attract", DeviceKind.CARD_PRINTER): {"service:cetak-ktp"},
    ("services", DeviceKind.DOCUMENT_PRINTER): {"service:cetak-kk"},
    ("services", DeviceKind.CARD_PRINTER): {"service:cetak-ktp"},
    ("proof", DeviceKind.CARD_READER): {"choose:card"},
    ("proof", DeviceKind.SCANNER): {"choose:qr"},
    ("preview", DeviceKind.DOCUMENT_PRINTER): {"main"},
    ("preview of a card", DeviceKind.CARD_PRINTER): {"main"},
}
"""What a device is needed for; everything else stays open."""


@every_place
def test_an_error_greys_only_what_needs_the_device(place: str) -> None:
    for stand, kind, reason in each_fault(place):
        before = actions_of(stand.page)
        stand.shell.device_changed(bad(kind, reason))
        stand.settle().seconds += LOST_S + 0.1
        after = actions_of(stand.settle().page)
        grey = {name for name, is_on in after.items() if not is_on and before.get(name, True)}
        assert grey == NEEDS.get((place, kind), set()), reason
        assert set(after) == set(before), reason
        stand.shell.device_changed(status(kind))
        stand.settle()


def test_a_card_that_never_moved_is_not_gone_because_its_reader_was() -> None:
    stand = at("pin")
    where = standing(stand)
    seen = [Presence(is_present=False, insertion=1)]
    stand.shell.card_presence = lambda: seen[0]
    stand.shell.device_changed(bad(DeviceKind.CARD_READER, Reason.SERVICE_AWAY))
    stand.shell.card_moved(seen[0])
    stand.wait(20)
    assert standing(stand) == where
    assert isinstance(stand.page.body, p.PinBody)
    assert "Pembaca kartu" in stand.page.body.notice
    seen[0] = Presence(is_present=True, insertion=2)
    stand.shell.device_changed(status(DeviceKind.CARD_READER))
    stand.shell.card_moved(seen[0])
    stand.wait(2)
    assert standing(stand) == where
    assert isinstance(stand.page.body, p.PinBody)
    assert stand.page.body.notice == ""


def test_a_card_that_was_taken_while_its_reader_was_away_is_asked_for_again() -> None:
    stand = at("pin")
    gone = Presence(is_present=False, insertion=1)
    stand.shell.card_presence = lambda: gone
    stand.shell.device_changed(bad(DeviceKind.CARD_READER, Reason.NO_READER))
    stand.shell.card_moved(gone)
    stand.wait(5)
    assert stand.name == "pin"
    stand.shell.device_changed(status(DeviceKind.CARD_READER))
    assert stand.wait(1).name == "tap-card"


def test_a_way_of_the_certificate_greys_and_comes_back_with_its_printer_in_the_middle_of_the_visit() -> None:
    """It was asked once, when the service began: a printer that came back stayed out until the next visit."""
    stand = Stand()
    stand.shell.device_changed(bad(DeviceKind.DOCUMENT_PRINTER, Reason.MEDIA_EMPTY))
    stand.wait(TOLD_S)
    certificate = {**DOCUMENTS[0], "kind": "akta-kelahiran", "can_print": True, "can_hand_over": True}
    stand.to_tap("unduh-akta").answer(fx.ReadCard, out.CardSeen(UID, is_stable=True))
    stand.answer(fx.FindCard, out.CardFound()).submit(pin=PIN).answer(fx.Prove, out.Proved("S*** W***"))
    stand.answer(fx.Fetch, out.Fetched(fx.What.DOCUMENTS, [certificate]))
    if stand.name == "documents":
        stand.press(f"choose:{certificate['id']}")
    assert stand.name == "menu"

    def tile() -> p.Tile:
        assert isinstance(stand.page.body, p.MenuBody)
        return next(tile for tile in stand.page.body.tiles if tile.action == "choose:print")

    assert not tile().is_enabled
    assert tile().reason == "Kertas habis. Petugas perlu mengisi kertas."
    stand.shell.device_changed(status(DeviceKind.DOCUMENT_PRINTER))
    assert stand.settle().name == "menu"
    assert tile().is_enabled
    stand.shell.device_changed(bad(DeviceKind.DOCUMENT_PRINTER, Reason.MEDIA_JAM))
    stand.wait(TOLD_S)
    assert not tile().is_enabled
    stand.force("choose:print")
    assert stand.name == "menu", "a grey tile that is touched all the same has no effect"
    stand.shell.device_changed(status(DeviceKind.DOCUMENT_PRINTER))
    stand.settle().press("choose:print")
    assert stand.name == "busy"


def test_a_fault_that_changes_its_reason_has_one_grace() -> None:
    stand = at("services")
    for _ in range(20):
        for reason in (Reason.MEDIA_EMPTY, Reason.COVER_OPEN):
            stand.shell.device_changed(bad(DeviceKind.DOCUMENT_PRINTER, reason))
            stand.settle().seconds += 0.1
            stand.settle()
    assert not actions_of(stand.page)["service:cetak-kk"]
