"""Every keyword that is registered for printer-state-reasons, in every severity, has a meaning here."""

import pytest

from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.devices.printing.ipp_reasons import printer_state, reason_of
from kiosk.devices.printing.ipp_words import FINISHER_STATES, FINISHERS, bare_word
from kiosk.devices.reasons import TABLE
from kiosk.devices.status import MAX_DETAIL, StatusBoard


def _words(text: str) -> list[str]:
    return text.split()


# RFC 8011 5.4.12
CORE = _words("""
    connecting-to-device cover-open developer-empty developer-low door-open fuser-over-temp fuser-under-temp
    input-tray-missing interlock-open interpreter-resource-unavailable marker-supply-empty marker-supply-low
    marker-waste-almost-full marker-waste-full media-empty media-jam media-low media-needed moving-to-paused
    none opc-life-over opc-near-eol output-area-almost-full output-area-full output-tray-missing paused shutdown
    spool-area-full stopped-partly stopping timed-out toner-empty toner-low
""")
# RFC 3998, PWG 5100.4, 5100.11, 5100.13, 5100.22
LATER = _words("""
    deactivated hold-new-jobs identify-printer-requested testing wifi-not-configured resuming
    configuration-change
""")
# PWG 5100.9, those of no finisher
ALERTS = _words("""
    alert-removal-of-binary-change-entry cleaner-life-almost-over cleaner-life-over
    input-cannot-feed-size-selected input-manual-input-request input-media-color-change
    input-media-form-parts-change input-media-size-change input-media-type-change input-media-weight-change
    input-tray-elevation-failure input-tray-position-failure interlock-closed interpreter-cartridge-added
    interpreter-cartridge-deleted interpreter-complex-page-encountered interpreter-memory-decrease
    interpreter-memory-increase interpreter-resource-added interpreter-resource-deleted
    marker-adjusting-print-quality marker-developer-almost-empty marker-developer-empty
    marker-fuser-thermistor-failure marker-fuser-timing-failure marker-ink-almost-empty marker-ink-empty
    marker-print-ribbon-almost-empty marker-print-ribbon-empty marker-toner-cartridge-missing
    marker-waste-ink-receptacle-almost-full marker-waste-ink-receptacle-full
    marker-waste-toner-receptacle-almost-full marker-waste-toner-receptacle-full
    media-path-cannot-duplex-media-selected media-path-media-tray-almost-full media-path-media-tray-full
    media-path-media-tray-missing output-mailbox-select-failure power-down power-up printer-manual-reset
    printer-nms-reset printer-ready-to-print
""")
# PWG 5100.21
SOLID = _words("""
    camera-failure cutter-error fan-failure material-empty material-low material-needed motor-failure
    extruder-cooling extruder-failure extruder-heating extruder-jam extruder-temperature-high
    extruder-temperature-low lamp-at-eol lamp-failure lamp-near-eol laser-at-eol laser-failure laser-near-eol
    chamber-cooling chamber-failure chamber-heating chamber-temperature-high chamber-temperature-low
    platform-cooling platform-failure platform-heating platform-temperature-high platform-temperature-low
""")
PARTS = _words("""
    bander binder die-cutter folder imprinter inserter make-envelope perforater puncher separation-cutter
    sheet-rotator slitter stacker stapler stitcher trimmer wrapper subunit
""")
STATES = _words("""
    added almost-empty almost-full at-limit closed configuration-change cover-closed cover-open empty full
    interlock-closed interlock-open jam life-almost-over life-over memory-exhausted missing motor-failure
    near-limit offline opened over-temperature power-saver recoverable-failure recoverable-storage-error removed
    resource-added resource-removed thermistor-failure timing-failure turned-off turned-on under-temperature
    unrecoverable-failure unrecoverable-storage-error warming-up
""")
WORDS = [*CORE, *LATER, *ALERTS, *SOLID, *(f"{part}-{state}" for part in PARTS for state in STATES)]


def test_the_list_is_whole() -> None:
    assert len(set(WORDS)) == len(WORDS) > 700
    assert FINISHERS.split() == PARTS
    assert {state for states in FINISHER_STATES.values() for state in states.split()} >= set(STATES)


@pytest.mark.parametrize("kind", [DeviceKind.DOCUMENT_PRINTER, DeviceKind.CARD_PRINTER])
@pytest.mark.parametrize("suffix", ["", "-error", "-warning", "-report"])
def test_every_registered_word_has_a_reason(suffix: str, kind: DeviceKind) -> None:
    unnamed = [word for word in WORDS if reason_of(word + suffix, kind) is Reason.UNNAMED]
    assert unnamed == []


def test_a_printer_that_stands_still_with_any_of_them_never_serves() -> None:
    for word in WORDS:
        answer = {"printer-state": 5, "printer-state-reasons": f"{word}-error"}
        band, reasons, _ = printer_state(answer, DeviceKind.DOCUMENT_PRINTER)
        assert band in (Band.ERROR, Band.UNKNOWN), word
        assert reasons, word
        assert all(reason in TABLE for reason in reasons), word


@pytest.mark.parametrize("word", ["other", "unknown", "com.example-thing", "media-empti", "jam"])
def test_what_says_nothing_keeps_its_raw_word(word: str) -> None:
    band, reasons, detail = printer_state(
        {"printer-state": 3, "printer-state-reasons": [f"{word}-warning"]}, DeviceKind.DOCUMENT_PRINTER
    )
    assert (band, reasons, detail) == (Band.WARNING, [Reason.UNNAMED], f"{word}-warning")


def test_what_needs_service_is_told_with_its_word() -> None:
    answer = {"printer-state": 3, "printer-state-reasons": ["opc-near-eol-warning", "stapler-empty-report"]}
    assert printer_state(answer, DeviceKind.DOCUMENT_PRINTER) == (
        Band.WARNING,
        [Reason.SERVICE_DUE],
        "opc-near-eol-warning, stapler-empty-report",
    )


def test_words_that_end_like_a_severity_are_words() -> None:
    assert bare_word("stacker-unrecoverable-storage-error") == "stacker-unrecoverable-storage-error"
    assert bare_word("Stacker-Unrecoverable-Storage-Error-Warning ") == "stacker-unrecoverable-storage-error"
    assert bare_word("cutter-error") == "cutter-error"
    assert bare_word("media-empty-error") == "media-empty"


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("marker-waste-almost-full-warnin", "marker-waste-almost-full"),
        ("marker-waste-almost-full-repor", "marker-waste-almost-full"),
        ("media-jam-err", "media-jam"),
        ("media-jam-error", "media-jam"),
        ("fax-modem-protocol-error", "fax-modem-protocol-error"),
        ("x-sad-report", "x-sad"),
    ],
)
def test_a_severity_may_be_cut_short(cut: str, whole: str) -> None:
    """ippeveprinter tells the first 31 characters of a word."""
    assert bare_word(cut) == whole


def test_what_a_printer_says_may_be_shown() -> None:
    """One line, bounded, without what does not print; and a word that is spoilt so is trouble still."""
    noise = "\x1b[2J\n" + "x" * 5000
    words: dict[str, object] = {"printer-state": 3, "printer-state-reasons": ["none", noise]}
    band, reasons, detail = printer_state(words, DeviceKind.DOCUMENT_PRINTER)
    assert (band, reasons) == (Band.WARNING, [Reason.UNNAMED])
    board = StatusBoard(DeviceKind.DOCUMENT_PRINTER)
    shown = board.report(reasons, detail).detail
    assert shown.startswith("?[2J?xxx")
    assert len(shown) == MAX_DETAIL
