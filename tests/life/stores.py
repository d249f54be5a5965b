"""A life's store while its kiosk stands still: opened with its key, copied, taken back to the release before."""

import shutil
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from tests.life.machine import Life
from tests.life.older import OLDER


def raw(life: Life) -> sqlcipher.Connection:
    connection = sqlcipher.connect(str(life.state / "kiosk.db"), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{(life.etc / 'store.key').read_text().strip()}'\"")
    return connection


def to_the_release_before(life: Life) -> None:
    """The store as the program before revision 0002 leaves it: the same but for one table."""
    store = raw(life)
    store.execute("DROP TABLE leases")
    store.execute("UPDATE alembic_version SET version_num = '0001'")
    store.execute(f"PRAGMA user_version = {OLDER}")
    store.close()


def revision(life: Life) -> tuple[int, str]:
    store = raw(life)
    try:
        version = store.execute("PRAGMA user_version").fetchone()[0]
        return version, store.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    finally:
        store.close()


def copy_of(life: Life, name: str) -> Path:
    """A technician's copy of the store of a kiosk that stands still."""
    folder = life.root / name
    folder.mkdir()
    for file in life.state.glob("kiosk.db*"):
        if "set-aside" not in file.name:
            shutil.copy(file, folder)
    return folder
