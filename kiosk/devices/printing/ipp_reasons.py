"""What a printer says of itself (RFC 8011 5.4.11 and 5.4.12, PWG 5100.9) in our reasons."""

from collections.abc import Iterable, Mapping
from typing import Any

from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.devices.printing.ipp_values import listed, number
from kiosk.devices.printing.ipp_words import bare_word, reason_of_word
from kiosk.devices.reasons import band_of, severity

_ON_CARDS = {
    Reason.MEDIA_LOW: Reason.CARDS_LOW,
    Reason.MEDIA_EMPTY: Reason.CARDS_EMPTY,
    Reason.MARKER_LOW: Reason.RIBBON_LOW,
    Reason.MARKER_EMPTY: Reason.RIBBON_EMPTY,
}

IDLE, PROCESSING, STOPPED = 3, 4, 5


def reason_of(word: str, kind: DeviceKind) -> Reason:
    """The reason behind one keyword, whatever its suffix; UNNAMED for a word that nobody here knows."""
    reason = reason_of_word(bare_word(word))
    return _ON_CARDS.get(reason, reason) if kind is DeviceKind.CARD_PRINTER else reason


def reasons_of(words: Iterable[str], kind: DeviceKind) -> tuple[list[Reason], list[str]]:
    """Our reasons, and the raw words that have no name of ours.

    The suffix does not soften paper, jam or cover: printers write ``media-empty-warning`` while they stand still for
    want of paper. It does silence the unknown: a ``-report`` that we have no name for is news, not a fault.
    """
    reasons: list[Reason] = []
    unnamed: list[str] = []
    for word in words:
        reason = reason_of(word, kind)
        if reason is Reason.UNNAMED:
            if word.lower().endswith("-report"):
                continue
            unnamed.append(word)
        if reason is not Reason.NONE and reason not in reasons:
            reasons.append(reason)
    return reasons, unnamed


def printer_state(printer: Mapping[str, Any], kind: DeviceKind) -> tuple[Band, list[Reason], str]:
    """Band, reasons and detail of a Get-Printer-Attributes answer. A state that is no state is SILENT, never OK, and so
    is one without its reasons."""
    state = number(printer.get("printer-state"))
    if state not in (IDLE, PROCESSING, STOPPED):
        return Band.UNKNOWN, [Reason.SILENT], f"printer-state {state}"
    words = listed(printer.get("printer-state-reasons"))
    if not words or "".join(words).strip() == "":
        # RFC 8011 makes every printer name them, if only "none": who says nothing of its troubles has not said that
        # there are none.
        return Band.UNKNOWN, [Reason.SILENT], "no printer-state-reasons"
    reasons, unnamed = reasons_of(words, kind)
    raw = [word for word in words if reason_of(word, kind) is Reason.SERVICE_DUE]
    detail = ", ".join([*unnamed, *raw])
    if printer.get("printer-is-accepting-jobs") is False and not reasons:
        reasons.append(Reason.PAUSED)
    if state == STOPPED and severity(band_of(reasons)) < severity(Band.ERROR):
        if Reason.UNNAMED in reasons:
            # The raw word is all that the technician has; it stays beside the plain fact that it stands still.
            return Band.ERROR, reasons, detail
        reasons.append(Reason.STOPPED)
    return band_of(reasons), reasons, detail
