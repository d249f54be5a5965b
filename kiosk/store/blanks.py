"""Blank cards by their serials: what lies in the feeder, which print took which, and how each one ended.

A blank has one row for ever, ``blank/<serial>`` in the table of small things: its key is what keeps two prints from one
serial. The feeder is a list of lots, taken from the front: a range that the technician entered, or blanks scanned one
by one. Where nobody can say whether a card left the feeder the stock is *unchecked*: no print takes a blank until a
technician has looked at the next serial, because a wrong count would put a wrong serial on every card after it.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.sqlite import insert

from kiosk import api
from kiosk.errors import DeviceError, ErrorCode
from kiosk.store import audit
from kiosk.store.database import Store
from kiosk.store.prepared import Prepared
from kiosk.store.prints import Verdict
from kiosk.store.schema import state

MOST = 10_000
"""So many blanks at most in one range: more is a slip of the finger."""

_VALUE = Prepared(select(state.c.value).where(state.c.key == bindparam("of_key")))

_SERIAL = re.compile(r"([A-Z0-9]{0,12}?)([0-9]{1,12})")
_ROW, _OF_PRINT, _LOTS, _UNCHECKED, _COUNTS = "blank/", "blank-of/", "blanks/lots", "blanks/unchecked", "blanks/counts"

_NOTHING_FED = frozenset(
    ("cards-empty", "ribbon-empty", "output-full", "reject-full", "cover-open", "paused", "offline", "spool-full")
)
"""Reasons with which a card printer stands before it feeds: with no side counted the blank is still in the feeder."""


class BlankError(ValueError):
    """What was entered can't be: no serial, too many, or one that was there before. Says which."""


class BlankFate(StrEnum):
    """Where a blank ended. RETURNED has no row: it lies in the feeder as before."""

    TAKEN = "taken"
    USED = "used"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class BlankLot:
    """``count`` blanks whose serials rise by one from ``first``."""

    first: str
    count: int

    @property
    def last(self) -> str:
        return serial_after(self.first, self.count - 1)


@dataclass(frozen=True, slots=True)
class Stock:
    """What the kiosk knows of its blanks. The counts are since the store was made."""

    lots: tuple[BlankLot, ...]
    is_unchecked: bool
    used: int
    damaged: int
    unknown: int

    @property
    def left(self) -> int:
        return sum(lot.count for lot in self.lots)

    @property
    def next(self) -> str:
        """The serial of the next blank; empty when there is none."""
        return self.lots[0].first if self.lots else ""


def cleaned_serial(text: str) -> str:
    """A serial as it is kept: capitals and digits. Raises BlankError."""
    serial = re.sub(r"[\s.-]", "", text).upper()
    if not serial.isascii() or _SERIAL.fullmatch(serial) is None:
        raise BlankError(f"no serial of a blank: {text[:40]!r}")
    return serial


def serial_after(serial: str, steps: int) -> str:
    """The serial so many steps on, of the same length. Raises BlankError where its digits don't suffice."""
    match = _SERIAL.fullmatch(serial)
    if match is None:
        raise BlankError(f"no serial of a blank: {serial[:40]!r}")
    head, digits = match[1], match[2]
    # All digits at the end count: the pattern takes as few letters and digits before them as it can.
    following = str(int(digits) + steps).zfill(len(digits))
    if len(following) != len(digits):
        raise BlankError(f"{serial} has too few digits for {steps + 1} blanks")
    return head + following


class Blanks:
    """The stock on the disk. Thread-safe by the store; every method is one durable transaction. Raises StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def stock(self) -> Stock:
        with self._store.transaction() as connection:
            return _stock(connection)

    def load(self, first: str, count: int, at: datetime, *, is_replacing: bool = False) -> Stock:
        """Put blanks behind those that are there, or in their place. Raises BlankError; then nothing has changed.

        Replacing says what really lies in the feeder, so it also clears ``is_unchecked``.
        """
        serial = cleaned_serial(first)
        if not 1 <= count <= MOST:
            raise BlankError(f"{count} blanks: 1 to {MOST} can be")
        lot = BlankLot(serial, count)
        last = lot.last
        with self._store.transaction() as connection:
            lots = [] if is_replacing else _lots(connection)
            if any(_overlap(lot, other) for other in lots):
                raise BlankError(f"{serial} to {last}: some of these are loaded already")
            _refuse_known(connection, lot)
            _set(connection, _LOTS, [[one.first, one.count] for one in [*lots, lot]])
            if is_replacing:
                _remove(connection, _UNCHECKED)
            event = "blanks.set" if is_replacing else "blanks.loaded"
            audit.append(connection, at.timestamp(), event, {"first": serial, "count": count})
            return _stock(connection)

    def confirm(self, at: datetime) -> Stock:
        """A technician has looked: the next serial is right."""
        with self._store.transaction() as connection:
            _remove(connection, _UNCHECKED)
            audit.append(connection, at.timestamp(), "blanks.confirmed", {"next": _stock(connection).next})
            return _stock(connection)

    def skip(self, at: datetime) -> Stock:
        """The next blank is gone or spoiled: it is counted as damaged, and the one behind it is the next."""
        with self._store.transaction() as connection:
            serial = _take_first(connection)
            if serial:
                _write(connection, serial, BlankFate.DAMAGED, "")
                _count(connection, BlankFate.DAMAGED, 1)
                audit.append(connection, at.timestamp(), "blank.skipped", {"serial": serial})
            return _stock(connection)

    def take(self, print_id: str, at: datetime, read: str | None = None) -> str:
        """The serial for one print, before its job is made: the next one, or the one that was ``read`` off the blank.

        Raises DeviceError: CARDS_OUT without a recorded blank, BLANKS_UNCHECKED while the stock is, or when the serial
        that was read belongs to another print.
        """
        with self._store.transaction() as connection:
            if read is None and _get(connection, _UNCHECKED):
                raise DeviceError(ErrorCode.BLANKS_UNCHECKED)
            if read is not None and _get(connection, _ROW + read) is not None:
                raise DeviceError(ErrorCode.BLANKS_UNCHECKED, "the serial that was read is another print's")
            serial = read or _take_first(connection)
            if not serial:
                raise DeviceError(ErrorCode.CARDS_OUT, "no recorded blank is left")
            if read is not None:
                _remove(connection, _UNCHECKED)
                _drop_loaded(connection, read)
            _write(connection, serial, BlankFate.TAKEN, print_id)
            _set(connection, _OF_PRINT + print_id, serial)
            audit.append(connection, at.timestamp(), "blank.taken", {"print": print_id, "serial": serial})
        return serial

    def mark_written(self, print_id: str, *, is_written: bool) -> None:
        """Before an encoder writes a chip, and again when it says that it left the chip as it was."""
        with self._store.transaction() as connection:
            serial = _get(connection, _OF_PRINT + print_id)
            _set(connection, _ROW + serial, {"end": BlankFate.TAKEN, "print": print_id, "written": is_written})

    def serial_of(self, print_id: str) -> str | None:
        """The blank that a print took and did not give back."""
        with self._store.transaction() as connection:
            found = _get(connection, _OF_PRINT + print_id)
        return None if found is None else str(found)

    def fate_of(self, serial: str) -> BlankFate | None:
        """How a blank ended; None for one that lies in the feeder or never was here."""
        with self._store.transaction() as connection:
            row = _get(connection, _ROW + serial)
        return None if row is None else BlankFate(row["end"])


def close_blank(
    connection: Connection, print_id: str, verdict: Verdict, at: datetime, *, has_moved: bool, is_test: bool
) -> api.Blank | None:
    """Within the settlement's transaction: what became of the print's blank, or None when none was used up."""
    serial = _get(connection, _OF_PRINT + print_id)
    if serial is None:
        return None
    fate, is_certain = _fate(verdict, has_moved=has_moved, is_test=is_test)
    if fate is BlankFate.RETURNED and _get(connection, _ROW + serial).get("written"):
        # The chip may hold somebody by now: it never goes to another person.
        fate = BlankFate.DAMAGED
    if fate is BlankFate.RETURNED:
        _remove(connection, _ROW + serial)
        _remove(connection, _OF_PRINT + print_id)
        _give_back(connection, serial)
    else:
        _write(connection, serial, fate, print_id)
        _count(connection, fate, 1)
    if not is_certain:
        _set(connection, _UNCHECKED, value=True)
    audit.append(connection, at.timestamp(), "blank.ended", {"print": print_id, "serial": serial, "end": fate})
    return None if fate is BlankFate.RETURNED else api.Blank(serial=serial, end=api.BlankEnd(fate))


def reconcile_blank(connection: Connection, print_id: str, end: api.PrintEnd) -> api.Blank | None:
    """Within an attendant's word on an unknown print: a card that did not come out well is a damaged blank."""
    serial = _get(connection, _OF_PRINT + print_id)
    if serial is None:
        return None
    fate = BlankFate.USED if end is api.PrintEnd.PRINTED else BlankFate.DAMAGED
    _write(connection, serial, fate, print_id)
    _count(connection, BlankFate.UNKNOWN, -1)
    _count(connection, fate, 1)
    return api.Blank(serial=serial, end=api.BlankEnd(fate))


def _fate(verdict: Verdict, *, has_moved: bool, is_test: bool) -> tuple[BlankFate, bool]:
    """Where the blank is now, and whether that is certain."""
    if not has_moved:
        return BlankFate.RETURNED, True
    if verdict.end is api.PrintEnd.PRINTED:
        return (BlankFate.DAMAGED if is_test else BlankFate.USED), True
    if verdict.end is api.PrintEnd.UNKNOWN:
        return BlankFate.UNKNOWN, False
    if verdict.pages_out:
        return BlankFate.DAMAGED, True
    if verdict.reason in _NOTHING_FED:
        return BlankFate.RETURNED, True
    return BlankFate.DAMAGED, False


# --- rows


def _stock(connection: Connection) -> Stock:
    counts = _get(connection, _COUNTS) or {}
    return Stock(
        tuple(_lots(connection)),
        bool(_get(connection, _UNCHECKED)),
        *(int(counts.get(fate, 0)) for fate in (BlankFate.USED, BlankFate.DAMAGED, BlankFate.UNKNOWN)),
    )


def _lots(connection: Connection) -> list[BlankLot]:
    return [BlankLot(first, count) for first, count in _get(connection, _LOTS) or []]


def _take_first(connection: Connection) -> str:
    lots = _lots(connection)
    if not lots:
        return ""
    serial, rest = lots[0].first, lots[1:]
    if lots[0].count > 1:
        rest = [BlankLot(serial_after(serial, 1), lots[0].count - 1), *rest]
    _set(connection, _LOTS, [[lot.first, lot.count] for lot in rest])
    return serial


def _drop_loaded(connection: Connection, serial: str) -> None:
    """Take a serial out of the lots, wherever it stands in them."""
    rest: list[BlankLot] = []
    for lot in _lots(connection):
        if not _overlap(BlankLot(serial, 1), lot):
            rest.append(lot)
            continue
        before = next(n for n in range(lot.count) if serial_after(lot.first, n) == serial)
        if before:
            rest.append(BlankLot(lot.first, before))
        if before + 1 < lot.count:
            rest.append(BlankLot(serial_after(serial, 1), lot.count - before - 1))
    _set(connection, _LOTS, [[lot.first, lot.count] for lot in rest])


def _give_back(connection: Connection, serial: str) -> None:
    lots = _lots(connection)
    if lots and len(serial) == len(lots[0].first) and _is_next(serial, lots[0].first):
        lots = [BlankLot(serial, lots[0].count + 1), *lots[1:]]
    else:
        lots = [BlankLot(serial, 1), *lots]
    _set(connection, _LOTS, [[lot.first, lot.count] for lot in lots])


def _is_next(serial: str, following: str) -> bool:
    try:
        return serial_after(serial, 1) == following
    except BlankError:
        return False


def _overlap(lot: BlankLot, other: BlankLot) -> bool:
    # Serials of one length and one head sort as they count.
    return len(lot.first) == len(other.first) and lot.first <= other.last and other.first <= lot.last


def _refuse_known(connection: Connection, lot: BlankLot) -> None:
    between = (state.c.key >= _ROW + lot.first) & (state.c.key <= _ROW + lot.last)
    for key in connection.execute(select(state.c.key).where(between).order_by(state.c.key)).scalars():
        if len(key) == len(_ROW + lot.first):
            raise BlankError(f"{key.removeprefix(_ROW)} was taken before")


def _write(connection: Connection, serial: str, fate: BlankFate, print_id: str) -> None:
    value = json.dumps({"end": fate, "print": print_id})
    if fate is BlankFate.TAKEN:
        # No upsert: the key itself refuses a second print of one serial.
        connection.execute(plain_insert(state).values(key=_ROW + serial, value=value))
    else:
        _set(connection, _ROW + serial, {"end": fate, "print": print_id})


def _count(connection: Connection, fate: BlankFate, amount: int) -> None:
    counts: dict[str, int] = _get(connection, _COUNTS) or {}
    counts[fate] = counts.get(fate, 0) + amount
    _set(connection, _COUNTS, counts)


def _get(connection: Connection, key: str) -> Any:
    text = _VALUE(connection, of_key=key).scalar_one_or_none()
    return None if text is None else json.loads(text)


def _set(connection: Connection, key: str, value: Any) -> None:
    text = json.dumps(value)
    row = insert(state).values(key=key, value=text)
    connection.execute(row.on_conflict_do_update(index_elements=[state.c.key], set_={"value": text}))


def _remove(connection: Connection, key: str) -> None:
    connection.execute(delete(state).where(state.c.key == key))
