"""Whether a file is a store of ours and whole; where one that is not goes; and what a failure of it is called.

Only what the file itself shows counts as damage. A disk that is full, read-only or failing, a lock, or a newer program
never costs a store: then it is left as it is, and the start is refused with a code.
"""

import errno
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy.exc import DatabaseError

from kiosk.errors import ErrorCode, StoreError
from kiosk.store.schema import APPLICATION_ID, SCHEMA_VERSION

_BUSY, _LOCKED, _CORRUPT, _FULL, _NOTADB = 5, 6, 11, 13, 26
_IOERR_READ = 266
_LOGS = ("-wal", "-shm")
_READS = 3
"""So often a sector is asked that cannot be read, before the file counts as damaged."""
_PAUSE_S = 0.3

_PAGE = 4096
_LOG_HEADER = struct.Struct(">8I")
_FRAME_HEADER = struct.Struct(">6I")


def is_ours(path: Path, prepare: Callable[[Any], None], put_away: Callable[[], None] = lambda: None) -> bool:
    """Whether the file opens with the key, is whole and ours; True where there is none yet.

    ``prepare`` gives a raw connection its key and settings. If the file is damaged or not ours, ``put_away`` is called
    before it is closed: closing folds the log into a file that was not moved, and what is put away stays as it was.
    Raises StoreError for what is no damage: STORE_NEWER, STORE_HELD, STORE_FULL, STORE_UNREADABLE.
    """
    is_good = _is_whole(path, prepare, put_away)
    if not is_good and (path.exists() or _log_of(path).exists()):
        put_away()
    return is_good


def _is_whole(path: Path, prepare: Callable[[Any], None], put_away: Callable[[], None]) -> bool:
    log = _log_of(path)
    size = path.stat().st_size if path.exists() else 0
    if size < _PAGE:
        # SQLite would begin anew in it and throw the log away; a store that was never laid is empty and has none.
        return size == 0 and not (log.exists() and log.stat().st_size > 0)
    if is_log_broken(log):
        # A program that has it open may have begun the log anew while we read.
        time.sleep(_PAUSE_S)
        if is_log_broken(log):
            return False
    for attempt in range(1, _READS + 1):
        try:
            return _is_sound(path, prepare, put_away)
        except sqlcipher.DatabaseError as error:
            if _number(error) in (_CORRUPT, _NOTADB):
                return False
            if _number(error, is_whole=True) != _IOERR_READ:
                raise as_store_error(path, error) from None
            if attempt < _READS:
                time.sleep(_PAUSE_S)
    return False


def _is_sound(path: Path, prepare: Callable[[Any], None], put_away: Callable[[], None]) -> bool:
    connection: Any = raw_connection(path)
    try:
        prepare(connection)
        is_sound = _says_sound(path, connection)
        if not is_sound:
            put_away()
    except sqlcipher.DatabaseError as error:
        if _number(error) in (_CORRUPT, _NOTADB):
            put_away()
        raise
    else:
        return is_sound
    finally:
        connection.close()


def raw_connection(path: Path) -> Any:
    """Opened, nothing read yet. Transactions are begun by the store alone."""
    return sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)


def _says_sound(path: Path, connection: Any) -> bool:
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if (application, version) == (0, 0):
        # Killed before the schema was laid: an empty file of ours, or of nobody.
        return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0)
    if application != APPLICATION_ID:
        return False
    if version > SCHEMA_VERSION:
        raise StoreError(ErrorCode.STORE_NEWER, f"{path.name} was written by a newer version ({version})")
    return bool(connection.execute("PRAGMA quick_check").fetchone()[0] == "ok")


def is_log_broken(log: Path) -> bool:
    """Whether the write-ahead log is damaged in the middle, so that SQLite would silently drop commits behind it.

    A power cut can tear the last transaction alone: the one before was flushed before it began. So whole commits behind
    the first frame that does not fit, more than the one that may be torn, were durable once and are lost to damage.
    """
    try:
        data = log.read_bytes()
    except FileNotFoundError:
        return False
    if len(data) < _LOG_HEADER.size:
        return False
    magic, _, page, _, *salts, first, second = _LOG_HEADER.unpack_from(data)
    words = ">" if magic & 1 else "<"
    if magic & 0xFFFFFFFE != 0x377F0682 or _sum(data[:24], words, (0, 0)) != (first, second):
        # Without its header SQLite reads none of it.
        return len(data) > _LOG_HEADER.size
    size = _FRAME_HEADER.size + page
    sums, is_valid, commits_behind = (first, second), True, 0
    for start in range(_LOG_HEADER.size, len(data) - size + 1, size):
        _, pages, *frame_salts, first, second = _FRAME_HEADER.unpack_from(data, start)
        if is_valid:
            sums = _sum(data[start : start + 8], words, sums)
            sums = _sum(data[start + _FRAME_HEADER.size : start + size], words, sums)
            if frame_salts == salts and sums == (first, second):
                continue
            is_valid = False
        if frame_salts == salts and pages:
            commits_behind += 1
    return commits_behind > 1


def _sum(data: bytes, words: str, sums: tuple[int, int]) -> tuple[int, int]:
    """SQLite's checksum of the log, section 4.2 of its file format."""
    one, two = sums
    numbers = struct.unpack(f"{words}{len(data) // 4}I", data)
    for even, odd in zip(numbers[::2], numbers[1::2], strict=True):
        one = (one + even + two) & 0xFFFFFFFF
        two = (two + odd + one) & 0xFFFFFFFF
    return one, two


def wipe_mark(path: Path) -> Path:
    """The file beside the store that says: this machine is being wiped, and serves no more until that is done."""
    return path.with_name(path.name + ".wiping")


def refuse_wiped(path: Path) -> None:
    """Raises StoreError (STORE_WIPED) for the store of a machine whose wipe was begun."""
    if wipe_mark(path).exists():
        raise StoreError(ErrorCode.STORE_WIPED, "kiosk wipe was begun and not ended")


def put_aside(path: Path) -> Path:
    """Move the file and its log away under one name; a second loss in the same second gets a number."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    target = path.with_name(f"{path.name}.set-aside-{stamp}")
    taken = {_without_log(file) for file in path.parent.glob(f"{path.name}.set-aside-*")}
    number = 1
    while target in taken:
        number += 1
        target = path.with_name(f"{path.name}.set-aside-{stamp}-{number}")
    # The file before its log: without its log an older state would open and be believed.
    for suffix in ("", *_LOGS):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(target.with_name(target.name + suffix))
    return target


def set_aside_stores(path: Path) -> list[str]:
    """Names of the stores of this machine that were put away and still lie there, oldest first."""
    return sorted({_without_log(file).name for file in path.parent.glob(f"{path.name}.set-aside-*")})


def _without_log(file: Path) -> Path:
    return next((file.with_name(file.name.removesuffix(log)) for log in _LOGS if file.name.endswith(log)), file)


def as_store_error(path: Path, error: Exception) -> StoreError:
    """What a failure of the disk or of SQLite is called."""
    cause = error.orig if isinstance(error, DatabaseError) and error.orig is not None else error
    if isinstance(cause, OSError):
        code = ErrorCode.STORE_FULL if cause.errno in (errno.ENOSPC, errno.EDQUOT) else ErrorCode.STORE_UNREADABLE
        return StoreError(code, f"{path.name}: {cause.strerror or type(cause).__name__}")
    number = _number(cause)
    if number == _FULL:
        return StoreError(ErrorCode.STORE_FULL, "the disk is full")
    if number in (_BUSY, _LOCKED):
        return StoreError(ErrorCode.STORE_HELD, f"{path.name} is held by another program")
    name = getattr(cause, "sqlite_errorname", "") or type(cause).__name__
    return StoreError(ErrorCode.STORE_UNREADABLE, f"{path.name}: {name}")


def _number(error: BaseException, *, is_whole: bool = False) -> int:
    """SQLite's number of the failure; without its finer part unless ``is_whole``."""
    number = int(getattr(error, "sqlite_errorcode", 0) or 0)
    return number if is_whole else number & 0xFF


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
