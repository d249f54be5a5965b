"""The catalogue of log events: the one way the kiosk writes a log.

Each event has a stable name, a level and the fields it may carry (``kiosk.event_fields``); a field that is not in the
list is refused and a value of another form withheld, so that no name, NIK, UID, token or document can slip into a log.
Lines are JSON on standard error, for the journal.
"""

import json
import logging
import sys
import time
from enum import Enum

from kiosk.event_fields import as_text, fits


class LogEvent(Enum):
    """name = (level, what it means)."""

    CORE_STARTED = (logging.INFO, "the core listens for the face")
    CORE_READY = (logging.INFO, "devices, store and office client are up; visits may begin")
    MACHINE_LACKS = (logging.WARNING, "the self-check at the start found something missing")
    CORE_BLOCKED = (logging.ERROR, "the core cannot serve; the screen says why")
    CORE_STOPPED = (logging.INFO, "an orderly end")
    FACE_CONNECTED = (logging.INFO, "a face shows the current page")
    FACE_LOST = (logging.INFO, "the face's connection ended")
    FACE_TROUBLE = (logging.WARNING, "Qt or QML complained")
    PEER_REFUSED = (logging.WARNING, "a connection was refused: role, version or user")
    PAGE_NOT_PAINTED = (logging.INFO, "the face did not paint in time; the step goes on")
    DEVICE_CHANGED = (logging.INFO, "a device's band or reason changed")
    DEVICE_CRASHED = (logging.ERROR, "a device's watch raised what it should not: a bug; it goes on")
    OFFICE_CHANGED = (logging.INFO, "the office came or went")
    POWER_CHANGED = (logging.INFO, "the mains went or came back, and what the machine does about it")
    SHUTDOWN_FAILED = (logging.ERROR, "the command that switches the machine off did not work")
    CODE_REJECTED = (logging.INFO, "a scanned code was refused; why, and nothing of what stood in it")
    VISIT_STARTED = (logging.INFO, "somebody touched the screen")
    VISIT_ENDED = (logging.INFO, "the visit was wiped")
    SERVICE_STARTED = (logging.INFO, "a service was chosen")
    SERVICE_ENDED = (logging.INFO, "a service ended")
    EFFECT_FAILED = (logging.INFO, "an effect ended with a code")
    EFFECT_CRASHED = (logging.ERROR, "an effect raised what it should not: a bug")
    EFFECT_LATE = (logging.WARNING, "an effect did not end by its deadline; its outcome will be dropped")
    FLOWS_LOADED = (logging.INFO, "a set of flows is in force")
    FLOWS_REFUSED = (logging.WARNING, "a changed folder of flows was refused whole; the old set stays")
    PRINT_RECOVERED = (logging.INFO, "a print that a crash left open was looked up")
    PRINT_NOT_JOURNALED = (logging.ERROR, "the store refused a step of a print; it is kept in memory and tried again")
    PRINT_RECONCILED = (logging.INFO, "staff said what became of a print that had ended unknown")
    CHIP_ENDED = (logging.INFO, "an encoder answered an order for a blank's chip")
    DOCUMENT_REFUSED = (logging.INFO, "a document was not printed: its signature or form is wrong")
    OUTBOX_POISONED = (logging.WARNING, "the office refuses a message for good; it is set aside")
    OUTBOX_FOLDED = (logging.WARNING, "messages of low value waited too long: only their number is kept and told")
    NUMBERS_LEASED = (logging.INFO, "the office leased queue numbers to this kiosk")
    NUMBERS_RETURNED = (logging.INFO, "queue numbers that nobody took go back to the office")
    NUMBERS_REFUSED = (logging.WARNING, "leased queue numbers can't be had, or can't be right; none of them is given")
    STORE_SET_ASIDE = (logging.ERROR, "the store could not be read and was set aside")
    STORE_REFUSED = (logging.ERROR, "the store takes no write; the machine is out of order until it does")
    BIOMETRIC_ASKED = (logging.INFO, "somebody was asked whether a face or finger may be compared; state is the answer")
    BIOMETRIC_ENDED = (logging.INFO, "a comparison ended; nothing of it was kept")
    STAFF_ENTERED = (logging.INFO, "the technician's door was opened")
    STAFF_REFUSED = (logging.INFO, "a wrong staff code")
    HEARTBEAT_FAILED = (logging.INFO, "a heartbeat did not reach the office")
    RETENTION_RAN = (logging.INFO, "old prints that the office knows of were erased")
    BUG = (logging.ERROR, "an exception that nobody expected; the visit was ended truthfully")


_logger = logging.getLogger("kiosk")


def log(event: LogEvent, **fields: object) -> None:
    """Write one line. Raises ValueError for a field outside the event's list: that is a bug, not an input."""
    fits(event.name, fields)
    level, _ = event.value
    if _logger.isEnabledFor(level):
        texts = {key: as_text(key, value) for key, value in fields.items()}
        _logger.log(level, event.name, extra={"kiosk_fields": texts})


def place_of(error: BaseException) -> str:
    """File and line where it was raised: the message could hold what a citizen typed, the place can't."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


class JsonFormatter(logging.Formatter):
    """One JSON object a line; the message of foreign libraries is cut to their logger's name and level."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {"at": round(record.created, 3), "level": record.levelname.lower()}
        if record.name == "kiosk":
            entry["event"] = record.getMessage()
            entry.update(getattr(record, "kiosk_fields", {}))
        else:
            entry["event"] = "LIBRARY"
            entry["name"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            entry["exception"] = type(record.exc_info[1]).__name__
            entry["where"] = place_of(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False)


def set_up_logging(level: int = logging.INFO) -> None:
    """JSON lines on standard error, UTC times, warnings of libraries by name only."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = JsonFormatter()
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _logger.setLevel(level)
