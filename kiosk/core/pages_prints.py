"""The technician's pages of unknown prints: which one, what became of it, and whether that is sure."""

from datetime import datetime

from kiosk import protocol as p
from kiosk.core.dates import moment
from kiosk.core.frame import page
from kiosk.core.situation import Situation
from kiosk.core.staff_prints import PrintsView
from kiosk.devices.contract import DeviceKind
from kiosk.store.prints import Finding, PrinterName, PrintRecord, short_code

MOST = 6
"""Choices that a page holds; the oldest come first."""
_DEVICES = {PrinterName.A4: DeviceKind.DOCUMENT_PRINTER, PrinterName.CARD: DeviceKind.CARD_PRINTER}
_ICONS = {Finding.CAME_OUT: "check", Finding.NOT_OUT: "close", Finding.DAMAGED: "caution"}


def prints(situation: Situation, view: PrintsView) -> p.Page:
    """The list, the question about one of it, or what its answer means before it is noted."""
    if view.chosen is None:
        return _list(situation, view)
    return _question(situation, view.chosen) if view.said is None else _sure(situation, view.chosen, view.said)


def _list(situation: Situation, view: PrintsView) -> p.Page:
    t = situation.texts
    tiles = [
        p.Tile(f"prints:open:{record.print_id}", _when(situation, record), _facts(situation, record), "print")
        for record in view.waiting[:MOST]
    ]
    more = len(view.waiting) - MOST
    notes = [t(f"prints.noted-{view.told}")] if view.told is not None else []
    notes += [t("prints.more", count=more)] if more > 0 else []
    return page(
        situation,
        "prints",
        t("prints.title") if tiles else t("prints.none"),
        p.MenuBody(tiles, " ".join(notes)),
        lead=t("prints.lead") if tiles else "",
        back=p.Action("staff:back", t("button.back"), "back"),
        direction=p.Direction.NONE,
    )


def _question(situation: Situation, record: PrintRecord) -> p.Page:
    t = situation.texts
    tiles = [
        p.Tile(f"prints:{finding}", t(f"prints.{finding}"), t(f"prints.{finding}-then"), _ICONS[finding])
        for finding in Finding
    ]
    return page(
        situation,
        "print-found",
        t("prints.question"),
        p.MenuBody(tiles),
        lead=f"{_when(situation, record)}. {_facts(situation, record)}",
        back=p.Action("prints:list", t("button.back"), "back"),
        direction=p.Direction.NONE,
    )


def _sure(situation: Situation, record: PrintRecord, said: Finding) -> p.Page:
    t = situation.texts
    return page(
        situation,
        "print-sure",
        t(f"prints.say-{said}"),
        p.OutcomeBody(p.Tone.CAUTION, [t(f"prints.means-{said}"), t("prints.final")]),
        lead=f"{_when(situation, record)}. {_facts(situation, record)}",
        main=p.Action("prints:sure", t("prints.sure"), "check"),
        second=p.Action("prints:unsure", t("prints.unsure"), "back"),
        direction=p.Direction.NONE,
    )


def _when(situation: Situation, record: PrintRecord) -> str:
    t = situation.texts
    at = moment(datetime.fromtimestamp(record.created_at).astimezone(), t.language)
    return t("prints.when", device=t(f"device.{_DEVICES[record.printer]}"), at=at)


def _facts(situation: Situation, record: PrintRecord) -> str:
    t = situation.texts
    out = record.verdict.pages_out if record.verdict is not None else None
    counted = t("prints.counted", count=out) if out is not None else t("prints.uncounted")
    return t("prints.facts", code=short_code(record.print_id), pages=record.pages, counted=counted)
