"""``kiosk wipe --yes``: the end of a machine's life. What the office must know is delivered, then everything is erased.

First a mark is set beside the store: from then on no core starts here, and the same command goes on where a cut ended
it. The store's key goes next: then what a disk may still hold of the store is noise. The rest is overwritten where the
file system allows it, and unlinked, the mark last; ``kiosk.toml`` and the program stay.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kiosk import api
from kiosk.core.link import is_core_running
from kiosk.errors import BackendError, ErrorCode, KioskError, SettingsError, StoreError
from kiosk.settings import CREDENTIALS, Settings, load_settings, with_credentials
from kiosk.store.soundness import wipe_mark

DELIVER_S = 30.0
PAUSE_S = 0.2
CREDENTIALS_FOLDER = Path("/etc/anjungan")
"""Where ``systemd/install`` and ``kiosk enroll`` put keys, certificates and the token."""
CONFIG = CREDENTIALS_FOLDER / "kiosk.toml"
STORE_KEY = "store.key"
SEALED = ".cred"
"""Behind the name of a credential that systemd-creds sealed."""


class CoreRunsError(Exception):
    """A core holds the store: it is to be stopped first."""


class UndeliveredError(Exception):
    """The office has not heard everything; ``reason`` says why."""

    def __init__(self, waiting: int, reason: str) -> None:
        super().__init__(reason)
        self.waiting = waiting
        self.reason = reason


@dataclass
class Wiped:
    """What happened: files by their paths, messages by number."""

    delivered: int = 0
    undelivered: int = 0
    returned: int = 0
    """Queue numbers that nobody took."""
    unknown_prints: int = 0
    """Prints that no attendant answered for; they stay with the office's staff."""
    erased: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Files that could not be erased."""


def main(arguments: Sequence[str]) -> int:
    """Exit 0 when all is erased, 1 when the wipe was refused or left something, 2 for usage (also without --yes)."""
    parser = argparse.ArgumentParser(prog="kiosk wipe", description="Erase what this machine knows, for good.")
    parser.add_argument("--yes", action="store_true", help="needed: nothing brings it back")
    parser.add_argument("--config", type=Path, default=CONFIG, help=f"kiosk.toml ({CONFIG})")
    parser.add_argument(
        "--credentials", type=Path, default=CREDENTIALS_FOLDER, help=f"folder of keys ({CREDENTIALS_FOLDER})"
    )
    parser.add_argument("--undelivered", action="store_true", help="erase also what the office has not heard")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args(arguments)
    if not options.yes:
        print("kiosk wipe: erases the store, keys and credentials for good: add --yes", file=sys.stderr)
        return 2
    if not options.config.is_file():
        # Without it the keys would go, and with them what the real store has not delivered.
        print(f"kiosk wipe: no such file: {options.config}: which machine? name its --config", file=sys.stderr)
        return 2
    try:
        settings = load_settings(options.config)
        wiped = wipe(settings, options.credentials, is_forced=options.undelivered)
    except CoreRunsError:
        print("kiosk wipe: the kiosk runs: systemctl stop kiosk kiosk-core", file=sys.stderr)
        return 1
    except UndeliveredError as error:
        print(
            f"kiosk wipe: {error.waiting} messages are not delivered ({error.reason}). Nothing was erased.\n"
            "Bring the kiosk to its network and try again, or give them up with --undelivered.",
            file=sys.stderr,
        )
        return 1
    except KioskError as error:
        print(f"kiosk wipe: {error.code} {error.detail}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(asdict(wiped)))
    else:
        told = f"delivered {wiped.delivered}, given up {wiped.undelivered}, for staff {wiped.unknown_prints}"
        print(f"{told}, queue numbers given back {wiped.returned}")
        for verb, paths in (("erased", wiped.erased), ("LEFT", wiped.left)):
            for path in paths:
                print(f"{verb} {path}")
    return 1 if wiped.left else 0


def wipe(settings: Settings, credentials: Path | None = None, *, is_forced: bool = False) -> Wiped:
    """Deliver, then erase; ``credentials`` is a folder besides those that the settings name.

    Raises CoreRunsError and, unless ``is_forced``, UndeliveredError; then nothing is erased.
    """
    if is_core_running(settings.run_dir / "core.sock"):
        raise CoreRunsError
    wiped = Wiped()
    # Under systemd the file names no credentials, and without them the office knows nobody here.
    known = with_credentials(settings, credentials) if credentials is not None else settings
    mark = wipe_mark(settings.store.path)
    if settings.store.path.exists():
        _refuse_held(settings.store.path)
    # With a mark everything was delivered, or given up: the store may be noise by now.
    if settings.store.path.exists() and not mark.exists():
        try:
            _deliver(known, credentials, wiped)
        except StoreError as error:
            if not is_forced:
                raise UndeliveredError(0, f"the store cannot be read: {error.code} {error.detail}") from None
        except UndeliveredError as error:
            if not is_forced:
                raise
            wiped.undelivered = error.waiting
    _say_goodbye(known, _set_mark(mark))
    for path in _files(settings, credentials):
        if path == mark and wiped.left:
            break  # what could not be erased keeps the machine out of use, and this command going on
        try:
            erase(path)
        except OSError:
            wiped.left.append(str(path))
        else:
            wiped.erased.append(str(path))
    return wiped


def erase(path: Path) -> None:
    """Overwrite, sync, unlink, and sync the folder. On flash the old blocks may live on: hence the key goes first.

    Raises OSError.
    """
    if path.is_file() and not path.is_symlink():
        with path.open("r+b", buffering=0) as file:
            left = os.fstat(file.fileno()).st_size
            while left > 0:
                left -= file.write(bytes(min(left, 1 << 20)))
            os.fsync(file.fileno())
    path.unlink()
    _sync_folder(path.parent)


def _set_mark(mark: Path) -> int:
    """Durably, and once; when that was, in seconds since 1970. A disk that takes no file is wiped without."""
    now = int(time.time())
    try:
        descriptor = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{now}\n")
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(mark.parent)
    except FileExistsError:
        text = mark.read_text(encoding="ascii").strip()
        return int(text) if text.isdecimal() else int(mark.stat().st_mtime)
    except OSError:
        return now
    return now


def _say_goodbye(settings: Settings, at: int) -> None:
    """Tell the office, as far as it is there and this machine can still say who it is. The same words each time."""
    from kiosk.backend.client import OfficeClient

    event = api.Event(name="machine.wiped", at=datetime.fromtimestamp(at, UTC))
    try:
        office = OfficeClient(settings.office)
    except SettingsError:
        return
    with suppress(BackendError):
        office.post("event", event.model_dump_json().encode(), f"machine-wiped-{settings.kiosk.id}-{at}"[:100])
    office.close()


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _refuse_held(store: Path) -> None:
    """A core with another run directory than ours holds the store all the same. Raises CoreRunsError."""
    from kiosk.store.hold import StoreHold

    try:
        StoreHold(store).release()
    except StoreError as error:
        # A disk that takes no file says so below, where it matters.
        if error.code is ErrorCode.STORE_HELD:
            raise CoreRunsError from None


def _deliver(settings: Settings, credentials: Path | None, wiped: Wiped) -> None:
    """Settle what is open and tell the office everything. Raises StoreError and UndeliveredError."""
    from kiosk.backend.client import OfficeClient
    from kiosk.core.outbox import OutboxPump
    from kiosk.core.recovery import recover
    from kiosk.store.database import load_key, open_store
    from kiosk.store.journal import Journal
    from kiosk.store.numbers import Numbers
    from kiosk.store.outbox import OutboxStore

    key = load_key(_key_file(settings, credentials), is_production=True)
    opened = open_store(settings.store.path, key, is_owner=False)
    office = OfficeClient(settings.office)
    try:
        journal, rows = Journal(opened.store), OutboxStore(opened.store)
        # No printer is asked any more: what may have moved paper is unknown, and staff looks.
        recover(journal, {}, threading.Event(), patience_s=0.0)
        wiped.unknown_prints = len(journal.unknown_prints())
        wiped.returned = Numbers(opened.store, rows).hand_back(time.time())
        before = rows.size()
        rows.make_due(time.time())
        pump = OutboxPump(rows, office)
        end = time.monotonic() + DELIVER_S
        while rows.size() and time.monotonic() < end:
            pump.deliver_due()
            rows.make_due(time.time())
            if rows.size():
                time.sleep(PAUSE_S)
        wiped.delivered = before - rows.size()
        waiting, refused = rows.size(), len(rows.set_aside_rows())
    finally:
        office.close()
        opened.store.close()
    if waiting or refused:
        reason = f"{waiting} not reached, {refused} refused"
        raise UndeliveredError(waiting + refused, reason)


def _key_file(settings: Settings, credentials: Path | None) -> Path | None:
    if settings.store.key_file is None and credentials is not None:
        return credentials / STORE_KEY
    return settings.store.key_file


def _files(settings: Settings, credentials: Path | None) -> Iterator[Path]:
    """Everything of the machine's life that lies on the disk: the store's key first, the mark of the wipe last."""
    named = [settings.store.key_file, *(getattr(settings.office, key) for key in CREDENTIALS)]
    folders = {path.parent for path in named if path is not None}
    if credentials is not None:
        folders.add(credentials)
    names = [STORE_KEY, *CREDENTIALS.values()]
    known = [folder / f"{name}{ending}" for name in names for folder in sorted(folders) for ending in ("", SEALED)]
    half_made = [path for folder in sorted(folders) for name in names for path in folder.glob(f".{name}*")]
    store = settings.store.path
    of_store: list[Path] = []
    with suppress(OSError):
        of_store = sorted(path for path in store.parent.iterdir() if path.name.startswith(store.name))
    mark = wipe_mark(store)
    rest = [*known, *named, *half_made, *(path for path in of_store if path != mark)]
    seen: set[Path] = set()
    for path in [settings.store.key_file, *rest, settings.run_dir / "core.sock", mark]:
        if path is not None and path not in seen and (path.is_symlink() or path.exists()):
            seen.add(path)
            yield path
