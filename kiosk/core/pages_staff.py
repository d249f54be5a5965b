"""The technician's door: the code pad, and one page with every device, its reason in words, and a test each."""

from kiosk import protocol as p
from kiosk.core import pages_prints, pages_stock
from kiosk.core.frame import page
from kiosk.core.situation import Situation, StaffStage, StaffView
from kiosk.devices.contract import SURROUNDINGS, Band, DeviceKind, Reason, Status
from kiosk.devices.reasons import entry
from kiosk.store.prints import PrinterName

_TONES = {
    Band.OK: p.Tone.GOOD,
    Band.WARNING: p.Tone.CAUTION,
    Band.ERROR: p.Tone.STOP,
    Band.UNKNOWN: p.Tone.STOP,
}

_PRINTERS = {DeviceKind.DOCUMENT_PRINTER: PrinterName.A4, DeviceKind.CARD_PRINTER: PrinterName.CARD}

TESTS: dict[DeviceKind, tuple[str, ...]] = {
    DeviceKind.CARD_READER: ("card",),
    DeviceKind.DOCUMENT_PRINTER: ("page",),
    DeviceKind.SLIP_PRINTER: ("slip",),
}


def staff(situation: Situation, view: StaffView) -> p.Page:
    t = situation.texts
    leave = p.Action("staff:leave", t("staff.leave"), "home")
    if view.stage is StaffStage.CODE:
        return page(
            situation,
            "staff-code",
            t("staff.code-title"),
            p.PinBody(
                6, t("pad.delete"), t("pad.clear"), view.notice, p.Tone.STOP if view.notice else p.Tone.NEUTRAL, "code"
            ),
            lead=t("staff.code-lead"),
            home=leave,
            main=p.Action("staff:enter", t("staff.enter"), "next"),
        )
    if view.align is not None and view.stage is StaffStage.ALIGN:
        return pages_stock.align(situation, view, view.align)
    if view.blanks is not None and view.stage is StaffStage.BLANKS:
        return pages_stock.blanks(situation, view.blanks)
    if view.prints is not None and view.stage is StaffStage.PRINTS:
        return pages_prints.prints(situation, view.prints)
    rows = [_row(situation, view, status) for status in situation.devices.values() if not _is_spared(status)]
    issues = [p.Fact(what, do, "caution", p.Tone.CAUTION) for what, do in view.issues]
    if not issues:
        issues = [p.Fact(t("staff.no-issues"), "", "check", p.Tone.GOOD)]
    return page(
        situation,
        "technician",
        t("staff.title"),
        p.TechnicianBody(
            devices=rows,
            issues=issues,
            facts=[p.Fact(label, value) for label, value in view.facts],
            result=view.result,
            result_tone=p.Tone.GOOD if view.is_result_good else p.Tone.STOP,
            devices_title=t("staff.devices"),
            issues_title=t("staff.issues"),
            facts_title=t("staff.facts"),
        ),
        home=leave,
        second=p.Action("staff:send-again", t("staff.send-again", count=view.refused), "retry")
        if view.refused
        else None,
        direction=p.Direction.NONE,
    )


def _is_spared(status: Status) -> bool:
    """What few machines have takes no place on the page of one that lacks it."""
    return status.kind in SURROUNDINGS and Reason.NOT_CONFIGURED in status.reasons


def _row(situation: Situation, view: StaffView, status: Status) -> p.DeviceRow:
    t = situation.texts
    reason = status.reasons[0] if status.reasons else Reason.NONE
    words = (
        t(entry(reason).staff_key_for(status.kind), detail=status.detail)
        if reason is not Reason.NONE
        else t("staff.works")
    )
    tests = [
        p.Action(f"test:{test}", t(f"staff.test-{test}"), "next", is_enabled=not view.running and status.is_usable)
        for test in TESTS.get(status.kind, ())
    ]
    if status.kind in pages_stock.ALIGNED and Reason.NOT_CONFIGURED not in status.reasons:
        tests.append(p.Action(pages_stock.ALIGNED[status.kind], t("staff.align")))
    if status.kind is DeviceKind.CARD_PRINTER and view.has_blanks:
        tests.append(p.Action("staff:blanks", t("staff.blanks")))
    unknown = view.unknown.get(_PRINTERS[status.kind], 0) if status.kind in _PRINTERS else 0
    if unknown:
        tests.insert(0, p.Action("staff:prints", t("staff.prints", count=unknown), "caution"))
    return p.DeviceRow(
        name=t(f"device.{status.kind}"),
        tone=_TONES[status.band],
        state=t(f"band.{status.band}"),
        reason=words,
        since=since(situation, situation.now - status.since),
        tests=tests,
    )


def since(situation: Situation, seconds: float) -> str:
    """How long, in the words of a person."""
    t = situation.texts
    if seconds < 90:
        return t("since.now")
    if seconds < 5400:
        return t("since.minutes", count=round(seconds / 60))
    return t("since.hours", count=round(seconds / 3600))
