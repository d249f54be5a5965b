"""Alembic, driven by the program: no ``alembic.ini``, no ``env.py``. Imported only when a migration is due.

Loading Alembic takes about as long as SQLAlchemy itself; a start without a migration never pays for it.
"""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from kiosk.errors import ErrorCode, StoreError

VERSIONS = Path(__file__).with_name("versions")


def migrate(connection: Connection, *, versions: Path = VERSIONS, to: str = "head") -> str:
    """Carry out every revision that is missing, within the caller's transaction; the revision that then stands there.

    The caller commits: a power cut before leaves the old schema, whole. Raises StoreError (STORE_NEWER) when the store
    names a revision that this program does not have.
    """
    scripts = _scripts(versions)

    def due(revision: object, _context: MigrationContext) -> object:
        return scripts._upgrade_revs(to, revision)  # type: ignore[arg-type]  # as ``alembic.command.upgrade`` does

    # SQLite undoes what changed tables like all else; Alembic would not count on it.
    context = MigrationContext.configure(connection, opts={"fn": due, "transactional_ddl": True})
    try:
        with Operations.context(context):
            context.run_migrations()
    except CommandError as error:
        raise StoreError(ErrorCode.STORE_NEWER, str(error)[:100]) from None
    return context.get_current_revision() or ""


def newest(versions: Path = VERSIONS) -> str:
    """The newest revision of this program."""
    return _scripts(versions).get_current_head() or ""


def _scripts(versions: Path) -> ScriptDirectory:
    return ScriptDirectory(VERSIONS.parent, version_locations=[versions])
