"""One table: what each reason of a device means, for whom, and how bad it is.

The sentence for the citizen is the text ``reason.<reason>.citizen``, the steps for the technician
``reason.<reason>.staff``; both may hold ``{detail}``, the raw word of a reason that the table does not know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class ReasonEntry:
    """One row. ``code`` is what is shown and logged; ``codes`` holds what differs for one kind of device."""

    reason: Reason
    band: Band
    code: ErrorCode | None = None
    codes: Mapping[DeviceKind, ErrorCode] = field(default_factory=dict)

    @property
    def citizen_key(self) -> str:
        """Key of the sentence that a citizen reads."""
        return f"reason.{self.reason.value}.citizen"

    @property
    def staff_key(self) -> str:
        """Key of the steps that a technician takes."""
        return f"reason.{self.reason.value}.staff"

    def citizen_key_for(self, kind: DeviceKind) -> str:
        """The sentence for a citizen at this kind of device: in a card printer no paper is stuck."""
        return f"reason.{self.reason}.{kind}.citizen" if (self.reason, kind) in OWN_WORDS else self.citizen_key

    def staff_key_for(self, kind: DeviceKind) -> str:
        """The steps for a technician at this kind of device."""
        return f"reason.{self.reason}.{kind}.staff" if (self.reason, kind) in OWN_WORDS else self.staff_key

    def code_for(self, kind: DeviceKind) -> ErrorCode | None:
        """The stable code of this reason on that kind of device; None where nothing is wrong or nobody needs one."""
        return self.codes.get(kind, self.code)


OWN_WORDS = frozenset(
    {
        (Reason.MEDIA_JAM, DeviceKind.CARD_PRINTER),
        (Reason.OUTPUT_FULL, DeviceKind.CARD_PRINTER),
        (Reason.MEDIA_LOW, DeviceKind.SLIP_PRINTER),
        (Reason.MEDIA_EMPTY, DeviceKind.SLIP_PRINTER),
        (Reason.MEDIA_JAM, DeviceKind.SLIP_PRINTER),
        (Reason.SILENT, DeviceKind.CARD_READER),
        (Reason.AWAY, DeviceKind.KEYPAD),
        (Reason.AWAY, DeviceKind.AUDIO),
    }
)
"""Where one kind of device has words of its own: ``reason.<reason>.<kind>.citizen`` and ``.staff``."""

_SLIP = DeviceKind.SLIP_PRINTER
_READER = DeviceKind.CARD_READER
_AWAY = {
    _READER: ErrorCode.CARD_READER_AWAY,
    DeviceKind.DOCUMENT_PRINTER: ErrorCode.PRINTER_AWAY,
    DeviceKind.CARD_PRINTER: ErrorCode.PRINTER_AWAY,
    _SLIP: ErrorCode.SLIP_PRINTER_AWAY,
    DeviceKind.SCANNER: ErrorCode.SCANNER_AWAY,
    DeviceKind.FACE: ErrorCode.BIOMETRIC_AWAY,
    DeviceKind.FINGER: ErrorCode.BIOMETRIC_AWAY,
    DeviceKind.KEYPAD: ErrorCode.KEYPAD_AWAY,
    DeviceKind.AUDIO: ErrorCode.AUDIO_AWAY,
    DeviceKind.POWER: ErrorCode.POWER_UNWATCHED,
    DeviceKind.BOX: ErrorCode.BOX_UNWATCHED,
}
_SILENT = _AWAY | {_SLIP: ErrorCode.SLIP_PRINTER_SILENT, _READER: ErrorCode.CARD_READER_SILENT}
_FAULT = {_SLIP: ErrorCode.SLIP_PRINTER_FAULT}


def _row(
    reason: Reason, band: Band, code: ErrorCode | None = None, codes: Mapping[DeviceKind, ErrorCode] | None = None
) -> ReasonEntry:
    return ReasonEntry(reason, band, code, MappingProxyType(dict(codes or {})))


_ROWS = (
    _row(Reason.NONE, Band.OK),
    _row(Reason.STARTING, Band.UNKNOWN, None, _AWAY),
    _row(Reason.AWAY, Band.UNKNOWN, None, _AWAY),
    _row(Reason.SILENT, Band.UNKNOWN, None, _SILENT),
    _row(Reason.NOT_CONFIGURED, Band.UNKNOWN, None, _AWAY),
    _row(Reason.UNNAMED, Band.WARNING, ErrorCode.PRINTER_STOPPED, _FAULT | {_READER: ErrorCode.CARD_READER_AWAY}),
    _row(Reason.SERVICE_AWAY, Band.ERROR, ErrorCode.CARD_SERVICE_AWAY),
    _row(Reason.NO_PERMISSION, Band.ERROR, ErrorCode.CARD_READER_FORBIDDEN),
    _row(Reason.HELD_BY_ANOTHER, Band.ERROR, ErrorCode.CARD_READER_HELD),
    _row(Reason.NO_READER, Band.ERROR, ErrorCode.CARD_READER_AWAY),
    _row(Reason.CARD_MUTE, Band.WARNING, ErrorCode.CARD_MUTE),
    _row(Reason.CARD_FOREIGN, Band.WARNING, ErrorCode.CARD_FOREIGN),
    _row(Reason.CARD_SEVERAL, Band.WARNING, ErrorCode.CARD_SEVERAL),
    _row(Reason.MEDIA_LOW, Band.WARNING, ErrorCode.PAPER_OUT, {_SLIP: ErrorCode.SLIP_PAPER_OUT}),
    _row(Reason.MEDIA_EMPTY, Band.ERROR, ErrorCode.PAPER_OUT, {_SLIP: ErrorCode.SLIP_PAPER_OUT}),
    _row(Reason.MEDIA_JAM, Band.ERROR, ErrorCode.PAPER_JAM, _FAULT),
    _row(Reason.COVER_OPEN, Band.ERROR, ErrorCode.PRINTER_COVER_OPEN, {_SLIP: ErrorCode.SLIP_PRINTER_COVER_OPEN}),
    _row(Reason.MARKER_LOW, Band.WARNING, ErrorCode.PRINTER_TONER_EMPTY),
    _row(Reason.MARKER_EMPTY, Band.ERROR, ErrorCode.PRINTER_TONER_EMPTY),
    _row(Reason.RIBBON_LOW, Band.WARNING, ErrorCode.RIBBON_OUT),
    _row(Reason.RIBBON_EMPTY, Band.ERROR, ErrorCode.RIBBON_OUT),
    _row(Reason.CARDS_LOW, Band.WARNING, ErrorCode.CARDS_OUT),
    _row(Reason.CARDS_EMPTY, Band.ERROR, ErrorCode.CARDS_OUT),
    _row(Reason.BLANKS_UNCHECKED, Band.ERROR, ErrorCode.BLANKS_UNCHECKED),
    _row(Reason.REJECT_FULL, Band.ERROR, ErrorCode.REJECT_TRAY_FULL),
    _row(Reason.ENCODER_AWAY, Band.ERROR, ErrorCode.CHIP_NOT_ENCODED),
    _row(Reason.OUTPUT_NEAR_FULL, Band.WARNING),
    _row(Reason.OUTPUT_FULL, Band.ERROR, ErrorCode.PRINTER_STOPPED),
    _row(Reason.SPOOL_FULL, Band.ERROR, ErrorCode.PRINTER_BUSY),
    _row(Reason.STOPPED, Band.ERROR, ErrorCode.PRINTER_STOPPED, _FAULT),
    _row(Reason.PAUSED, Band.ERROR, ErrorCode.PRINTER_STOPPED),
    _row(Reason.CUTTER_FAULT, Band.ERROR, ErrorCode.PRINTER_STOPPED, _FAULT),
    _row(Reason.OVERHEATED, Band.ERROR, ErrorCode.PRINTER_STOPPED, _FAULT),
    _row(Reason.OFFLINE, Band.ERROR, ErrorCode.PRINTER_STOPPED, _FAULT),
    _row(Reason.FEED_BUTTON, Band.ERROR, ErrorCode.PRINTER_STOPPED, _FAULT),
    _row(Reason.BROKEN, Band.ERROR, ErrorCode.PRINTER_STOPPED, _FAULT),
    _row(Reason.PORT_FORBIDDEN, Band.ERROR, ErrorCode.PRINTER_AWAY, _AWAY),
    _row(Reason.PORT_BUSY, Band.ERROR, ErrorCode.PRINTER_AWAY, _AWAY),
    _row(Reason.NO_PDF, Band.ERROR, ErrorCode.PRINTER_REFUSED),
    _row(Reason.NO_TRAY, Band.ERROR, ErrorCode.PRINTER_REFUSED),
    _row(Reason.SERVICE_DUE, Band.WARNING),
    _row(Reason.QUEUE_UNSAFE, Band.ERROR, ErrorCode.PRINTER_REFUSED),
    _row(Reason.QUEUE_UNCHECKED, Band.WARNING),
    _row(Reason.ON_BATTERY, Band.WARNING, ErrorCode.POWER_ON_BATTERY),
    _row(Reason.BATTERY_LOW, Band.ERROR, ErrorCode.POWER_BATTERY_LOW),
    _row(Reason.BATTERY_OLD, Band.WARNING, ErrorCode.POWER_UPS_FAULT),
    _row(Reason.OVERLOADED, Band.WARNING, ErrorCode.POWER_UPS_FAULT),
    _row(Reason.DOOR_OPEN, Band.WARNING, ErrorCode.BOX_OPEN),
    _row(Reason.TOO_WARM, Band.WARNING, ErrorCode.BOX_HOT),
    _row(Reason.TOO_HOT, Band.ERROR, ErrorCode.BOX_HOT),
)

TABLE: Mapping[Reason, ReasonEntry] = MappingProxyType({row.reason: row for row in _ROWS})
"""Every reason; a test holds that none is missing."""

_RANK = {Band.OK: 0, Band.WARNING: 1, Band.UNKNOWN: 2, Band.ERROR: 3}


def severity(band: Band) -> int:
    """0 for OK up to 3 for ERROR; UNKNOWN stands above WARNING, because it does not serve."""
    return _RANK[band]


def entry(reason: Reason) -> ReasonEntry:
    """The row of a reason."""
    return TABLE[reason]


def band_of(reasons: Iterable[Reason]) -> Band:
    """The worst band among the reasons; OK when there are none."""
    return max((TABLE[reason].band for reason in reasons), key=severity, default=Band.OK)


_GENERAL = frozenset({Reason.STOPPED, Reason.OFFLINE})
"""They only say that it stands still: whatever says why stands before them."""


def worst_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Without repeats and NONE, the worst first, so that the first one is what the tile says."""
    return tuple(
        sorted(
            {reason for reason in reasons if reason is not Reason.NONE},
            key=lambda reason: (-severity(TABLE[reason].band), reason in _GENERAL, list(Reason).index(reason)),
        )
    )
