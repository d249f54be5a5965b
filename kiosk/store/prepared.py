"""Statements of the hot path, compiled once.

For so small rows SQLAlchemy spends longer on handling a statement than SQLite on running it; the tables and the
spelling still come from the schema alone.
"""

from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Delete, Insert, Select, Table, Update, bindparam, insert, update
from sqlalchemy.dialects import sqlite

_DIALECT = sqlite.dialect(paramstyle="named")


class Prepared:
    """A statement whose parameters are given by name at each call."""

    def __init__(
        self, statement: Select[Any] | Insert | Update | Delete, columns: tuple[str, ...] | None = None
    ) -> None:
        self._text = str(statement.compile(dialect=_DIALECT, column_keys=columns))

    def __call__(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        return connection.exec_driver_sql(self._text, values)


class PreparedWrite:
    """A statement that answers nothing, straight to the driver. Raises the driver's own errors."""

    def __init__(self, statement: Insert | Update, columns: tuple[str, ...]) -> None:
        self._text = str(statement.compile(dialect=_DIALECT, column_keys=columns))

    def __call__(self, connection: Connection, **values: Any) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.execute(self._text, values)


@cache
def prepared_insert(table: Table, columns: tuple[str, ...]) -> PreparedWrite:
    """An insert of these columns."""
    return PreparedWrite(insert(table), columns)


@cache
def prepared_update(table: Table, key: str, columns: tuple[str, ...]) -> PreparedWrite:
    """An update of these columns in the row whose column ``key`` has the value ``of_key``."""
    return PreparedWrite(update(table).where(table.c[key] == bindparam("of_key")), columns)
