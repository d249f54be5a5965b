"""The product's pages: its own texts, picked by its own core, for an invented family and an invented machine.

A page's ``name`` is replaced by the name of its picture, since one page of the product can stand in several pictures.
"""

from dataclasses import replace
from typing import Any

import msgspec

from kiosk import api
from kiosk import protocol as p
from kiosk.backend.contract import Reachability
from kiosk.core.pages import pick
from kiosk.core.power import PowerStage
from kiosk.core.situation import Overlay, Phase, Recovered, Situation, StaffStage, StaffView, VisitView
from kiosk.core.staff import machine_facts
from kiosk.core.staff_align import AlignView
from kiosk.core.staff_blanks import BlanksView
from kiosk.core.staff_prints import PrintsView
from kiosk.devices.contract import Band, DeviceKind, Reason, ShiftMeans, Status
from kiosk.devices.reasons import entry
from kiosk.errors import ErrorCode
from kiosk.flows.engine import with_devices
from kiosk.flows.state import Stage
from kiosk.settings import Settings
from kiosk.store.blanks import BlankLot, Stock
from kiosk.store.prints import Finding, PrinterName, PrintRecord, PrintState, Verdict
from kiosk.texts import Texts
from tests.flows.journey import shipped
from tests.gallery.visits import flows, stops, typed_before

SERVICES = ("cetak-kk", "cek-data", "unduh-akta", "cetak-ktp", "antrean", "keluhan")
"""As many as a page of choices holds."""
UPTIME_S = 9000.0
WARNING_MS, WARNING_LEFT_MS, OPEN_MS, LOOKING_MS = 30_000, 21_000, 600_000, 14_000


def all_pages(language: str = "id", look: p.Look | None = None) -> list[p.Page]:
    """Every page in one language and look, the waiting ones first."""
    look = look or p.Look(language=language)
    if look.language != language:
        look = msgspec.structs.replace(look, language=language)
    machine = _machine(look)
    pages = [(name, pick(replace(machine, **changes))) for name, changes in _machine_pages(machine).items()]
    for name, service, state in stops():
        flow = flows()[service]
        left = LOOKING_MS if state.stage is Stage.CAPTURE else OPEN_MS
        view = VisitView(
            Phase.FLOW, Overlay.NONE, flow, state, remaining_ms=left, is_card_there=True, language=language
        )
        pages.append((name, pick(replace(machine, visit=view))))
        if name == "tap-card":
            pages.append(("card-seen", pick(replace(machine, visit=replace(view, is_card_new=True)))))
        if name == "nik":
            again = replace(view, state=typed_before(state))
            pages.append(("nik-typed", pick(replace(machine, visit=again))))
    return [msgspec.structs.replace(page, serial=1, name=name, key=name) for name, page in pages]


def _machine(look: p.Look) -> Situation:
    """A machine on which nearly everything works: its card printer has run out of cards."""
    devices = {kind: Status(kind, Band.OK, (), 0.0) for kind in DeviceKind}
    devices[DeviceKind.CARD_PRINTER] = Status(DeviceKind.CARD_PRINTER, Band.ERROR, (Reason.CARDS_EMPTY,), 6000.0)
    devices[DeviceKind.SLIP_PRINTER] = Status(DeviceKind.SLIP_PRINTER, Band.WARNING, (Reason.MEDIA_LOW,), 8000.0)
    return Situation(
        settings=Settings(),
        texts=Texts(look.language),
        look=look,
        clock="09:41" if look.language == "en" else "09.41",
        services=tuple(shipped()[name] for name in SERVICES),
        devices=devices,
        office=Reachability.ONLINE,
        numbers_left={"layanan": 12, "pengaduan": 12},
        now=UPTIME_S,
    )


def _machine_pages(machine: Situation) -> dict[str, dict[str, Any]]:
    """Name of the picture, and what about the machine is different on it."""
    no_reader = Status(DeviceKind.CARD_READER, Band.ERROR, (Reason.NO_READER,), 0.0)
    proof = next(state for name, _, state in stops() if name == "proof")

    def over(overlay: Overlay, **more: Any) -> dict[str, Any]:
        view = VisitView(
            Phase.SERVICES, overlay, remaining_ms=WARNING_LEFT_MS, total_ms=WARNING_MS, language=machine.look.language
        )
        return {"visit": replace(view, **more)}

    return {
        "starting": {"is_starting": True},
        "attract": {},
        "attract-away": {"office": Reachability.OFFLINE},
        "attract-no-numbers": {"office": Reachability.OFFLINE, "numbers_left": {}},
        "language": over(Overlay.LANGUAGE),
        "services": over(Overlay.NONE),
        "services-away": over(Overlay.NONE) | {"office": Reachability.OFFLINE},
        "help": over(Overlay.HELP),
        "still-here": over(Overlay.STILL_HERE),
        "time-up": over(Overlay.TIME_UP, can_extend=False),
        "leaving": over(Overlay.NONE, phase=Phase.LEAVING),
        "interrupted": over(Overlay.NONE, phase=Phase.INTERRUPTED)
        | {"recovered": (Recovered.PRINTED, Recovered.UNKNOWN)},
        "holding": {"is_holding": True},
        "out-of-order": {"out_of_order": ErrorCode.STORE_FULL},
        "power-closed": {"power": PowerStage.CLOSED},
        "power-ending": over(Overlay.NONE) | {"power": PowerStage.ENDING},
        "power-down": {"power": PowerStage.DOWN},
        **_troubled(machine),
        "proof-no-reader": {
            "devices": {**machine.devices, DeviceKind.CARD_READER: no_reader},
            "visit": VisitView(Phase.FLOW, Overlay.NONE, shipped()["cetak-kk"], proof, language=machine.look.language),
        },
        "staff-code": {"staff": StaffView(StaffStage.CODE)},
        "staff-code-wrong": {"staff": StaffView(StaffStage.CODE, notice=machine.texts("staff.wrong"))},
        "technician": {"staff": _technician(machine)},
        "technician-refused": {"staff": _refused(machine)},
        "align": {"staff": _aligned(ShiftMeans.RASTER, (41.5, 39.0))},
        "align-fixed": {"staff": _aligned(ShiftMeans.NONE, (40.0, 40.0))},
        "prints": {"staff": _prints(is_chosen=False)},
        "print-found": {"staff": _prints(is_chosen=True)},
        "print-sure": {"staff": _prints(is_chosen=True, said=Finding.NOT_OUT)},
        "blanks": {"staff": _blanks(is_unchecked=True, first="")},
        "blanks-loading": {"staff": _blanks(is_unchecked=False, first="AB000501")},
    }


def _troubled(machine: Situation) -> dict[str, dict[str, Any]]:
    """Pages of a visit while what they need is away."""

    def at(name: str, kind: DeviceKind, reason: Reason) -> dict[str, Any]:
        service, state = next((service, state) for found, service, state in stops() if found == name)
        view = VisitView(Phase.FLOW, Overlay.NONE, flows()[service], state, language=machine.look.language)
        row = entry(reason)
        state = with_devices(state, frozenset(one.value for one in DeviceKind if one is not kind))
        view = replace(view, state=state)
        return {"devices": {**machine.devices, kind: Status(kind, row.band, (reason,), 0.0)}, "visit": view}

    reader, printer, scanner = DeviceKind.CARD_READER, DeviceKind.DOCUMENT_PRINTER, DeviceKind.SCANNER
    queue = next((service, state) for found, service, state in stops() if found == "queue-menu")
    asked = VisitView(Phase.FLOW, Overlay.NONE, flows()[queue[0]], queue[1], language=machine.look.language)
    return {
        "queue-menu-out": {"numbers_left": {"layanan": 3, "pengaduan": 0}, "visit": asked},
        "tap-card-away": at("tap-card", reader, Reason.HELD_BY_ANOTHER),
        "tap-card-forbidden": at("tap-card", reader, Reason.NO_PERMISSION),
        "pin-away": at("pin", reader, Reason.SILENT),
        "scan-code-away": at("scan-code", scanner, Reason.AWAY),
        "proof-no-scanner": at("proof", scanner, Reason.AWAY),
        "preview-out": at("preview", printer, Reason.SPOOL_FULL),
        "preview-away": at("preview-sheets", printer, Reason.AWAY),
        "own-sheet-out": at("own-sheet", printer, Reason.OUTPUT_FULL),
        "menu-out": at("menu", printer, Reason.MEDIA_EMPTY),
        "printing-lost": at("printing", printer, Reason.SILENT),
        "device-fault-waiting": at("device-fault", printer, Reason.OUTPUT_FULL),
        "consent-away": at("consent-both", DeviceKind.FACE, Reason.AWAY),
    }


def _technician(machine: Situation) -> StaffView:
    """The staff page of this machine, with the result of a test that went well."""
    t = machine.texts
    issues = []
    for status in machine.devices.values():
        if status.band is not Band.OK:
            what = t("staff.issue-device", device=t(f"device.{status.kind}"), state=t(f"band.{status.band}"))
            issues.append((what, t(entry(status.reasons[0]).staff_key, detail="")))
    facts = machine_facts(machine.settings, t, "2026-11-20 12", t("since.hours", count=3))
    return StaffView(StaffStage.HOME, result=t("staff.slip-ok"), issues=tuple(issues), facts=facts, has_blanks=True)


def _refused(machine: Situation) -> StaffView:
    """The same, with messages that the office refused and small notes that were folded."""
    t = machine.texts
    issues = (
        (t("staff.issue-outbox-old", count=12), t("staff.issue-outbox-do")),
        (t("staff.issue-folded", count=310), t("staff.issue-folded-do")),
        (t("staff.issue-poison", count=3), t("staff.issue-poison-do", detail="OFF-03: /surveys: 422 invalid")),
    )
    return replace(_technician(machine), issues=issues, refused=3)


def _aligned(means: ShiftMeans, read: tuple[float, float]) -> StaffView:
    """The page of what a ruler says, for the document printer."""
    numbers = AlignView(PrinterName.A4, DeviceKind.DOCUMENT_PRINTER, means, 40.0, read, (0.5, 0.0))
    return StaffView(StaffStage.ALIGN, align=numbers)


def _prints(*, is_chosen: bool, said: Finding | None = None) -> StaffView:
    """Three prints that ended unknown; or one of them, looked at, and what was said of it."""
    records = tuple(
        PrintRecord(
            f"p-{number:026x}a1b2c{number}",
            PrintState.REPORTED,
            PrinterName.CARD if number == 2 else PrinterName.A4,
            "grant",
            2 if number == 2 else 1 + number % 2,
            None,
            None,
            None,
            None,
            Verdict(api.PrintEnd.UNKNOWN, "prn-01", pages_out=None if number == 1 else 1),
            1_795_330_000.0 + 3000 * number,
            0.0,
        )
        for number in range(3)
    )
    chosen = records[0] if is_chosen else None
    return StaffView(
        StaffStage.PRINTS, prints=PrintsView(records, chosen, said, None if is_chosen else Finding.NOT_OUT)
    )


def _blanks(*, is_unchecked: bool, first: str) -> StaffView:
    """The page of the blank cards, after an unclear print or while a lot is loaded."""
    stock = Stock((BlankLot("AB000388", 113),), is_unchecked, used=382, damaged=4, unknown=int(is_unchecked))
    return StaffView(StaffStage.BLANKS, blanks=BlanksView(stock, first, 200))
