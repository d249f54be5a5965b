"""Stable error codes and the exceptions that carry them.

A code stands small on the screen, on the slip, in the log and in the handbook (``docs/errors.md``). It never changes
its meaning and is never reused. What a citizen reads and what a technician does for each code are texts:
``error.<CODE>.what``, ``error.<CODE>.do`` and ``error.<CODE>.staff`` in ``assets/texts``.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every failure that the kiosk can show or log."""

    OFFICE_OFFLINE = "OFF-01"
    OFFICE_SLOW = "OFF-02"
    OFFICE_REFUSED = "OFF-03"
    OFFICE_BAD_ANSWER = "OFF-04"
    OFFICE_UNTRUSTED = "OFF-05"
    OFFICE_FAULT = "OFF-06"
    OFFICE_TOO_LARGE = "OFF-07"
    OFFICE_VISIT_EXPIRED = "OFF-08"
    DOCUMENT_TAKEN = "OFF-09"
    OFFICE_THROTTLED = "OFF-10"

    PROOF_WRONG = "IDN-01"
    PROOF_LOCKED = "IDN-02"
    NIK_LENGTH = "IDN-03"
    NIK_DIGITS = "IDN-04"
    NIK_DATE = "IDN-05"
    NIK_REGION = "IDN-06"
    NIK_SERIAL = "IDN-07"
    PIN_LENGTH = "IDN-08"
    CODE_UNREADABLE = "IDN-09"
    CODE_REFUSED = "IDN-10"
    BIOMETRIC_UNSURE = "IDN-11"

    BIOMETRIC_AWAY = "BIO-01"

    CARD_READER_AWAY = "CRD-01"
    CARD_MUTE = "CRD-02"
    CARD_FOREIGN = "CRD-03"
    CARD_SEVERAL = "CRD-04"
    CARD_PULLED = "CRD-05"
    CARD_SWAPPED = "CRD-06"
    CARD_SLOW = "CRD-07"
    CARD_UNKNOWN = "CRD-08"
    CARD_SERVICE_AWAY = "CRD-09"
    CARD_READER_FORBIDDEN = "CRD-10"
    CARD_READER_HELD = "CRD-11"
    CARD_READER_SILENT = "CRD-12"

    SIGNATURE_MISSING = "DOC-01"
    SIGNATURE_BROKEN = "DOC-02"
    SIGNER_UNTRUSTED = "DOC-03"
    DOCUMENT_UNREADABLE = "DOC-04"
    DOCUMENT_CHANGED_AFTER_SIGNING = "DOC-05"
    DOCUMENT_WRONG_SIZE = "DOC-06"

    PRINTER_AWAY = "PRN-01"
    PRINTER_REFUSED = "PRN-02"
    PRINTER_STOPPED = "PRN-03"
    PRINT_FAILED = "PRN-04"
    PRINT_UNKNOWN = "PRN-05"
    PRINTER_BUSY = "PRN-06"
    PAPER_OUT = "PRN-07"
    PAPER_JAM = "PRN-08"
    PRINTER_COVER_OPEN = "PRN-09"
    PRINTER_TONER_EMPTY = "PRN-10"
    PRINT_TIMED_OUT = "PRN-11"
    CARDS_OUT = "PRN-12"
    RIBBON_OUT = "PRN-13"
    REJECT_TRAY_FULL = "PRN-14"
    BLANKS_UNCHECKED = "PRN-15"
    CHIP_NOT_ENCODED = "PRN-16"
    PRINT_SENT_ONLY = "PRN-17"

    SLIP_PRINTER_AWAY = "SLP-01"
    SLIP_PRINTER_SILENT = "SLP-02"
    SLIP_PAPER_OUT = "SLP-03"
    SLIP_PRINTER_COVER_OPEN = "SLP-04"
    SLIP_PRINTER_FAULT = "SLP-05"

    SCANNER_AWAY = "SCN-01"
    KEYPAD_AWAY = "KEY-01"
    AUDIO_AWAY = "AUD-01"
    POWER_UNWATCHED = "PWR-01"
    POWER_ON_BATTERY = "PWR-02"
    POWER_BATTERY_LOW = "PWR-03"
    POWER_UPS_FAULT = "PWR-04"
    BOX_UNWATCHED = "BOX-01"
    BOX_OPEN = "BOX-02"
    BOX_HOT = "BOX-03"

    STORE_UNREADABLE = "STO-01"
    STORE_FULL = "STO-02"
    STORE_UNENCRYPTED = "STO-03"
    STORE_NEWER = "STO-04"
    STORE_OLD_SQLITE = "STO-05"
    STORE_HELD = "STO-06"
    STORE_WIPED = "STO-07"

    NUMBERS_OUT = "NUM-01"

    FLOW_BROKEN = "FLW-01"
    SETTINGS_BROKEN = "CFG-01"
    CORE_RESTARTED = "SYS-01"
    VISIT_TOO_LONG = "SYS-02"
    VISIT_ABANDONED = "SYS-03"
    INTERNAL = "SYS-99"


class KioskError(Exception):
    """A failure with a stable code. ``detail`` is for the technician and never holds personal data."""

    def __init__(self, code: ErrorCode, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail


class DeviceError(KioskError):
    """A device could not do what was asked of it."""


class BackendError(KioskError):
    """The office did not answer, refused, or answered what cannot be used."""


class DocumentError(KioskError):
    """A document may not be printed."""


class StoreError(KioskError):
    """The kiosk's own store cannot be used."""


class SettingsError(KioskError):
    """``kiosk.toml`` or the command line is wrong."""
