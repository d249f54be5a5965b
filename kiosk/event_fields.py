"""Which fields each log event may carry, and what a value of each may look like.

A value of another form is withheld, whatever it is: the allow-list of names alone would let a NIK through as a
``reason``. Free words go through ``scrub`` and belong to few events, none of which speaks of a visit's data.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum

from kiosk.protocol.scrub import WITHHELD, scrub

LONGEST_WORD = 200
_WORD = re.compile(r"[A-Za-z0-9_.,:()+ -]*")
_FILE = re.compile(r"[A-Za-z0-9_.-]{1,120}")
_CODE = re.compile(r"[A-Z]{2,5}-\d{2,3}|-?\d{1,5}")
_MANY_DIGITS = re.compile(r"\d{6}")
_A_NIK = re.compile(r"\d{15}")


class Form(Enum):
    """What a field's value may look like."""

    CODE = "an error code, or a program's exit code"
    NUMBER = "a whole number"
    WORD = "an enum's value, a slug, a type's name: never 6 digits in a row"
    FILE = "a file's own name, without its folder"
    WORDS = "free words, scrubbed"


def _as_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def _as_number(text: str) -> bool:
    return re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", text) is not None


def _as_word(text: str) -> bool:
    return len(text) <= LONGEST_WORD and _WORD.fullmatch(text) is not None and _MANY_DIGITS.search(text) is None


def _as_file(text: str) -> bool:
    return _FILE.fullmatch(text) is not None and _A_NIK.search(text) is None


_IS_OF: dict[Form, Callable[[str], bool]] = {
    Form.CODE: _as_code,
    Form.NUMBER: _as_number,
    Form.WORD: _as_word,
    Form.FILE: _as_file,
}

FORMS: Mapping[str, Form] = {
    "band": Form.WORD,
    "code": Form.CODE,
    "count": Form.NUMBER,
    "detail": Form.WORDS,
    "device": Form.WORD,
    "effect": Form.WORD,
    "ending": Form.WORD,
    "error": Form.WORD,
    "evidence": Form.WORD,
    "file": Form.FILE,
    "kind": Form.WORD,
    "milliseconds": Form.NUMBER,
    "name": Form.WORD,
    "reason": Form.WORD,
    "role": Form.WORD,
    "service": Form.WORD,
    "stage": Form.WORD,
    "state": Form.WORD,
    "visit_end": Form.WORD,
    "where": Form.WORD,
}
"""Every field there is."""

FREE_WORDS = frozenset(
    {
        "CORE_BLOCKED",
        "CORE_STOPPED",
        "MACHINE_LACKS",
        "FACE_TROUBLE",
        "FLOWS_REFUSED",
        "STORE_REFUSED",
        "EFFECT_FAILED",
        "DOCUMENT_REFUSED",
        "OUTBOX_POISONED",
        "NUMBERS_REFUSED",
    }
)
"""Events that may carry ``detail``: words of our own errors, of Qt, of a flow file's problem."""


def fits(event: str, fields: Mapping[str, object]) -> None:
    """Raises ValueError for a field that the event may not carry: that is a bug in the program, never an input."""
    allowed = FIELDS.get(event, frozenset())
    strange = fields.keys() - allowed
    if strange:
        raise ValueError(f"{event} may not carry {sorted(strange)}: kiosk/event_fields.py lists what it may")


def as_text(field: str, value: object) -> str:
    """The value as it is written, or what stands for a value of the wrong form."""
    text = str(value)
    form = FORMS[field]
    if form is Form.WORDS:
        return scrub(text)
    return text if _IS_OF[form](text) else WITHHELD


def _row(*fields: str) -> frozenset[str]:
    return frozenset(fields)


FIELDS: Mapping[str, frozenset[str]] = {
    "CORE_STARTED": _row(),
    "CORE_READY": _row("milliseconds"),
    "MACHINE_LACKS": _row("name", "detail"),
    "CORE_BLOCKED": _row("code", "detail"),
    "CORE_STOPPED": _row("code", "detail"),
    "FACE_CONNECTED": _row(),
    "FACE_LOST": _row(),
    "FACE_TROUBLE": _row("detail"),
    "PEER_REFUSED": _row("reason", "role"),
    "PAGE_NOT_PAINTED": _row(),
    "DEVICE_CHANGED": _row("device", "band", "reason"),
    "DEVICE_CRASHED": _row("device", "error"),
    "OFFICE_CHANGED": _row("state"),
    "POWER_CHANGED": _row("stage"),
    "SHUTDOWN_FAILED": _row("code", "error"),
    "CODE_REJECTED": _row("reason"),
    "VISIT_STARTED": _row(),
    "VISIT_ENDED": _row("visit_end"),
    "SERVICE_STARTED": _row("service"),
    "SERVICE_ENDED": _row("service", "ending"),
    "EFFECT_FAILED": _row("effect", "code", "detail"),
    "EFFECT_CRASHED": _row("effect", "error", "where"),
    "EFFECT_LATE": _row("effect"),
    "FLOWS_LOADED": _row("count"),
    "FLOWS_REFUSED": _row("count", "detail"),
    "PRINT_RECOVERED": _row("state", "ending", "evidence"),
    "PRINT_NOT_JOURNALED": _row("code", "state"),
    "PRINT_RECONCILED": _row("state"),
    "CHIP_ENDED": _row("state", "reason"),
    "DOCUMENT_REFUSED": _row("effect", "code", "detail"),
    "OUTBOX_POISONED": _row("code", "name", "count", "detail"),
    "OUTBOX_FOLDED": _row("name", "count", "reason"),
    "NUMBERS_LEASED": _row("name", "count"),
    "NUMBERS_RETURNED": _row("count"),
    "NUMBERS_REFUSED": _row("name", "code", "detail"),
    "STORE_SET_ASIDE": _row("file"),
    "STORE_REFUSED": _row("code", "detail", "name"),
    "BIOMETRIC_ASKED": _row("device", "state"),
    "BIOMETRIC_ENDED": _row("device", "state"),
    "STAFF_ENTERED": _row(),
    "STAFF_REFUSED": _row("count"),
    "HEARTBEAT_FAILED": _row("code"),
    "RETENTION_RAN": _row("count"),
    "BUG": _row("error", "where"),
}
