"""What ``test_migrations`` has done in a process of its own: a later program opens the store of this one."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from kiosk.store import audit, database, soundness
from kiosk.store.migrations import run
from kiosk.store.schema import SCHEMA_VERSION

LATER = 9003
VERSIONS = Path(__file__).with_name("later_versions")


def open_later(path: str, key: str) -> dict[str, Any]:
    """As ``LATER``: the revisions of this program, and two more."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    for source in (run.VERSIONS, VERSIONS):
        for file in source.glob("r*.py"):
            shutil.copy(file, folder)
    if SCHEMA_VERSION > 1:
        # The first of the later ones follows the last of ours.
        later = folder / "r9002_added.py"
        later.write_text(later.read_text().replace('"0001"', f'"{SCHEMA_VERSION:04}"'))
    given = run.migrate.__kwdefaults__
    run.migrate.__kwdefaults__ = {**given, "versions": folder}
    database.SCHEMA_VERSION = soundness.SCHEMA_VERSION = LATER  # type: ignore[attr-defined,misc]
    try:
        return look(path, key)
    finally:
        run.migrate.__kwdefaults__ = given
        database.SCHEMA_VERSION = soundness.SCHEMA_VERSION = SCHEMA_VERSION  # type: ignore[attr-defined,misc]
        shutil.rmtree(folder)


def look(path: str, key: str) -> dict[str, Any]:
    """Open it and say what stands there."""
    opened = database.open_store(Path(path), key)
    try:
        broken = audit.verify(opened.store)
        with opened.store.transaction() as connection:
            say = connection.exec_driver_sql
            pages = "sheets" if any(row[1] == "sheets" for row in say("PRAGMA table_info(prints)")) else "pages"
            return {
                "set_aside": opened.set_aside is not None,
                "version": say("PRAGMA user_version").scalar_one(),
                "revision": say("SELECT version_num FROM alembic_version").scalar_one(),
                "prints": [list(row) for row in say(f"SELECT print_id, {pages} FROM prints ORDER BY print_id")],
                "outbox": [list(row) for row in say("SELECT key, print_id FROM outbox ORDER BY id")],
                "foreign_keys": say("PRAGMA foreign_keys").scalar_one(),
                "broken_reference": say("PRAGMA foreign_key_check").first() is not None,
                "left_over": [row[0] for row in say("SELECT name FROM sqlite_master WHERE name LIKE '_alembic%'")],
                "broken_link": broken,
            }
    finally:
        opened.store.close()


def look_either(path: str, key: str) -> dict[str, Any]:
    """At which of the two it stands after a kill, and what the later program then makes of it."""
    # Not to be closed with a checkpoint of ours before the later program came to it.
    copy = Path(tempfile.mkdtemp(dir="/dev/shm"))
    for file in Path(path).parent.glob("kiosk.db*"):
        shutil.copy(file, copy)
    store = database.Store(copy / "kiosk.db", key)
    with store.transaction() as connection:
        found: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    store.close()
    shutil.rmtree(copy)
    return {**open_later(path, key), "found_at": found}
