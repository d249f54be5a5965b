"""Every keyword of printer-state-reasons that is registered, in our reasons.

Sources: RFC 8011 5.4.12, PWG 5100.4 to 5100.13, PWG 5100.9 (the alerts of the Printer MIB, among them those of all
finishers), PWG 5100.21 (3D), and what CUPS adds. A finisher that this kiosk never asks for counts by what is wrong with
it: its cover, its jam, its full tray stop the printer as any other would, the rest is for the technician's next visit.
"""

import re

from kiosk.devices.contract import Reason

_SUFFIX = re.compile(r"-(err(or?)?|warn(i(ng?)?)?|rep(o(rt?)?)?)$")
"""Also cut short: ippeveprinter, and what was made of it, tells no more than 31 characters."""

_WORDS = {
    Reason.NONE: """
        none alert-removal-of-binary-change-entry configuration-change configuration-changed connecting-to-device
        cleaning fuser-under-temp identify-printer-requested interlock-closed interpreter-cartridge-added
        interpreter-cartridge-deleted interpreter-memory-increase interpreter-resource-added
        interpreter-resource-deleted marker-adjusting-print-quality power-up printer-manual-reset printer-nms-reset
        printer-ready-to-print wifi-not-configured resuming cups-waiting-for-job-completed
    """,
    Reason.MEDIA_LOW: "media-low input-media-supply-low material-low",
    Reason.MEDIA_EMPTY: """
        media-empty media-needed input-media-supply-empty input-tray-missing input-media-tray-empty material-empty
        material-needed input-cannot-feed-size-selected input-manual-input-request input-media-color-change
        input-media-form-parts-change input-media-size-change input-media-type-change input-media-weight-change
        input-tray-elevation-failure input-tray-position-failure media-path-cannot-duplex-media-selected
        media-path-media-tray-missing input-media-tray-missing
    """,
    Reason.MEDIA_JAM: "media-jam media-path-jam media-path-media-jam media-path-failure extruder-jam",
    Reason.COVER_OPEN: "cover-open door-open interlock-open input-cover-open output-cover-open",
    Reason.MARKER_LOW: """
        marker-supply-low marker-ink-almost-empty marker-developer-almost-empty toner-low developer-low
        marker-toner-almost-empty
    """,
    Reason.MARKER_EMPTY: """
        marker-supply-empty marker-supply-missing marker-ink-empty marker-toner-cartridge-missing marker-toner-empty
        marker-developer-empty toner-empty developer-empty
    """,
    Reason.RIBBON_LOW: "marker-print-ribbon-almost-empty",
    Reason.RIBBON_EMPTY: "marker-print-ribbon-empty",
    Reason.OUTPUT_NEAR_FULL: "output-area-almost-full media-path-media-tray-almost-full",
    Reason.OUTPUT_FULL: """
        output-area-full output-tray-missing media-path-media-tray-full output-mailbox-select-failure
    """,
    Reason.SPOOL_FULL: "spool-area-full",
    Reason.STOPPED: """
        stopped stopped-partly stopping printer-stopped printer-stopped-partly motor-failure power-down
        cups-missing-filter cups-insecure-filter
    """,
    Reason.PAUSED: "paused moving-to-paused hold-new-jobs deactivated testing suspend-printer standby",
    Reason.OVERHEATED: "fuser-over-temp printer-temperature-high chamber-overheating",
    Reason.OFFLINE: "shutdown offline cups-remote-stopped offline-printer",
    Reason.AWAY: "timed-out",
    Reason.CUTTER_FAULT: "cutter-error trimmer-failure cutter-failure",
    Reason.SERVICE_DUE: """
        cleaner-life-almost-over cleaner-life-over fan-failure fuser-failure lamp-at-eol lamp-failure lamp-near-eol
        laser-at-eol laser-failure laser-near-eol interpreter-complex-page-encountered interpreter-memory-decrease
        interpreter-resource-unavailable marker-fuser-thermistor-failure marker-fuser-timing-failure
        marker-waste-almost-full marker-waste-full marker-waste-ink-receptacle-almost-full
        marker-waste-ink-receptacle-full marker-waste-toner-receptacle-almost-full marker-waste-toner-receptacle-full
        opc-life-over opc-near-eol camera-failure chamber-cooling chamber-failure chamber-heating
        chamber-temperature-high
        chamber-temperature-low extruder-cooling extruder-failure extruder-heating extruder-temperature-high
        extruder-temperature-low service-needed hibernate platform-cooling platform-failure platform-heating
        platform-temperature-high platform-temperature-low build-platform-failure material-incorrect
        scan-media-path-input-empty scan-media-path-input-feed-error scan-media-path-input-jam
        scan-media-path-input-request scan-media-path-output-feed-error scan-media-path-output-full
        scan-media-path-output-jam scan-media-path-pickup-roller-failure scan-media-path-pickup-roller-life-over
        scan-media-path-pickup-roller-missing scan-media-path-tray-almost-full scan-media-path-tray-full
        scan-media-path-tray-missing scanner-light-failure scanner-light-life-almost-over scanner-light-life-over
        scanner-light-missing scanner-sensor-failure scanner-sensor-life-almost-over scanner-sensor-life-over
        scanner-sensor-missing fax-modem-equipment-failure fax-modem-inactivity-timeout fax-modem-life-almost-over
        fax-modem-life-over fax-modem-line-busy fax-modem-line-timeout fax-modem-missing fax-modem-no-dial-tone
        fax-modem-protocol-error fax-modem-training-failure fax-modem-turned-off fax-modem-turned-on
        fax-modem-voice-detected scan-media-path-added scan-media-path-removed
    """,
}

FINISHERS = """
    bander binder die-cutter folder imprinter inserter make-envelope perforater puncher separation-cutter sheet-rotator
    slitter stacker stapler stitcher trimmer wrapper subunit
"""
"""Parts behind the printer; each has every state of ``FINISHER_STATES`` (PWG 5100.9)."""

FINISHER_STATES = {
    Reason.NONE: """
        added closed configuration-change cover-closed interlock-closed power-saver removed resource-added
        resource-removed turned-on warming-up under-temperature
    """,
    Reason.COVER_OPEN: "cover-open interlock-open opened",
    Reason.MEDIA_JAM: "jam",
    Reason.OUTPUT_NEAR_FULL: "almost-full",
    Reason.OUTPUT_FULL: "full",
    Reason.OVERHEATED: "over-temperature",
    Reason.SERVICE_DUE: """
        almost-empty at-limit empty life-almost-over life-over memory-exhausted missing motor-failure near-limit
        offline recoverable-failure recoverable-storage-error recoverable-storage thermistor-failure timing-failure
        turned-off unrecoverable-failure unrecoverable-storage-error
    """,
}


def _table() -> dict[str, Reason]:
    table = {word: reason for reason, words in _WORDS.items() for word in words.split()}
    for reason, states in FINISHER_STATES.items():
        table |= {f"{part}-{state}": reason for part in FINISHERS.split() for state in states.split()}
    return table | {"": Reason.NONE}


_TABLE = _table()


def bare_word(word: str) -> str:
    """A keyword in small letters and without its severity."""
    lower = word.strip().lower()
    # Some registered words end like a severity: recoverable-storage-error, protocol-error.
    return lower if lower in _TABLE else _SUFFIX.sub("", lower)


def reason_of_word(bare: str) -> Reason:
    """UNNAMED for a word that nobody here knows, and for ``other`` and ``unknown``, which say nothing."""
    return _TABLE.get(bare, Reason.UNNAMED)
