"""Where a person's data could lie after a visit: files, the opened store, the office's record of the machine, /proc."""

import json
import shutil
import tempfile
from pathlib import Path

import sqlcipher3.dbapi2

from kiosk.event_fields import FIELDS, as_text
from tests.privacy.canary import Person, in_bytes


def files(folder: Path, person: Person, *, but: tuple[str, ...] = ()) -> tuple[list[str], int]:
    """What was found, as ``file: canary``, and how many files were read."""
    found: list[str] = []
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in but:
            count += 1
            found += [f"{path.name}: {one}" for one in in_bytes(person, path.read_bytes())]
    return found, count


def opened_store(store: Path, key: str, person: Person) -> tuple[list[str], int]:
    """The same for every cell of every table of the decrypted store, WAL included; and the cells looked at."""
    found: list[str] = []
    cells = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        for suffix in ("", "-wal"):
            part = store.with_name(store.name + suffix)
            if part.exists():
                shutil.copy(part, copy.with_name(copy.name + suffix))
        database = sqlcipher3.dbapi2.connect(str(copy))
        database.execute(f"PRAGMA key = \"x'{key}'\"")
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    cells += 1
                    data = cell if isinstance(cell, bytes) else str(cell).encode()
                    found += [f"{table}: {one}" for one in in_bytes(person, data)]
        database.close()
    return found, cells


def told_to_office(data: Path, person: Person) -> tuple[list[str], int]:
    """Bodies of heartbeats, ratings and events, keys and audit entries, as the office keeps them of this kiosk."""
    database = sqlcipher3.dbapi2.connect(str(data / "office.db"))
    found: list[str] = []
    cells = 0
    for table in ("message", "heartbeat", "key_use", "checkpoint", "alarm"):
        for row in database.execute(f"SELECT * FROM {table}"):
            for cell in row:
                cells += 1
                found += [f"office {table}: {one}" for one in in_bytes(person, str(cell).encode())]
    database.close()
    return found, cells


def process(pid: int, person: Person) -> list[str]:
    """Its command line and environment."""
    found: list[str] = []
    for name in ("cmdline", "environ", "comm", "status"):
        found += [f"{name}: {one}" for one in in_bytes(person, Path(f"/proc/{pid}/{name}").read_bytes())]
    return found


def log_lines(log: Path) -> list[str]:
    """What in the log is not as its event may be; nothing where all is well."""
    wrong: list[str] = []
    for line in log.read_text(encoding="utf-8").splitlines():
        if not line.startswith("{"):
            wrong.append(line)
            continue
        entry = json.loads(line)
        event = entry.pop("event")
        fields = {key: value for key, value in entry.items() if key not in ("at", "level")}
        if event == "LIBRARY":
            continue
        if fields.keys() - FIELDS.get(event, frozenset()) or any(as_text(k, v) != v for k, v in fields.items()):
            wrong.append(line)
    return wrong
